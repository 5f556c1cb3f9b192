using System.Globalization;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Makes a chart from the files of runs; null if none of them exist.</summary>
internal static class Charts
{
    /// <summary>The chart of a planned figure; null also where that is no chart.</summary>
    public static Chart? Of(Plan plan, PlannedFigure figure, FigureRuns runs) => figure.Kind is FigureKind.Against kind
        ? Against(plan, figure, kind.axis, kind.times, runs)
        : Of(figure.Kind, ShownRuns.Of(plan, figure), runs);

    /// <summary>A chart of runs; null also where a figure of that kind is no chart, or needs the axes of a plan.</summary>
    public static Chart? Of(FigureKind kind, ShownRuns shown, FigureRuns runs) => kind switch
    {
        { IsLearning: true } => Learning(shown, runs),
        { IsInnerRate: true } => InnerRate(shown, runs),
        { IsTraining: true } => Training(shown, runs),
        { IsSeeds: true } => EachSeed(shown, runs),
        { IsMetric: true } => Metric(shown, runs),
        _ => null,
    };

    /// <summary>Validation loss over training steps, one curve per point: the mean over the seeds.</summary>
    private static Chart? Learning(ShownRuns shown, FigureRuns runs) =>
        OverSteps(shown, "validation loss", Validations(shown, runs, LoggedLosses.Validation), ChartPoint.Of);

    /// <summary>The task's additional metric in validations over training steps, one curve per point: the mean over the seeds.</summary>
    private static Chart? Metric(ShownRuns shown, FigureRuns runs)
    {
        var measure = shown.Runs[0].Task.Measure;
        if (OverSteps(
            shown, $"validation {measure.Name}", Validations(shown, runs, LoggedLosses.ValidationMeasure), ChartPoint.Of) is not { } chart)
        {
            return null;
        }
        var neighbours = runs.Neighbours.OfValidations(shown.Runs);
        return chart with
        {
            YLabel = $"validation {measure.Name}",
            Chance = double.IsNaN(measure.Chance) ? null : measure.Chance,
            Baselines = neighbours is null ? [] : [(PixelBaseline.Name, neighbours.Accuracy)],
            Caption = neighbours is null ? ""
                : $"{PixelBaseline.Meaning}, in the {CountText.Of(neighbours.Episodes, "episode")} of the first validations of seed {shown.Runs[0].Seed}.",
            Floor = null,
            ListsLevels = true,
        };
    }

    private static IReadOnlyList<(Run First, IReadOnlyList<IReadOnlyDictionary<long, double>> Seeds)> Validations(
        ShownRuns shown, FigureRuns runs, Func<string, IReadOnlyDictionary<long, double>> read) =>
        runs.Read<IReadOnlyDictionary<long, double>>(shown.Runs, (run, path) =>
        {
            var losses = read(Path.Combine(path, RunDirectory.MetricsFile));
            var last = run.Settings.MaxBatch - run.Settings.MaxBatch % run.Settings.ValidateEvery;
            return losses.Count == 0 ? (null, null)
                : (losses, losses.ContainsKey(last) ? null : $"at step {losses.Keys.Max()} of {last}");
        });

    /// <summary>Training loss as logged over training steps, one curve per point: the median over the seeds.</summary>
    public static Chart? Training(ShownRuns shown, FigureRuns runs) =>
        OverSteps(shown, "training loss", Losses(Trainings(shown, runs)), ChartPoint.OfQuartiles) is { } chart
            ? chart with { Spread = "median, quartiles" }
            : null;

    /// <summary>Training loss as logged over training steps: the median over the seeds, and the line of every seed.</summary>
    private static Chart? EachSeed(ShownRuns shown, FigureRuns runs)
    {
        var found = Trainings(shown, runs);
        return OverSteps(shown, "training loss", Losses(found), ChartPoint.OfRange) is { } chart
            ? chart with
            {
                Spread = "median, every seed",
                Curves = [.. chart.Curves.Zip(found, (curve, point) => curve with
                {
                    Seeds = [.. point.Seeds.Select(seed => new SeedLine(
                        seed.Seed, [.. seed.Losses.OrderBy(at => at.Key).Select(at => ((double)at.Key, at.Value))]))],
                })],
            }
            : null;
    }

    private sealed record Logged(long Seed, IReadOnlyDictionary<long, double> Losses);

    private static IReadOnlyList<(Run First, IReadOnlyList<Logged> Seeds)> Trainings(ShownRuns shown, FigureRuns runs) =>
        runs.Read<Logged>(shown.Runs, (run, path) =>
        {
            var losses = LoggedLosses.Training(Path.Combine(path, RunDirectory.MetricsFile));
            return losses.Count == 0 ? (null, null)
                : (new Logged(run.Seed, losses), RunDirectory.IsFinished(path) ? null : $"at step {losses.Keys.Max()}");
        });

