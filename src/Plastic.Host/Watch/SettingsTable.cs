using System.Text.Json.Nodes;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Points side by side: the settings in which they differ, and those that they share.</summary>
internal sealed class SettingsTable
{
    private readonly (RunPlace Place, Run Run)[] points;
    private readonly string[] settings;

    /// <param name="runs">Runs of the points; the first of each point counts.</param>
    public SettingsTable(IEnumerable<(RunPlace Place, Run Run)> runs)
    {
        points = [.. runs.DistinctBy(run => run.Place.PointId)];
        settings = [.. points.SelectMany(point => SettingHelp.Of(point.Run.Settings.Library)).Select(setting => setting.Name).Distinct().Where(key => key != "seed")];
        Differing = [.. settings.Where(key => points.Select(point => point.Run.Text(key)).Distinct().Count() > 1)];
    }

    /// <summary>The settings in which they differ.</summary>
    public string[] Differing { get; }

    /// <summary>What the page shows: the names of the settings that differ, their texts for each point, and the shared settings of the first one's task.</summary>
    public JsonObject Shown => new()
    {
        ["differing"] = new JsonArray([.. Differing.Select(key => (JsonNode)key)]),
        ["rows"] = new JsonObject(points.Select(point => KeyValuePair.Create(
            point.Place.PointId, (JsonNode?)new JsonArray([.. Differing.Select(key => (JsonNode)point.Run.Text(key))])))),
        ["shared"] = new JsonArray([.. Shared.Select(key => (JsonNode)new JsonArray(key, points[0].Run.Text(key)))]),
        ["tasks"] = points.Select(point => point.Run.Settings.Task).Distinct().Count(),
    };

    private IEnumerable<string> Shared => points.Length == 0
        ? []
        : settings.Except(Differing).Except(Listing.ForeignSettings(points[0].Run.Settings.Library, points[0].Run.Settings.Task));
}
