using System.Text.Json.Serialization;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>How one run of a command ended.</summary>
/// <param name="Run">The run.</param>
/// <param name="Path">Its folder.</param>
/// <param name="Result">Null when it failed or was not started.</param>
/// <param name="Failure">Why it failed; null if it did not.</param>
/// <param name="Trained">False when it was finished earlier.</param>
internal sealed record RunOutcome(Run Run, string Path, RunResult? Result, Failure? Failure, bool Trained)
{
    /// <summary>Whether its stop file ended it, or kept it from being begun.</summary>
    public bool IsStopped { get; private init; }

    /// <summary>The run's folder holds a finished run.</summary>
    /// <exception cref="PlasticException">Its test.json cannot be read.</exception>
    public static RunOutcome Earlier(Run run, string path) => new(run, path, TestResults.Read(path), null, Trained: false);

    /// <summary>The run was stopped, or not begun, since its stop file is there.</summary>
    public static RunOutcome Stopped(Run run, string path) => new(run, path, null, null, Trained: false) { IsStopped = true };

    /// <summary>One line for the user.</summary>
    public string Line => Result is { } result
        ? $"{Run.Title}: {(Run.Task.Measure is { Decides: true } measure && result.TestMeasure is not null ? ByMeasure(measure, result) : ByLoss(result))}"
        : Failure is { } failure ? $"{Run.Title}: failed: {failure.Line}"
        : $"{Run.Title}: {(IsStopped ? "stopped" : "not started")}";

    /// <summary>Of a task whose metric decides which weights are best: each number with its name and its own chance.</summary>
    private string ByMeasure(Measure measure, RunResult r) =>
        $"{MeasureText.Of(measure, r)}{Last(r)}; test loss {LossText.Of(r.TestLoss)} (chance {LossText.Of(Run.Chance)})";

    private string ByLoss(RunResult r) =>
        $"test loss {LossText.Of(r.TestLoss, r.TestError)}, best validation {LossText.Of(r.BestLoss)} at step {r.BestStep}"
        + (r.TestMeasure is { } m ? $", {Run.Task.Measure.Name} {LossText.Of(m)}" : "")
        + $"{Last(r)}; chance {LossText.Of(Run.Chance)}";

    private static string Last(RunResult r) => r.Frozen is { } f ? $", last {f.Batches} batches {LossText.Of(f.Loss)}" : "";

    /// <summary>The outcome for --json: a <see cref="FinishedRun"/>, or what is known of a run that is not finished.</summary>
    public object Report => Result is { } result
        ? new FinishedRun(Run.Point, Run.Seed, Path, Trained, result.TestLoss, result.TestError, result.BestStep, result.BestLoss)
        {
            TestMeasure = result.TestMeasure,
            TestMeasureStandardError = result.TestMeasureError,
            BestValidationMeasure = result.BestMeasure,
            FrozenLoss = result.Frozen?.Loss,
            FrozenMedian = result.Frozen?.Median,
        }
        : new { Run.Point, Run.Seed, Directory = Path, TrainedNow = Trained, Failure = Failure?.Line };

    private sealed record FinishedRun(
        string Point, long Seed, string Directory, bool TrainedNow, double TestLoss, double? TestStandardError, int BestStep,
        double BestValidationLoss)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? TestMeasure { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? TestMeasureStandardError { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? BestValidationMeasure { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? FrozenLoss { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? FrozenMedian { get; init; }
    }
}
