namespace Plastic.Host;

/// <summary>inner_rate.json of a run's folder: <see cref="InnerRates"/>.</summary>
internal static class InnerRateFile
{
    /// <summary>Reads the file; null if the run is not finished.</summary>
    /// <exception cref="PlasticException">The file is missing, or its content is wrong.</exception>
    public static InnerRates? Read(string path)
    {
        if (!RunDirectory.IsFinished(path)) return null;
        var file = Path.Combine(path, RunDirectory.InnerRateFile);
        var rates = JsonFile.Read<InnerRates>(file);
        var (mean, deviation) = rates;
        return mean.Length == deviation.Length
            ? rates
            : throw JsonFile.Fault(file, "standard_deviation", $"expected {mean.Length} numbers, got {deviation.Length}");
    }
}
