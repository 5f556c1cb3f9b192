using System.Globalization;
using System.Text;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Test losses, or the test values of the task's metric: mean ± 1.96 standard errors over the seeds: one axis gives the columns, the others the rows.</summary>
internal sealed class LossTable : ITable
{
    private readonly string[] rowAxes, columns;
    private readonly List<(string[] Row, ChartPoint?[] Cells, double[] Levels)> rows = [];
    private readonly string columnAxis, what;
    private readonly string[] levels;
    private readonly string noteOnLevels;

    private LossTable(
        Plan plan, PlannedFigure figure, string columnAxis, FigureRuns runs, string what, Func<RunResult, double?> value,
        (string[] Names, Func<Run, double[]> Of, string Note) toCompare)
    {
        this.what = what;
        (levels, noteOnLevels) = (toCompare.Names, toCompare.Note);
        this.columnAxis = columnAxis;
        rowAxes = [.. plan.Axes.Where(axis => axis != columnAxis)];
        columns = [.. figure.Runs.Select(run => run.Text(columnAxis)).Distinct()];
        var found = runs.Read(figure.Runs, TestResults.Read);
        foreach (var (first, seeds) in found)
        {
            string[] row = [.. rowAxes.Select(axis => first.Text(axis))];
            var at = rows.FindIndex(other => other.Row.SequenceEqual(row));
            if (at < 0)
            {
                at = rows.Count;
                rows.Add((row, new ChartPoint?[columns.Length], toCompare.Of(first)));
            }
            rows[at].Cells[Array.IndexOf(columns, first.Text(columnAxis))] =
                ChartPoint.Of(0, [.. seeds.Select(value).OfType<double>()]);
        }
    }

    /// <summary>The table; null if none of its runs exist.</summary>
    public static LossTable? Of(Plan plan, PlannedFigure figure, string columnAxis, FigureRuns runs) =>
        Filled(new LossTable(plan, figure, columnAxis, runs, "loss", result => result.TestLoss, ([], _ => [], "")));

    /// <summary>The table of the task's metric, beside chance and baselines where these are known; null if none of its runs exist.</summary>
    public static LossTable? OfMetric(Plan plan, PlannedFigure figure, string columnAxis, FigureRuns runs)
    {
        var measure = figure.Runs[0].Task.Measure;
        if (runs.Read(figure.Runs, TestResults.Read).Count == 0) return null;
        string[] chance = double.IsNaN(measure.Chance) ? [] : ["chance"];
        var episodes = figure.Runs.Select(run => runs.Neighbours.OfTest(run)?.Episodes).ToArray();
        string[] neighbours = episodes.All(count => count is not null) ? [PixelBaseline.Name] : [];
        return Filled(new LossTable(
            plan, figure, columnAxis, runs, measure.Name, result => result.TestMeasure,
            (
                [.. chance, .. neighbours],
                run => [.. chance.Select(_ => measure.Chance), .. neighbours.Select(_ => runs.Neighbours.OfTest(run)!.Accuracy)],
                neighbours.Length == 0 ? "" : $" {PixelBaseline.Meaning}, in {CountText.Of(episodes.Max()!.Value, "episode")} of the same test set.")));
    }

    private static LossTable? Filled(LossTable table) => table.rows.Count > 0 ? table : null;

    /// <summary>The number of columns before the numbers.</summary>
    public int FirstNumber => rowAxes.Length;

    /// <summary>The texts of all rows, the header first.</summary>
    public IEnumerable<string[]> Rows =>
        rows.Select(row => (string[])[.. row.Row, .. row.Cells.Select(Cell), .. row.Levels.Select(level => LossText.Of(level))])
            .Prepend([.. rowAxes, .. columns.Select(column => $"{columnAxis} = {column}"), .. levels]);

    public string Note => $"Test {what}, mean ± 1.96 standard errors over n seeds.{noteOnLevels}";

    public string Csv()
    {
        var text = new StringBuilder($"{string.Join(',', rowAxes)},{columnAxis},test_{what.Replace(' ', '_')},low,high,seeds{string.Concat(levels.Select(level => $",{level.Replace(' ', '_')}"))}\n");
        foreach (var (row, cells, toCompare) in rows)
        {
            foreach (var (cell, column) in cells.Zip(columns))
            {
                if (cell is null) continue;
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{string.Join(',', row)},{column},{cell.Value:R},{cell.Band?.Low:R},{cell.Band?.High:R},{cell.Seeds}");
                foreach (var level in toCompare) text.Append(CultureInfo.InvariantCulture, $",{level:R}");
                text.Append('\n');
            }
        }
        return text.ToString();
    }

    /// <summary>"0.0123 ± 0.0004 (n = 4)"; without the number of seeds if it is 0.</summary>
    public static string Cell(ChartPoint? cell)
    {
        if (cell is null) return "";
        var seeds = cell.Seeds > 0 ? $" (n = {cell.Seeds})" : "";
        return cell.Band is { } band
            ? $"{LossText.Of(cell.Value, (band.High - band.Low) / 2)}{seeds}"
            : $"{LossText.Of(cell.Value)}{seeds}";
    }
}
