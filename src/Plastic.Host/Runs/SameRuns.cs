using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// Finished runs by their settings: experiments share runs (the published ones 144), and the same settings give the same run.
/// </summary>
/// <param name="root">The folder of all runs.</param>
internal sealed class SameRuns(string root)
{
    private readonly Lazy<IReadOnlyDictionary<string, string>> finished = new(() => Finished(root));

    /// <summary>The folder of a finished run with exactly these settings; null if there was none when the first was asked for.</summary>
    /// <param name="run">The run. Of those with a rule, a task or data from files there are none: their settings do not say what these are.</param>
    public string? Of(Run run) => run is { RuleFile: null, TaskFile: null } ? finished.Value.GetValueOrDefault(run.Json) : null;

    /// <summary>The files of a run's folder, by their paths in it, without what it is called.</summary>
    /// <exception cref="PlasticException">One cannot be read.</exception>
    public static IReadOnlyDictionary<string, byte[]> Files(string path) =>
        Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is var name && name != RunLabel.File && !name.EndsWith(".tmp", StringComparison.Ordinal))
            .ToDictionary(file => Path.GetRelativePath(path, file), file => InputFile.Bytes(file));

    private static Dictionary<string, string> Finished(string root)
    {
        var found = new Dictionary<string, string>();
        foreach (var path in RunFolders.Under(root))
        {
            if (IsWhole(path)) found.TryAdd(File.ReadAllText(Path.Combine(path, RunDirectory.ConfigFile)), path);
        }
        return found;
    }

    /// <summary>Whether a run was trained from its beginning under its settings, is finished, and has all its files.</summary>
    private static bool IsWhole(string path)
    {
        try
        {
            return RunDirectory.IsFinished(path) && LostFiles.Of(path) is null
                && !File.Exists(Path.Combine(path, RunDirectory.InnerRateFile)) && !File.Exists(Path.Combine(path, RunDirectory.ChangesFile));
        }
        catch (PlasticException)
        {
            // A damaged run is none to take over.
            return false;
        }
    }
}
