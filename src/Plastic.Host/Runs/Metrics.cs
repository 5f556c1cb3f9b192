using System.Text.Json.Serialization;

namespace Plastic.Host;

/// <summary>
/// A line of metrics.jsonl: the mean over the training batches since the line before, up to and with those of a step, or a
/// validation before a step's update. What the other kind of line has is absent.
/// </summary>
internal sealed record Metrics(int Step)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TrainingLoss { get; init; }

    /// <summary>Before clipping.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GradientNorm { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ValidationLoss { get; init; }

    /// <summary>Whether the validation is the best so far.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Best { get; init; }

    /// <summary>The task's other measure in the validation, when it has one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ValidationMeasure { get; init; }
}

/// <summary>A line of timing.jsonl.</summary>
/// <param name="Step">The step of a validation.</param>
/// <param name="Seconds">From the start of the process's work on the run to the end of the validation.</param>
internal sealed record Timing(int Step, double Seconds);
