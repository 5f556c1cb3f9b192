using System.Text.Json.Nodes;

namespace Plastic.Host;

/// <summary>What came of a run, as its test.json has it.</summary>
internal static class TestResults
{
    /// <summary>The content of test.json.</summary>
    public static string Document(RunResult result)
    {
        var json = new JsonObject
        {
            ["loss"] = result.TestLoss,
            ["standard_error"] = result.TestError,
            ["best_step"] = result.BestStep,
            ["best_validation_loss"] = result.BestLoss,
        };
        if (result.TestMeasure is { } measure) json["measure"] = measure;
        if (result.Frozen is { } frozen)
        {
            json["frozen_loss"] = frozen.Loss;
            json["frozen_median"] = frozen.Median;
            json["frozen_batches"] = frozen.Batches;
            if (frozen.Measure is { } measured) json["frozen_measure"] = measured;
        }
        return JsonText.Document(json);
    }

    /// <summary>Reads it back; null when the run is not finished.</summary>
    /// <exception cref="PlasticException">The file is no such file.</exception>
    public static RunResult? Read(string path) => RunDirectory.IsFinished(path)
        ? JsonReading.File(Path.Combine(path, RunDirectory.TestFile), json => new RunResult(
            json.Member("loss").Number(),
            json.Member("standard_error").Number(),
            json.Member("best_step").Whole(0, int.MaxValue),
            json.Member("best_validation_loss").Number())
        {
            TestMeasure = json.Has("measure") ? json.Member("measure").Number() : null,
            Frozen = json.Has("frozen_loss")
                ? new FrozenResult(
                    json.Member("frozen_loss").Number(),
                    json.Member("frozen_median").Number(),
                    json.Has("frozen_measure") ? json.Member("frozen_measure").Number() : null,
                    json.Member("frozen_batches").Whole(1, int.MaxValue))
                : null,
        })
        : null;
}
