using System.Text.Json.Nodes;

namespace Plastic.Host;

/// <summary>A run's folder at a glance.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Status">Null when status.json cannot be read.</param>
/// <param name="Test">The content of test.json, when there is one.</param>
internal sealed record RunSummary(string Path, RunStatus? Status, JsonObject? Test)
{
    private const string Dead = "dead";

    // Many times the heartbeat: the clocks of two machines, and file systems between them.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(10);

    /// <summary>Every run under a folder, by path; none when there is no such folder.</summary>
    public static IEnumerable<RunSummary> Under(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, RunDirectory.ConfigFile, SearchOption.AllDirectories)
                .Select(file => System.IO.Path.GetDirectoryName(file)!)
                .Where(path => !path.EndsWith(".tmp", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(Of)
            : [];

    /// <summary>The run in a folder.</summary>
    public static RunSummary Of(string path)
    {
        var test = System.IO.Path.Combine(path, RunDirectory.TestFile);
        return new RunSummary(path, RunStatus.Read(path), File.Exists(test) ? Parse(test) : null);
    }

    /// <summary>The state as the folder has it; dead where it runs by its own account and its process is gone.</summary>
    public string State => Status switch
    {
        null => "unknown",
        { State: RunStatus.Running, Owner: { } owner } => (owner.IsAlive, Silence) switch
        {
            (true, _) => RunStatus.Running,
            (false, _) => Dead,
            (null, var silence) when silence > LongestSilence => $"{Dead} ({owner.Host} has not been heard of for {DurationText.Of(silence)})",
            _ => $"{RunStatus.Running} on {owner.Host}",
        },
        _ => Status.State,
    };

    private TimeSpan Silence =>
        DateTime.UtcNow - File.GetLastWriteTimeUtc(System.IO.Path.Combine(Path, RunDirectory.StatusFile));

    /// <summary>State, and the test loss when there is one.</summary>
    public string Line
    {
        get
        {
            if (Status is null) return "status unknown";
            var state = Status.State == RunStatus.Finished ? Status.State : $"{State} at step {Status.Step}";
            return Test?["loss"] is JsonValue loss && loss.TryGetValue(out double value)
                ? $"{state}, test loss {LossText.Of(value)}"
                : state;
        }
    }

    private static JsonObject? Parse(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file)) as JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
