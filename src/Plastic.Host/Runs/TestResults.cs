using System.Text.Json.Serialization;

namespace Plastic.Host;

/// <summary>test.json of a run's folder: a <see cref="RunResult"/>, flat.</summary>
internal sealed record TestResults(double Loss, double? StandardError, int BestStep, double BestValidationLoss)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Measure { get; init; }

    /// <summary>Over the batches of the test set.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MeasureStandardError { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BestValidationMeasure { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FrozenLoss { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FrozenMedian { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FrozenBatches { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FrozenMeasure { get; init; }

    public static TestResults Of(RunResult result) =>
        new(result.TestLoss, result.TestError, result.BestStep, result.BestLoss)
        {
            Measure = result.TestMeasure,
            MeasureStandardError = result.TestMeasureError,
            BestValidationMeasure = result.BestMeasure,
            FrozenLoss = result.Frozen?.Loss,
            FrozenMedian = result.Frozen?.Median,
            FrozenBatches = result.Frozen?.Batches,
            FrozenMeasure = result.Frozen?.Measure,
        };

    /// <summary>The results recorded in a run's folder; null if the run is not finished.</summary>
    /// <exception cref="PlasticException">The file is missing, or its content is wrong.</exception>
    public static RunResult? Read(string path)
    {
        if (!RunDirectory.IsFinished(path)) return null;
        var file = Path.Combine(path, RunDirectory.TestFile);
        return JsonFile.Read<TestResults>(file).Result(file);
    }

    /// <summary>The metric in the best validation, from the log: earlier versions wrote it only there.</summary>
    private double? Logged(string file) =>
        LoggedLosses.ValidationMeasure(Path.Combine(Path.GetDirectoryName(file)!, RunDirectory.MetricsFile)).TryGetValue(BestStep, out var value)
            ? value
            : null;

    // Earlier versions wrote 0 for a single batch.
    private RunResult Result(string file) => new(Loss, StandardError > 0 ? StandardError : null, BestStep, BestValidationLoss)
    {
        TestMeasure = Measure,
        TestMeasureError = MeasureStandardError,
        BestMeasure = BestValidationMeasure ?? (Measure is null ? null : Logged(file)),
        Frozen = (FrozenLoss, FrozenMedian, FrozenBatches) switch
        {
            (null, null, null) => null,
            ({ } loss, { } median, { } batches) => new FrozenResult(loss, median, FrozenMeasure, batches),
            _ => throw JsonFile.Fault(file, "", "expected frozen_loss, frozen_median and frozen_batches together"),
        },
    };
}
