using System.Text.Json.Nodes;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The curves of chosen points, over their seeds.</summary>
/// <param name="runs">The runs of the points.</param>
internal sealed class RunComparison(IReadOnlyList<WatchedRun> runs)
{
    private const int MostCurves = 24, MostPoints = 300;

    private static readonly string[] Names = ["validation loss", "metric", "training loss", "gradient norm"];

    private readonly (WatchedRun First, WatchedRun[] All)[] points =
        [.. runs.Where(run => run.Run is not null).GroupBy(run => run.Place.PointId).Select(point => (point.First(), point.ToArray()))];

    /// <summary>What there is to choose from: what is drawn, and its name.</summary>
    public JsonArray Choices => new([.. Enum.GetValues<Shown>().Where(choice => runs.Any(run => run.Series[choice].Count > 0))
        .Select(choice => (JsonNode)new JsonArray($"{choice}".ToLowerInvariant(), NameOf(choice)))]);

    /// <summary>A chart, null where there is nothing to draw, and the ids of the points of its curves.</summary>
    /// <param name="shown">What is drawn.</param>
    public (JsonObject? Chart, JsonArray Drawn) Curves(Shown shown)
    {
        var found = With(shown);
        return (
            found.Count == 0 ? null : PageParts.Of("", ChartOf(found, shown).WithSeeds()),
            new JsonArray([.. found.Select(point => (JsonNode)point.First.Place.PointId)]));
    }

    /// <summary>The points that have something to draw; of very many, some.</summary>
    private IReadOnlyList<(WatchedRun First, WatchedRun[] All)> With(Shown shown) =>
        Thinning.Of([.. points.Where(point => point.All.Any(run => run.Series[shown].Count > 0))], MostCurves);

    private Chart ChartOf(IReadOnlyList<(WatchedRun First, WatchedRun[] All)> found, Shown shown)
    {
        var differing = new SettingsTable([.. points.Select(point => (point.First.Place, point.First.Run!))]).Differing;
        var curves = found.Select(point => new ChartCurve(
            LabelOf(point.First, differing), point.First.Run!.Settings.Rule, PointsOf(point.All, shown))).ToArray();
        var isLoss = shown is Shown.Validation or Shown.Training;
        return new Chart("step", $"{shown}", "training step", NameOf(shown) + (isLoss && UnitOf(found) is { } unit ? $" ({unit})" : ""), Distinct(curves), HasMarks: false)
        {
            CutsStart = true,
            Chance = shown == Shown.Validation ? Level(run => run.Chance) : shown == Shown.Measure ? MeasureChance() : null,
            Floor = isLoss && Level(run => run.LeastLoss) is > 0 and var floor ? floor : null,
            Spread = shown == Shown.Training ? "median, quartiles" : "mean ± 1.96 SEM",
        };
    }

    /// <summary>Over the seeds that are there at each step; where they are many steps, some of them.</summary>
    private static IReadOnlyList<ChartPoint> PointsOf(WatchedRun[] seeds, Shown shown)
    {
        var values = new SortedDictionary<int, List<double>>();
        foreach (var (step, value) in seeds.SelectMany(run => run.Series[shown]))
        {
            if (!values.TryGetValue(step, out var there)) values[step] = there = [];
            there.Add(value);
        }
        Func<double, IReadOnlyList<double>, ChartPoint> pointOf = shown == Shown.Training ? ChartPoint.OfQuartiles : ChartPoint.Of;
        return [.. Thinning.Of([.. values], MostPoints).Select(pair => pointOf(pair.Key, pair.Value))];
    }

    private string LabelOf(WatchedRun run, string[] differing)
    {
        var label = FigureRuns.Label(run.Run!, [.. points.Select(point => point.First.Run!)], differing);
        return points.Select(point => point.First.Place.Experiment).Distinct().Count() > 1 ? $"{run.Place.Experiment}: {label}" : label;
    }

    /// <summary>Points whose runs say the same of their settings, of different code for example, are told apart by numbers.</summary>
    private static ChartCurve[] Distinct(ChartCurve[] curves) =>
        [.. curves.Select((curve, k) => curves.Take(k).Count(other => other.Label == curve.Label) is > 0 and var earlier
            ? curve with { Label = $"{curve.Label} ({earlier + 1})" }
            : curve)];

    private string NameOf(Shown shown) => shown == Shown.Measure && points.Select(point => point.First.Run!.Task.Measure?.Name).Distinct().ToArray() is [{ } name]
        ? $"validation {name}"
        : Names[(int)shown];

    private static string? UnitOf(IEnumerable<(WatchedRun First, WatchedRun[] All)> found) =>
        found.Select(point => Charts.Unit(point.First.Run!.Task.Loss)).Distinct().ToArray() is [var unit] ? unit : null;

    /// <summary>A level that all points have in common. What a file of code or data says is not asked: that would run or read it.</summary>
    private double? Level(Func<Run, double> level) =>
        points.All(point => point.First.Run!.TaskFile is null) && points.Select(point => level(point.First.Run!)).Distinct().ToArray() is [var only] ? only : null;

    private double? MeasureChance() =>
        points.Select(point => point.First.Run!.Task.Measure?.Chance ?? double.NaN).Distinct().ToArray() is [var chance] && !double.IsNaN(chance) ? chance : null;
}
