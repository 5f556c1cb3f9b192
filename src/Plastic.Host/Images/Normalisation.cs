namespace Plastic.Host;

/// <summary>What images are normalised by: (byte/255 − Mean)/Deviation, for red, green and blue.</summary>
internal sealed record Normalisation(double[] Mean, double[] Deviation)
{
    /// <summary>That of the published experiments on CIFAR-FS.</summary>
    public static Normalisation CifarFs { get; } =
        OfBytes([129.37731888, 124.10583864, 112.47758569], [68.20947949, 65.43124043, 70.45866994]);

    /// <summary>That of the published experiments on miniImageNet.</summary>
    public static Normalisation MiniImageNet { get; } =
        OfBytes([120.39586422, 115.59361427, 104.54012653], [70.68188272, 68.27635443, 72.54505529]);

    private static Normalisation OfBytes(double[] mean, double[] deviation) =>
        new([.. mean.Select(x => x / 255)], [.. deviation.Select(x => x / 255)]);
}