    private static IReadOnlyList<(Run First, IReadOnlyList<IReadOnlyDictionary<long, double>> Seeds)> Losses(
        IReadOnlyList<(Run First, IReadOnlyList<Logged> Seeds)> found) =>
        [.. found.Select(point => (point.First, (IReadOnlyList<IReadOnlyDictionary<long, double>>)[.. point.Seeds.Select(seed => seed.Losses)]))];

    /// <summary>The losses of every point's seeds by training step; at each step those of the seeds that have one there.</summary>
    private static Chart? OverSteps(
        ShownRuns shown, string loss, IReadOnlyList<(Run First, IReadOnlyList<IReadOnlyDictionary<long, double>> Seeds)> found,
        Func<double, IReadOnlyList<double>, ChartPoint> pointOf) =>
        Of(
            shown.Runs, ("step", "training step"), loss, hasMarks: false, found.Select(point => Curve(
                point.First, shown.Label(point.First),
                point.Seeds.SelectMany(seed => seed.Keys).Distinct().Order().Select(step => pointOf(
                    step, [.. point.Seeds.Where(seed => seed.ContainsKey(step)).Select(seed => seed[step])]))))) is { } chart
            ? chart with { CutsStart = true }
            : null;

    /// <summary>Test loss over an axis's values times a factor, one curve for each combination of the other axes' values.</summary>
    private static Chart? Against(Plan plan, PlannedFigure figure, string axis, double times, FigureRuns runs)
    {
        var found = runs.Read(figure.Runs, TestResults.Read);
        var others = plan.Axes.Where(other => other != axis).ToArray();
        var label = times == 1 ? axis : string.Create(CultureInfo.InvariantCulture, $"{times}·{axis}");
        return Of(figure.Runs, (axis, label), "test loss", hasMarks: true, found
            .GroupBy(point => FigureRuns.Label(point.First, figure.Runs, others))
            .Select(curve => Curve(
                curve.First().First, curve.Key, curve.Select(point => ChartPoint.Of(
                    times * double.Parse(point.First.Text(axis), CultureInfo.InvariantCulture),
                    [.. point.Seeds.Select(result => result.TestLoss)])).OrderBy(point => point.X))));
    }

    /// <summary>η over the steps of an episode: the mean over seeds of the mean and of the standard deviation over samples.</summary>
    private static Chart? InnerRate(ShownRuns shown, FigureRuns runs)
    {
        var curves = runs.Read(shown.Runs, InnerRateFile.Read).Select(point => Curve(
            point.First, shown.Label(point.First),
            Enumerable.Range(0, point.Seeds[0].Mean.Length).Select(t => ChartPoint.Around(
                t, point.Seeds.Average(seed => seed.Mean[t]), point.Seeds.Average(seed => seed.StandardDeviation[t]), point.Seeds.Count)))).ToArray();
        return curves.Length == 0
            ? null
            : new Chart("t", "eta", "step of the episode", "inner learning rate η(t), or M(t)", curves, HasMarks: false)
            {
                Spread = "mean ± standard deviation over samples",
            };
    }

    private static ChartCurve Curve(Run run, string label, IEnumerable<ChartPoint> points) =>
        new(label, run.Settings.Rule, [.. points], run.Units);

    /// <summary>A chart of a loss with its unit and levels; null without curves.</summary>
    private static Chart? Of(
        IReadOnlyList<Run> runs, (string Name, string Label) x, string loss, bool hasMarks, IEnumerable<ChartCurve> found)
    {
        ChartCurve[] curves = [.. found];
        if (curves.Length == 0) return null;
        return new Chart(x.Name, loss.Replace(' ', '_'), x.Label, $"{loss} ({Unit(runs[0].Task.Loss)})", curves, hasMarks)
        {
            Chance = Shared(runs, run => run.Chance),
            Floor = Shared(runs, run => run.LeastLoss) is > 0 and var floor ? floor : null,
        };
    }

    /// <summary>What a loss measures.</summary>
    public static string Unit(Loss loss) =>
        loss.IsMeanSquaredError ? "mean squared error" : loss.IsSquaredError ? "sum of squared errors" : "cross-entropy, nats";

    /// <summary>A level that all runs of a figure have in common; null where they differ.</summary>
    private static double? Shared(IReadOnlyList<Run> runs, Func<Run, double> level) =>
        runs.Select(level).Distinct().ToArray() is [var only] ? only : null;
}
