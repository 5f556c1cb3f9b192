using System.Text.Json;
using System.Text.Json.Serialization;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>A file that a run depends on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">The SHA-256 of its content.</param>
internal sealed record ExportedSource(string Name, string Sha256);

/// <summary>Which run an export is of, and which of its weights: what identifies it, and what it takes to train it again.</summary>
/// <param name="Settings">The content of its config.json.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="WeightsStep">The training step whose weights are exported: that of the best validation.</param>
internal sealed record ExportedRun(JsonElement Settings, long Seed, int WeightsStep)
{
    /// <summary>Its data set; null where episodes are drawn.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExportedSource? Data { get; private init; }

    /// <summary>The code of its task; null for a built-in one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExportedSource? TaskFile { get; private init; }

    /// <summary>The code of its rule; null for a built-in one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExportedSource? RuleFile { get; private init; }

    /// <summary>A run's.</summary>
    /// <param name="run">The run.</param>
    /// <param name="weightsStep">The step of its weights.</param>
    public static ExportedRun Of(Run run, int weightsStep)
    {
        var task = Source(run.TaskFile);
        var isData = run.TaskFile is { IsData: true };
        return new(JsonSerializer.Deserialize<JsonElement>(run.Json), run.Seed, weightsStep)
        {
            Data = isData ? task : null,
            TaskFile = isData ? null : task,
            RuleFile = Source(run.RuleFile),
        };
    }

    private static ExportedSource? Source(CodeFile? file) => file is null ? null : new(file.Name, file.Hash);
}
