using System.Globalization;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Makes a chart from a planned figure and the runs' files; null if none of its runs exist.</summary>
internal static class Charts
{
    public static Chart? Of(Plan plan, PlannedFigure figure, FigureRuns runs) => figure.Kind switch
    {
        { IsLearning: true } => Learning(plan, figure, runs),
        FigureKind.Against kind => Against(plan, figure, kind.axis, kind.times, runs),
        { IsInnerRate: true } => InnerRate(plan, figure, runs),
        { IsTraining: true } => Training(plan, figure, runs),
        { IsMetric: true } => Metric(plan, figure, runs),
        _ => null,
    };

    /// <summary>Validation loss over training steps, one curve per point: the mean over the seeds.</summary>
    private static Chart? Learning(Plan plan, PlannedFigure figure, FigureRuns runs) =>
        OverSteps(plan, figure, "validation loss", Validations(figure, runs, LoggedLosses.Validation), ChartPoint.Of);

    /// <summary>The task's additional metric in validations over training steps, one curve per point: the mean over the seeds.</summary>
    private static Chart? Metric(Plan plan, PlannedFigure figure, FigureRuns runs)
    {
        var measure = figure.Runs[0].Task.Measure;
        if (OverSteps(
            plan, figure, $"validation {measure.Name}", Validations(figure, runs, LoggedLosses.ValidationMeasure), ChartPoint.Of) is not { } chart)
        {
            return null;
        }
        var neighbours = runs.Neighbours.OfValidations(figure.Runs);
        return chart with
        {
            YLabel = $"validation {measure.Name}",
            Chance = double.IsNaN(measure.Chance) ? null : measure.Chance,
            Baselines = neighbours is null ? [] : [(PixelBaseline.Name, neighbours.Accuracy)],
            Caption = neighbours is null ? ""
                : $"{PixelBaseline.Meaning}, in the {CountText.Of(neighbours.Episodes, "episode")} of the first validations of seed {figure.Runs[0].Seed}.",
            Floor = null,
            ListsLevels = true,
        };
    }

    private static IReadOnlyList<(Run First, IReadOnlyList<IReadOnlyDictionary<long, double>> Seeds)> Validations(
        PlannedFigure figure, FigureRuns runs, Func<string, IReadOnlyDictionary<long, double>> read) =>
        runs.Read<IReadOnlyDictionary<long, double>>(figure.Runs, (run, path) =>
        {
            var losses = read(Path.Combine(path, RunDirectory.MetricsFile));
            var last = run.Settings.MaxBatch - run.Settings.MaxBatch % run.Settings.ValidateEvery;
            return losses.Count == 0 ? (null, null)
                : (losses, losses.ContainsKey(last) ? null : $"at step {losses.Keys.Max()} of {last}");
        });

    /// <summary>Training loss as logged over training steps, one curve per point: the median over the seeds.</summary>
    public static Chart? Training(Plan plan, PlannedFigure figure, FigureRuns runs)
    {
        var found = runs.Read(figure.Runs, (_, path) =>
        {
            var losses = LoggedLosses.Training(Path.Combine(path, RunDirectory.MetricsFile));
            return losses.Count == 0 ? (null, null)
                : (losses, RunDirectory.IsFinished(path) ? null : $"at step {losses.Keys.Max()}");
        });
        return OverSteps(plan, figure, "training loss", found, ChartPoint.OfQuartiles) is { } chart
            ? chart with { Spread = "median, quartiles" }
            : null;
    }

    /// <summary>The losses of every point's seeds by training step; at each step those of the seeds that have one there.</summary>
    private static Chart? OverSteps(
        Plan plan, PlannedFigure figure, string loss, IReadOnlyList<(Run First, IReadOnlyList<IReadOnlyDictionary<long, double>> Seeds)> found,
        Func<double, IReadOnlyList<double>, ChartPoint> pointOf) =>
        Of(
            figure, ("step", "training step"), loss, hasMarks: false, found.Select(point => Curve(
                point.First, FigureRuns.Label(point.First, figure.Runs, plan.Axes),
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
        return Of(figure, (axis, label), "test loss", hasMarks: true, found
            .GroupBy(point => FigureRuns.Label(point.First, figure.Runs, others))
            .Select(curve => Curve(
                curve.First().First, curve.Key, curve.Select(point => ChartPoint.Of(
                    times * double.Parse(point.First.Text(axis), CultureInfo.InvariantCulture),
                    [.. point.Seeds.Select(result => result.TestLoss)])).OrderBy(point => point.X))));
    }

    /// <summary>η over the steps of an episode: the mean over seeds of the mean and of the standard deviation over samples.</summary>
    private static Chart? InnerRate(Plan plan, PlannedFigure figure, FigureRuns runs)
    {
        var curves = runs.Read(figure.Runs, InnerRateFile.Read).Select(point => Curve(
            point.First, FigureRuns.Label(point.First, figure.Runs, plan.Axes),
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
        PlannedFigure figure, (string Name, string Label) x, string loss, bool hasMarks, IEnumerable<ChartCurve> found)
    {
        ChartCurve[] curves = [.. found];
        if (curves.Length == 0) return null;
        return new Chart(x.Name, loss.Replace(' ', '_'), x.Label, $"{loss} ({Unit(figure.Runs[0].Task.Loss)})", curves, hasMarks)
        {
            Chance = Shared(figure, run => run.Chance),
            Floor = Shared(figure, run => run.LeastLoss) is > 0 and var floor ? floor : null,
        };
    }

    /// <summary>What a loss measures.</summary>
    public static string Unit(Loss loss) =>
        loss.IsMeanSquaredError ? "mean squared error" : loss.IsSquaredError ? "sum of squared errors" : "cross-entropy, nats";

    /// <summary>A level that all runs of a figure have in common; null where they differ.</summary>
    private static double? Shared(PlannedFigure figure, Func<Run, double> level) =>
        figure.Runs.Select(level).Distinct().ToArray() is [var only] ? only : null;
}
