namespace Plastic.Host;

/// <summary>Reads the losses of a run from its metrics.jsonl, by training step; none if there is no such file.</summary>
internal static class LoggedLosses
{
    /// <summary>The losses of validations.</summary>
    /// <exception cref="PlasticException">A line is wrong, or the file cannot be read.</exception>
    public static IReadOnlyDictionary<long, double> Validation(string file) => Read(file, line => line.ValidationLoss);

    /// <summary>The task's additional metric in validations.</summary>
    /// <exception cref="PlasticException">A line is wrong, or the file cannot be read.</exception>
    public static IReadOnlyDictionary<long, double> ValidationMeasure(string file) => Read(file, line => line.ValidationMeasure);

    /// <summary>The mean training losses since the line before.</summary>
    /// <exception cref="PlasticException">A line is wrong, or the file cannot be read.</exception>
    public static IReadOnlyDictionary<long, double> Training(string file) => Read(file, line => line.TrainingLoss);

    private static Dictionary<long, double> Read(string file, Func<Metrics, double?> loss)
    {
        var losses = new Dictionary<long, double>();
        foreach (var line in JsonLines.ReadGrowing<Metrics>(file))
        {
            if (loss(line) is { } value) losses[line.Step] = value;
        }
        return losses;
    }
}
