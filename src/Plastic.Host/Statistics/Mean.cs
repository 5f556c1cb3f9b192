namespace Plastic.Host;

/// <summary>A mean of independent values and its standard error, 0 for a single value.</summary>
internal readonly record struct Mean(double Value, double StandardError)
{
    /// <summary>Computed from at least one value, with the unbiased variance.</summary>
    public static Mean Of(IReadOnlyList<double> values)
    {
        var mean = values.Sum() / values.Count;
        var variance = values.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, values.Count - 1);
        return new Mean(mean, Math.Sqrt(variance / values.Count));
    }
}
