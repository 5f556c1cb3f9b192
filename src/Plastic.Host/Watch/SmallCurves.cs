using System.Text.Json.Nodes;

namespace Plastic.Host;

/// <summary>The validation losses of an experiment in a picture of the size of a word: no axes, only how they go.</summary>
internal static class SmallCurves
{
    private const int MostCurves = 8, MostPoints = 24, Width = 100, Height = 30;

    /// <summary>Curves as lists of x, y in a box of 100 by 30, one for each of some points, of its first run that has any.</summary>
    public static JsonArray Of(IReadOnlyList<WatchedRun> runs)
    {
        var series = Thinning.Of([.. runs.GroupBy(run => run.Place.PointId)
            .Select(point => point.Select(run => run.Series[Shown.Validation]).FirstOrDefault(losses => losses.Count > 1))
            .Where(losses => losses is not null)], MostCurves).Select(losses => Thinning.Of(losses!, MostPoints)).ToArray();
        if (series.Length == 0) return [];
        var longest = Math.Max(1, runs.Max(run => Math.Max(run.Steps, run.Series.LastStep)));
        // The first validation is often so high that it would press the rest flat.
        var highest = series.Max(losses => losses.Skip(1).Max(one => one.Value));
        var lowest = Math.Min(0, series.Min(losses => losses.Min(one => one.Value)));
        var length = Math.Max(1e-12, highest - lowest);
        return new JsonArray([.. series.Select(losses => new JsonArray([.. losses.SelectMany(one => new[]
        {
            (JsonNode)(int)Math.Round(one.Step * (double)Width / longest),
            Math.Round(Height - Height * Math.Min(1, (one.Value - lowest) / length), 1),
        })]))]);
    }
}
