namespace Plastic.Host;

/// <summary>inner_rate.json of a run's folder: <see cref="InnerRates"/>.</summary>
/// <param name="Mean">For each step of the episode.</param>
/// <param name="StandardDeviation">For each step of the episode.</param>
internal sealed record InnerRateFile(double[] Mean, double[] StandardDeviation)
{
    public static InnerRateFile Of(InnerRates rates) => new(rates.Mean, rates.Deviation);

    /// <summary>Reads the file; null if the run is not finished.</summary>
    /// <exception cref="PlasticException">The file is missing, or its content is wrong.</exception>
    public static InnerRates? Read(string path)
    {
        if (!RunDirectory.IsFinished(path)) return null;
        var file = Path.Combine(path, RunDirectory.InnerRateFile);
        var (mean, deviation) = JsonFile.Read<InnerRateFile>(file);
        return mean.Length == deviation.Length
            ? new InnerRates(mean, deviation)
            : throw JsonFile.Fault(file, "standard_deviation", $"expected {mean.Length} numbers, got {deviation.Length}");
    }
}
