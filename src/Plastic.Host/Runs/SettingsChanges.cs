using System.Text;
using System.Text.Json.Nodes;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// changes.jsonl: a line for each time that a run was given other settings on its way, {"step", "settings": {key: [before, after]}}.
/// What was logged before stays as it was, so such a run is another than one that had its settings from the beginning, but for its
/// length.
/// </summary>
internal static class SettingsChanges
{
    private const string FileName = "changes.jsonl";

    private sealed record Change(string Line, IReadOnlyList<(string Key, string Before, string After)> Settings);

    /// <summary>Adds a line, before the settings change.</summary>
    public static void Add(RunDirectory directory, int step, RunSettings from, RunSettings to)
    {
        var settings = Between(from, to).Select(change => KeyValuePair.Create(
            change.Key, (JsonNode?)new JsonArray(change.Before, change.After)));
        var line = JsonText.Line(new JsonObject { ["step"] = step, ["settings"] = new JsonObject(settings) });
        directory.Write(FileName, string.Concat(Made(directory.Path).Select(change => change.Line).Append(line).Select(each => each + "\n")));
    }

    /// <summary>The settings that differ, with both their values.</summary>
    public static IEnumerable<(string Key, string Before, string After)> Between(RunSettings from, RunSettings to) => SettingHelp.All
        .Select(setting => (setting.Name, Before: setting.Text(from), After: setting.Text(to)))
        .Where(setting => setting.Before != setting.After);

    /// <summary>The settings that were changed and leave a trace, "log_every on the way"; null when there are none.</summary>
    /// <exception cref="PlasticException">The file or the run's settings are damaged.</exception>
    public static string? Trace(string path)
    {
        var keys = Made(path).SelectMany(change => change.Settings).Select(setting => setting.Key)
            .Where(key => key != "max_batch").Distinct().ToArray();
        return keys.Length == 0 ? null : $"{string.Join(", ", keys)} on the way";
    }

    /// <summary>The changes that were made: the last one may have been announced and not made.</summary>
    private static IReadOnlyList<Change> Made(string path)
    {
        var file = Path.Combine(path, FileName);
        if (!File.Exists(file)) return [];
        var all = Encoding.UTF8.GetString(JsonReading.Bytes(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonReading.Parse(file, Encoding.UTF8.GetBytes(line), json => Read(line, json))).ToArray();
        if (all.Length == 0) return all;
        var now = SavedRun.Read(path).Settings;
        var isMade = all[^1].Settings.All(change =>
            SettingHelp.All.Any(setting => setting.Name == change.Key && setting.Text(now) == change.After));
        return isMade ? all : all[..^1];
    }

    private static Change Read(string line, JsonReading json)
    {
        json.Only("step", "settings");
        return new Change(line, [.. json.Member("settings").Members().Select(member =>
            member.Value.Texts() is [var before, var after] ? (member.Name, before, after) : throw member.Value.Fault("expected [before, after]"))]);
    }
}
