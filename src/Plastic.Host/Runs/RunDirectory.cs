using System.Text.Json;
using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>What is at a run's place.</summary>
internal enum RunPresence
{
    Absent,
    Finished,
    Unfinished,
}

/// <summary>
/// The folder of a run. It appears as a whole or not at all, belongs to one process while that trains (<see cref="RunClaim"/>), and
/// never takes the place of a run with other settings.
/// </summary>
/// <param name="path">Where it is.</param>
internal sealed class RunDirectory(string path)
{
    public const string ConfigFile = "config.json";
    public const string StatusFile = "status.json";
    public const string MetricsFile = "metrics.jsonl";
    public const string TestFile = "test.json";
    public const string Checkpoints = "checkpoints";

    public string Path => path;

    /// <summary>A file of the run.</summary>
    public string PathTo(string name) => System.IO.Path.Combine(path, name);

    /// <summary>Replaces a file of the run, as a whole.</summary>
    public void Write(string name, string content) => AtomicFile.Write(PathTo(name), content);

    /// <summary>The folder of all runs under the folder that --out names.</summary>
    public static string Root(string directory) => System.IO.Path.Combine(directory, "runs");

    /// <summary>Where a run belongs.</summary>
    public static string PathOf(string directory, Run run) =>
        System.IO.Path.Combine([Root(directory), .. run.Directory.Split('/')]);

    /// <summary>What is there already, of a run of these settings.</summary>
    /// <exception cref="PlasticException">Something other than this run.</exception>
    public static RunPresence Inspect(string path, Run run)
    {
        if (!System.IO.Path.Exists(path)) return RunPresence.Absent;
        if (!File.Exists(System.IO.Path.Combine(path, ConfigFile)))
        {
            throw new PlasticException(ExitCode.Exists, $"{path} exists and is no run");
        }
        if (OtherSettings(path, run) is { } difference) throw Other(path, difference);
        return IsFinished(path) ? RunPresence.Finished : RunPresence.Unfinished;
    }

    /// <summary>The same, of a run that has had these settings from its beginning.</summary>
    /// <exception cref="PlasticException">Something other than this run.</exception>
    public static RunPresence InspectPlanned(string path, Run run)
    {
        var presence = Inspect(path, run);
        return SettingsChanges.Trace(path) is { } changes ? throw Other(path, changes) : presence;
    }

    /// <summary>Whether a finished run is there.</summary>
    public static bool IsFinished(string path) =>
        RunStatus.Read(path)?.State == RunStatus.Finished && File.Exists(System.IO.Path.Combine(path, TestFile));

    /// <summary>Whether this very run is there, finished.</summary>
    public static bool IsFinished(string path, Run run) => IsFinished(path) && Difference(path, run) is null;

    /// <summary>
    /// Which settings the run in a folder has, or had on its way, otherwise, in words; null when none, or when the folder says
    /// nothing of them.
    /// </summary>
    public static string? Difference(string path, Run run)
    {
        try
        {
            return OtherSettings(path, run) ?? SettingsChanges.Trace(path);
        }
        catch (PlasticException fault) when (fault.Code == ExitCode.BadData)
        {
            return fault.Message;
        }
    }

    private static string? OtherSettings(string path, Run run)
    {
        var config = System.IO.Path.Combine(path, ConfigFile);
        if (!File.Exists(config)) return null;
        var text = File.ReadAllText(config);
        if (text == run.Json || SavedRun.Read(path).Settings.Equals(run.Settings)) return null;
        using var there = JsonDocument.Parse(text);
        using var here = JsonDocument.Parse(run.Json);
        var keys = here.RootElement.EnumerateObject()
            .Where(key => !there.RootElement.TryGetProperty(key.Name, out var value)
                || value.GetRawText() != key.Value.GetRawText())
            .Select(key => key.Name);
        return string.Join(", ", keys);
    }

    private static PlasticException Other(string path, string difference) =>
        new(ExitCode.Exists, $"{path} holds a run with other settings ({difference}): train elsewhere (--out), or move it");
}
