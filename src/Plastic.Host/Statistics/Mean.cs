namespace Plastic.Host;

/// <summary>A mean of independent values and its standard error, which a single value does not have.</summary>
internal readonly record struct Mean(double Value, double? StandardError)
{
    /// <summary>Half the width of the mean's 95 % interval: 1.96 standard errors.</summary>
    public double? Margin => 1.96 * StandardError;

    /// <summary>Computed from at least one value, with the unbiased variance.</summary>
    public static Mean Of(IReadOnlyList<double> values)
    {
        var mean = values.Sum() / values.Count;
        if (values.Count == 1) return new Mean(mean, null);
        var variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        return new Mean(mean, Math.Sqrt(variance / values.Count));
    }
}
