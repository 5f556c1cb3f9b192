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

/// <summary>The mean and the standard deviation of each channel over all pixels of some images, from exact sums.</summary>
internal sealed class ChannelSums
{
    private readonly UInt128[] sums = new UInt128[3], squares = new UInt128[3];
    private long pixels;

    /// <summary>Adds an image, [side, side, 3].</summary>
    public void Add(ReadOnlySpan<byte> image)
    {
        Span<long> sum = stackalloc long[3], square = stackalloc long[3];
        for (var at = 0; at < image.Length; at += 3)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                long value = image[at + channel];
                sum[channel] += value;
                square[channel] += value * value;
            }
        }
        for (var channel = 0; channel < 3; channel++)
        {
            sums[channel] += (UInt128)sum[channel];
            squares[channel] += (UInt128)square[channel];
        }
        pixels += image.Length / 3;
    }

    /// <summary>Of the images so far; the deviation of a channel that never changes is 1/255.</summary>
    public Normalisation Normalisation
    {
        get
        {
            var mean = sums.Select(sum => (double)sum / pixels / 255).ToArray();
            var deviation = sums.Zip(squares, (sum, square) =>
            {
                var variance = (UInt128)pixels * square - sum * sum;
                return Math.Max(1, Math.Sqrt((double)variance) / pixels) / 255;
            });
            return new Normalisation(mean, [.. deviation]);
        }
    }
}
