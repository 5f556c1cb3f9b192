using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// changes.jsonl: a line for each time a run was given other settings while it was unfinished or to make it longer. What was logged
/// before stays as it was.
/// </summary>
internal static class SettingsChanges
{
    /// <summary>A line.</summary>
    /// <param name="Step">The step from which on the new settings hold.</param>
    /// <param name="Settings">The texts [before, after] of each setting that changed.</param>
    private sealed record Change(int Step, Dictionary<string, string[]> Settings);

    /// <summary>Appends a line, before the settings change.</summary>
    public static void Add(RunDirectory directory, int step, RunSettings from, RunSettings to)
    {
        var change = new Change(step, Between(from, to).ToDictionary(setting => setting.Key, setting => (string[])[setting.Before, setting.After]));
        directory.Write(RunDirectory.ChangesFile, string.Concat(Made(directory.Path).Append(change).Select(each => JsonText.Line(each) + "\n")));
    }

    /// <summary>The settings that differ, with both values.</summary>
    public static IEnumerable<(string Key, string Before, string After)> Between(RunSettings from, RunSettings to) => SettingHelp.Of(from.Library)
        .Select(setting => (setting.Name, Before: setting.Text(from), After: setting.Text(to)))
        .Where(setting => setting.Before != setting.After);

    /// <summary>The changes that were made: the last one may have been announced but not made.</summary>
    private static IReadOnlyList<Change> Made(string path)
    {
        var file = Path.Combine(path, RunDirectory.ChangesFile);
        var all = JsonLines.Read<Change>(file);
        foreach (var (key, texts) in all.SelectMany(change => change.Settings))
        {
            if (texts.Length != 2) throw JsonFile.Fault(file, $"settings > {key}", "expected [before, after]");
        }
        if (all.Count == 0) return all;
        var now = SavedRun.Read(path).Settings;
        var isMade = all[^1].Settings.All(change =>
            SettingHelp.Of(now.Library).Any(setting => setting.Name == change.Key && setting.Text(now) == change.Value[1]));
        return isMade ? all : [.. all.SkipLast(1)];
    }
}
