namespace Plastic.Host;

/// <summary>An array of an exported file.</summary>
/// <param name="Tensor">The array.</param>
/// <param name="Axes">What each of its axes counts.</param>
internal sealed record ExportedArray(NamedTensor Tensor, IReadOnlyList<string> Axes)
{
    /// <summary>An array of 32-bit numbers, as the engine computes them.</summary>
    public static ExportedArray Of(string name, float[] data, params (string Axis, int Length)[] axes) =>
        new(new NamedTensor(name, [.. axes.Select(axis => axis.Length)], data), [.. axes.Select(axis => axis.Axis)]);

    /// <summary>An array of 64-bit numbers, as data sets and tasks have them.</summary>
    public static ExportedArray Of(string name, double[] data, params (string Axis, int Length)[] axes) =>
        new(new NamedTensor(name, [.. axes.Select(axis => axis.Length)], data), [.. axes.Select(axis => axis.Axis)]);

    /// <summary>"outputs: episode, step, output".</summary>
    public string Description => $"{Tensor.Name}: {string.Join(", ", Axes)}";
}
