using System.Globalization;
using System.Text;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Test losses, or the test values of the task's metric: mean ± 1.96 standard errors over the seeds: one axis gives the columns, the others the rows.</summary>
internal sealed class LossTable : ITable
{
    private readonly string[] rowAxes, columns;
    private readonly List<(string[] Row, ChartPoint?[] Cells)> rows = [];
    private readonly string columnAxis, what;

    private LossTable(
        Plan plan, PlannedFigure figure, string columnAxis, FigureRuns runs, string what, Func<RunResult, double?> value)
    {
        this.what = what;
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
                rows.Add((row, new ChartPoint?[columns.Length]));
            }
            rows[at].Cells[Array.IndexOf(columns, first.Text(columnAxis))] =
                ChartPoint.Of(0, [.. seeds.Select(value).OfType<double>()]);
        }
    }

    /// <summary>The table; null if none of its runs exist.</summary>
    public static LossTable? Of(Plan plan, PlannedFigure figure, string columnAxis, FigureRuns runs) =>
        Filled(new LossTable(plan, figure, columnAxis, runs, "loss", result => result.TestLoss));

    /// <summary>The table of the task's metric; null if none of its runs exist.</summary>
    public static LossTable? OfMetric(Plan plan, PlannedFigure figure, string columnAxis, FigureRuns runs) =>
        Filled(new LossTable(plan, figure, columnAxis, runs, figure.Runs[0].Task.Measure.Name, result => result.TestMeasure));

    private static LossTable? Filled(LossTable table) => table.rows.Count > 0 ? table : null;

    /// <summary>The number of columns before the numbers.</summary>
    public int FirstNumber => rowAxes.Length;

    /// <summary>The texts of all rows, the header first.</summary>
    public IEnumerable<string[]> Rows =>
        rows.Select(row => (string[])[.. row.Row, .. row.Cells.Select(Cell)])
            .Prepend([.. rowAxes, .. columns.Select(column => $"{columnAxis} = {column}")]);

    public string Note => $"Test {what}, mean ± 1.96 standard errors over n seeds.";

    public string Csv()
    {
        var text = new StringBuilder($"{string.Join(',', rowAxes)},{columnAxis},test_{what.Replace(' ', '_')},low,high,seeds\n");
        foreach (var (row, cells) in rows)
        {
            foreach (var (cell, column) in cells.Zip(columns))
            {
                if (cell is null) continue;
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{string.Join(',', row)},{column},{cell.Value:R},{cell.Band?.Low:R},{cell.Band?.High:R},{cell.Seeds}\n");
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
