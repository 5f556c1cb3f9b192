namespace Plastic.Host;

/// <summary>An array of an exported file.</summary>
/// <param name="Tensor">The array.</param>
/// <param name="Axes">What each of its axes counts.</param>
internal sealed record ExportedArray(NamedTensor Tensor, IReadOnlyList<string> Axes)
{
    /// <summary>An array: float[] for what the engine computes, double[] for what data sets and tasks hold, long[] for counts and places.</summary>
    public static ExportedArray Of(string name, Array data, params (string Axis, int Length)[] axes) =>
        new(new NamedTensor(name, [.. axes.Select(axis => axis.Length)], data), [.. axes.Select(axis => axis.Axis)]);

    /// <summary>"outputs: episode, step, output".</summary>
    public string Description => $"{Tensor.Name}: {string.Join(", ", Axes)}";
}
