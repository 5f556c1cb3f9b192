using System.Text;
using System.Text.Json.Nodes;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// changes.jsonl: a line for each time that a run was given other settings on its way. What was logged before stays as it was, so
/// such a run is another than one that had its settings from the beginning, but for its length.
/// </summary>
internal static class SettingsChanges
{
    private const string FileName = "changes.jsonl";

    /// <summary>Adds a line: from which step on, and each setting that changes with both its values.</summary>
    public static void Add(RunDirectory directory, int step, Settings from, Settings to)
    {
        var settings = SettingHelp.All.Where(setting => setting.Text(from) != setting.Text(to)).Select(setting => KeyValuePair.Create(
            setting.Name, (JsonNode?)new JsonArray(setting.Text(from), setting.Text(to))));
        var line = JsonText.Line(new JsonObject { ["step"] = step, ["settings"] = new JsonObject(settings) });
        using var file = new FileStream(directory.PathTo(FileName), FileMode.Append, FileAccess.Write);
        file.Write(Encoding.UTF8.GetBytes(line + "\n"));
        CLibrary.Sync(file);
    }

    /// <summary>The settings that were changed and leave a trace, "log_every on the way"; null when there are none.</summary>
    /// <exception cref="PlasticException">The file is damaged.</exception>
    public static string? Trace(string path)
    {
        var file = Path.Combine(path, FileName);
        if (!File.Exists(file)) return null;
        var keys = Encoding.UTF8.GetString(JsonReading.Bytes(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(line => JsonReading.Parse(
                file, Encoding.UTF8.GetBytes(line), change => change.Member("settings").Members().Select(member => member.Name).ToArray()))
            .Where(key => key != "max_batch").Distinct().ToArray();
        return keys.Length == 0 ? null : $"{string.Join(", ", keys)} on the way";
    }
}
