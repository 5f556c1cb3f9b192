using System.Globalization;
using System.Text;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// Losses over the last training batches, which change no weights, for each point over the seeds: the median, the quartiles,
/// the mean and the worst of the seeds' mean losses, and the median of their median losses.
/// </summary>
internal sealed class FrozenTable : ITable
{
    private sealed record Row(string[] Point, Quantiles Means, double Mean, double Worst, double Median, int Batches, int Seeds);

    private readonly string[] axes;
    private readonly Row[] rows;

    private FrozenTable(string[] axes, IEnumerable<(Run First, IReadOnlyList<RunResult> Seeds)> found)
    {
        this.axes = axes;
        rows = [.. found.Select(point =>
        {
            var seeds = point.Seeds.Select(seed => seed.Frozen!).ToArray();
            var means = seeds.Select(seed => seed.Loss).ToArray();
            return new Row(
                [.. axes.Select(axis => point.First.Text(axis))], Quantiles.Of(means), means.Average(), means.Max(),
                Quantiles.Of(seeds.Select(seed => seed.Median)).Median, seeds[0].Batches, seeds.Length);
        })];
    }

    /// <summary>The table; null if none of its runs exist, or none has such batches.</summary>
    public static FrozenTable? Of(Plan plan, PlannedFigure figure, FigureRuns runs)
    {
        var found = runs.Read(
            figure.Runs.Where(run => run.Settings.FreezeLast > 0),
            path => TestResults.Read(path) is { Frozen: not null } result ? result : null);
        return found.Count > 0 ? new FrozenTable([.. plan.Axes], found) : null;
    }

    public int FirstNumber => axes.Length;

    public IEnumerable<string[]> Rows => rows
        .Select(row => (string[])
        [
            .. row.Point, Number(row.Means.Median), $"{Number(row.Means.Low)} to {Number(row.Means.High)}", Number(row.Mean),
            Number(row.Worst), Number(row.Median), $"{row.Batches}", $"{row.Seeds}",
        ])
        .Prepend([.. axes, "mean: median seed", "quartiles", "mean", "worst seed", "median: median seed", "batches", "n"]);

    public string Note =>
        "Mean and median loss over the last training batches, during which no weights change; over n seeds.";

    public string Csv()
    {
        var text = new StringBuilder($"{string.Join(',', axes)},median,low,high,mean,worst,median_of_medians,batches,seeds\n");
        foreach (var row in rows)
        {
            var (low, median, high) = row.Means;
            text.Append(
                CultureInfo.InvariantCulture,
                $"{string.Join(',', row.Point)},{median:R},{low:R},{high:R},{row.Mean:R},{row.Worst:R},{row.Median:R},{row.Batches},{row.Seeds}\n");
        }
        return text.ToString();
    }

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
