using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Whether a run's folder exists, and holds a finished run.</summary>
internal enum RunPresence
{
    Absent,
    Finished,
    Unfinished,
}

/// <summary>
/// The folder of a run. It appears as a whole or not at all, belongs to the one process that trains the run (<see cref="RunClaim"/>),
/// and never replaces a run with other settings.
/// </summary>
/// <param name="path">The folder's path.</param>
/// <param name="requireClaim">Throws a PlasticException where the claim was lost.</param>
internal sealed class RunDirectory(string path, Action requireClaim)
{
    public const string ConfigFile = "config.json";
    public const string StatusFile = "status.json";
    public const string MetricsFile = "metrics.jsonl";
    public const string LogFile = "log.txt";
    public const string TimingFile = "timing.jsonl";
    public const string CommandFile = "command.txt";
    public const string EnvironmentFile = "env.json";
    public const string ResumedFile = "resumed.jsonl";
    public const string TestFile = "test.json";
    public const string InnerRateFile = "inner_rate.json";
    public const string ChangesFile = "changes.jsonl";
    public const string Checkpoints = "checkpoints";

    // In bytes; what a person types is far shorter.
    private const int LongestCommand = 1 << 24;

    public string Path => path;

    /// <summary>A file of the run.</summary>
    public string PathTo(string name) => System.IO.Path.Combine(path, name);

    /// <summary>Requires that the run is still this process's, which whoever writes to the folder asks for before.</summary>
    /// <exception cref="PlasticException">Another process has taken it over.</exception>
    public void Require() => requireClaim();

    /// <summary>Replaces a file of the run atomically.</summary>
    public void Write(string name, string content)
    {
        Require();
        AtomicFile.Write(PathTo(name), content, requireClaim);
    }

    /// <summary>The same with a JSON file.</summary>
    public void Write<T>(string name, T content) => Write(name, JsonText.Document(content));

    /// <summary>The folder of all runs under the folder that --out names.</summary>
    public static string Root(string directory) => System.IO.Path.Combine(directory, "runs");

    /// <summary>The path of a run's folder: where it is, under its name or the one that earlier versions gave it, or belongs.</summary>
    public static string PathOf(string directory, Run run)
    {
        string In(string path) => System.IO.Path.Combine([Root(directory), .. path.Split('/')]);
        var path = In(run.Directory);
        return run.EarlierDirectory != run.Directory && !Directory.Exists(path) && Directory.Exists(In(run.EarlierDirectory))
            ? In(run.EarlierDirectory)
            : path;
    }

    /// <summary>The command that trains or trained the run in a folder; null where it cannot be read.</summary>
    public static string? CommandOf(string path)
    {
        var file = System.IO.Path.Combine(path, CommandFile);
        try
        {
            return FileMark.OfFile(file) is { Length: >= 0 and <= LongestCommand } ? File.ReadAllText(file).Trim() : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What a folder has of a run with these settings.</summary>
    /// <exception cref="PlasticException">It holds something else.</exception>
    public static RunPresence Inspect(string path, Run run)
    {
        if (!System.IO.Path.Exists(path)) return RunPresence.Absent;
        if (!File.Exists(System.IO.Path.Combine(path, ConfigFile)))
        {
            throw new PlasticException(ExitCode.Exists, $"{path} exists but is not a run");
        }
        if (RunCode.Difference(path, run) is { } code) throw new PlasticException(ExitCode.Exists, code);
        if (OtherSettings(path, run) is { } difference) throw Other(path, difference);
        return IsFinished(path) && LostFiles.Of(path) is null ? RunPresence.Finished : RunPresence.Unfinished;
    }

    /// <summary>A run as its folder has it: it logs as often as it did from its start.</summary>
    public static Run AsStarted(string path, Run run) =>
        File.Exists(System.IO.Path.Combine(path, ConfigFile)) ? run.LoggedAs(SavedRun.Read(path).Settings) : run;

    /// <summary>Whether the folder holds a finished run.</summary>
    public static bool IsFinished(string path) =>
        RunStatus.Read(path)?.State == RunState.Finished && File.Exists(System.IO.Path.Combine(path, TestFile));

    /// <summary>Whether the folder holds this run, finished.</summary>
    public static bool IsFinished(string path, Run run) => IsFinished(path) && Difference(path, run) is null;

    /// <summary>
    /// The settings that the run in a folder has with other values, in words; null when it is the same run, or when the folder has
    /// no settings.
    /// </summary>
    public static string? Difference(string path, Run run)
    {
        try
        {
            return RunCode.Difference(path, run) ?? OtherSettings(path, run);
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
        if (run is { RuleFile: null, TaskFile: null } && File.ReadAllText(config) == run.Json) return null;
        var settings = SavedRun.Read(path).Settings;
        return run.Is(settings)
            ? null
            : string.Join(", ", SettingsChanges.Between(settings, run.Settings).Select(setting => setting.Key));
    }

    private static PlasticException Other(string path, string difference) =>
        new(ExitCode.Exists, $"{path} holds a run with other settings ({difference}): move it, or choose another folder with --out");
}
