using System.Text.Json.Nodes;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>How one run of a command ended.</summary>
/// <param name="Run">The run.</param>
/// <param name="Path">Its folder.</param>
/// <param name="Result">Null when it failed or was not started.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
/// <param name="Trained">False when it was finished earlier.</param>
internal sealed record RunOutcome(Run Run, string Path, RunResult? Result, Failure? Failure, bool Trained)
{
    /// <summary>The run's folder holds a finished run.</summary>
    /// <exception cref="PlasticException">Its test.json cannot be read.</exception>
    public static RunOutcome Earlier(Run run, string path)
    {
        return new RunOutcome(run, path, TestResults.Read(path), null, Trained: false);
    }

    /// <summary>For people.</summary>
    public string Line
    {
        get
        {
            return Result is { } r
                ? $"{Run.Title}: test loss {LossText.Of(r.TestLoss, r.TestError)}, "
                + $"best validation {LossText.Of(r.BestLoss)} at step {r.BestStep}"
                + (r.TestMeasure is { } m ? $", {Run.Task.Measure.Name} {LossText.Of(m)}" : "")
                + (r.Frozen is { } f ? $", last {f.Batches} batches {LossText.Of(f.Loss)}" : "")
                + $"; chance {LossText.Of(Run.Chance)}"
                : Failure is { } failure ? $"{Run.Title}: failed: {failure.Line}" : $"{Run.Title}: not started";
        }
    }

    /// <summary>For machines.</summary>
    public JsonObject Json
    {
        get
        {
            var json = new JsonObject
            {
                ["point"] = Run.Point,
                ["seed"] = Run.Seed,
                ["directory"] = Path,
                ["trained_now"] = Trained,
            };
            if (Result is { } r)
            {
                json["test_loss"] = r.TestLoss;
                json["test_standard_error"] = r.TestError;
                json["best_step"] = r.BestStep;
                json["best_validation_loss"] = r.BestLoss;
                if (r.TestMeasure is { } measure) json["test_measure"] = measure;
                if (r.Frozen is { } frozen)
                {
                    json["frozen_loss"] = frozen.Loss;
                    json["frozen_median"] = frozen.Median;
                }
            }
            else
            {
                json["failure"] = Failure?.Line;
            }
            return json;
        }
    }
}
