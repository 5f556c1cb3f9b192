namespace Plastic.Host;

/// <summary>Reads what came of a run from its test.json.</summary>
internal static class TestResults
{
    /// <summary>Null when the run is not finished.</summary>
    /// <exception cref="PlasticException">The file is no such file.</exception>
    public static RunResult? Read(string path)
    {
        var file = Path.Combine(path, RunDirectory.TestFile);
        return RunDirectory.IsFinished(path)
            ? JsonReading.File(file, json => new RunResult(
                json.Member("loss").Number(),
                json.Member("standard_error").Number(),
                json.Member("best_step").Whole(0, int.MaxValue),
                json.Member("best_validation_loss").Number()))
            : null;
    }
}
