using System.Globalization;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>From a planned figure and the runs' files to a chart; null when none of its runs are there.</summary>
internal static class Charts
{
    public static Chart? Of(Plan plan, PlannedFigure figure, FigureRuns runs) => figure.Kind switch
    {
        { IsLearning: true } => Learning(plan, figure, runs),
        FigureKind.Against kind => Against(plan, figure, kind.axis, kind.times, runs),
        { IsInnerRate: true } => InnerRate(plan, figure, runs),
        { IsTraining: true } => Training(plan, figure, runs),
        _ => null,
    };

    /// <summary>x training step, y validation loss; one curve per point.</summary>
    private static Chart? Learning(Plan plan, PlannedFigure figure, FigureRuns runs)
    {
        var found = runs.Read(figure.Runs, (run, path) =>
        {
            var losses = LoggedLosses.Validation(Path.Combine(path, RunDirectory.MetricsFile));
            var last = run.Settings.MaxBatch - run.Settings.MaxBatch % run.Settings.ValidateEvery;
            return losses.Count == 0 ? (null, null)
                : (losses, losses.ContainsKey(last) ? null : $"at step {losses.Keys.Max()} of {last}");
        });
        var curves = found.Select(point => new ChartCurve(
            FigureRuns.Label(point.First, figure.Runs, plan.Axes),
            point.First.Settings.Rule,
            [.. point.Seeds.SelectMany(seed => seed.Keys).Distinct().Order().Select(step => ChartPoint.Of(
                step, [.. point.Seeds.Where(seed => seed.ContainsKey(step)).Select(seed => seed[step])]))])).ToArray();
        return curves.Length == 0
            ? null
            : new Chart("step", "validation_loss", "training step", "validation loss", curves, Chance(figure), HasMarks: false) { CutsStart = true };
    }

    /// <summary>x training step, y training loss as logged; one curve per point, its median over the seeds.</summary>
    private static Chart? Training(Plan plan, PlannedFigure figure, FigureRuns runs)
    {
        var found = runs.Read(figure.Runs, path => RunDirectory.IsFinished(path)
            ? LoggedLosses.Training(Path.Combine(path, RunDirectory.MetricsFile))
            : null);
        var curves = found.Select(point => new ChartCurve(
            FigureRuns.Label(point.First, figure.Runs, plan.Axes),
            point.First.Settings.Rule,
            [.. point.Seeds.SelectMany(seed => seed.Keys).Distinct().Order().Select(step => ChartPoint.OfQuartiles(
                step, [.. point.Seeds.Where(seed => seed.ContainsKey(step)).Select(seed => seed[step])]))])).ToArray();
        return curves.Length == 0
            ? null
            : new Chart("step", "training_loss", "training step", "training loss", curves, Chance(figure), HasMarks: false)
            {
                CutsStart = true,
                Spread = "median, quartiles",
            };
    }

    /// <summary>x an axis's value, y the test loss; one curve for each of the other axes' values.</summary>
    private static Chart? Against(Plan plan, PlannedFigure figure, string axis, double times, FigureRuns runs)
    {
        var found = runs.Read(figure.Runs, TestResults.Read);
        var others = plan.Axes.Where(other => other != axis).ToArray();
        var curves = found
            .GroupBy(point => FigureRuns.Label(point.First, figure.Runs, others))
            .Select(curve => new ChartCurve(curve.Key, curve.First().First.Settings.Rule,
            [
                .. curve.Select(point => ChartPoint.Of(
                    times * double.Parse(FigureRuns.Text(axis, point.First), CultureInfo.InvariantCulture),
                    [.. point.Seeds.Select(result => result.TestLoss)])).OrderBy(point => point.X),
            ])).ToArray();
        var label = times == 1 ? axis : string.Create(CultureInfo.InvariantCulture, $"{times}·{axis}");
        return curves.Length == 0
            ? null
            : new Chart(axis, "test_loss", label, "test loss", curves, Chance(figure), HasMarks: true);
    }

    /// <summary>x step of the episode, y η: mean over seeds of the mean and of the standard deviation over samples.</summary>
    private static Chart? InnerRate(Plan plan, PlannedFigure figure, FigureRuns runs)
    {
        var found = runs.Read(figure.Runs, InnerRateFile.Read);
        var curves = found.Select(point => new ChartCurve(
            FigureRuns.Label(point.First, figure.Runs, plan.Axes),
            point.First.Settings.Rule,
            [.. Enumerable.Range(0, point.Seeds[0].Mean.Length).Select(t => ChartPoint.Around(
                t, point.Seeds.Average(seed => seed.Mean[t]), point.Seeds.Average(seed => seed.Deviation[t]), point.Seeds.Count))]))
            .ToArray();
        return curves.Length == 0
            ? null
            : new Chart("t", "eta", "step of the episode", "inner learning rate η(t), or M(t)", curves, null, HasMarks: false)
            {
                Spread = "mean ± standard deviation over samples",
            };
    }

    /// <summary>The task's chance level, where all runs have the same.</summary>
    private static double? Chance(PlannedFigure figure) =>
        figure.Runs.Select(run => run.Chance).Distinct().ToArray() is [var only] ? only : null;
}
