using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Plastic.Host;

/// <summary>state.json of a checkpoint: the numbers of a <see cref="TrainingState"/>.</summary>
/// <param name="Format">The version of these files.</param>
/// <param name="Step">The next step.</param>
/// <param name="BestStep">The step whose validation was best so far.</param>
/// <param name="BestLoss">That validation's loss; null before the first.</param>
/// <param name="LossSum">The sum of the training losses not logged yet.</param>
/// <param name="NormSum">The sum of the gradient norms not logged yet.</param>
/// <param name="Summed">The number of terms in each sum.</param>
/// <param name="OptimiserSteps">The number of updates made.</param>
/// <param name="MetricsBytes">How long metrics.jsonl is at this state.</param>
internal sealed record CheckpointNumbers(
    int Format, int Step, int BestStep, double? BestLoss, double LossSum, double NormSum, int Summed, long OptimiserSteps,
    long MetricsBytes)
{
    public const int CurrentFormat = 1;

    /// <summary>The task's additional metric at the best validation, if it has one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BestMeasure { get; init; }

    public static CheckpointNumbers Of(TrainingState state, long metricsBytes) => new(
        CurrentFormat, state.Step, state.Best.Step, state.Best.Exists ? state.Best.Loss : null, state.LossSum,
        state.NormSum, state.Summed, state.OptimiserSteps, metricsBytes)
    {
        BestMeasure = state.Best.Measure,
    };

    /// <summary>The state, with the arrays that belong to it.</summary>
    public TrainingState State(IReadOnlyList<NamedTensor> tensors) => new(
        Step, new BestValidation(BestStep, BestLoss ?? double.PositiveInfinity, BestMeasure), LossSum, NormSum, Summed, OptimiserSteps, tensors);

    /// <summary>Reads the file.</summary>
    /// <exception cref="PlasticException">It is missing, or not of this format.</exception>
    public static CheckpointNumbers Read(string file)
    {
        var bytes = InputFile.Bytes(file);
        // Checked first: what else a file of another format contains is not known here.
        var format = JsonFile.Parse<AnyFormat>(file, bytes).Format;
        return format == CurrentFormat
            ? JsonFile.Parse<CheckpointNumbers>(file, bytes)
            : throw JsonFile.Fault(file, "", $"format {format} is from another version of the program; this one reads {CurrentFormat}");
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    private sealed record AnyFormat(int Format);
}

/// <summary>manifest.json of a checkpoint: what its other files are.</summary>
internal sealed record CheckpointManifest(
    [property: JsonPropertyName(CheckpointManifest.ArraysFile)] FileEntry Arrays,
    [property: JsonPropertyName(CheckpointManifest.NumbersFile)] FileEntry Numbers)
{
    public const string ArraysFile = "state.safetensors";
    public const string NumbersFile = "state.json";

    /// <summary>Of the files of a folder.</summary>
    /// <exception cref="PlasticException">One is missing, or cannot be read.</exception>
    public static CheckpointManifest Of(string folder) =>
        new(FileEntry.Of(Path.Combine(folder, ArraysFile)), FileEntry.Of(Path.Combine(folder, NumbersFile)));
}

/// <summary>The manifest's entry for a file.</summary>
internal sealed record FileEntry(long Bytes, string Sha256)
{
    public static FileEntry Of(string file) => InputFile.Open(
        file, stream => new FileEntry(stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream))));
}
