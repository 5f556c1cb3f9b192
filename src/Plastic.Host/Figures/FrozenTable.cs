using System.Globalization;
using System.Text;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// The mean losses over the training batches at the end that change nothing: for each point the median seed, quartiles, the
/// mean and the worst; and the median seed of their median losses.
/// </summary>
internal sealed class FrozenTable : ITable
{
    private readonly string[] axes;
    private readonly (string[] Point, ChartPoint Quartiles, double Mean, double Worst, double Median)[] rows;
    private readonly int batches;

    private FrozenTable(string[] axes, IReadOnlyList<(Run First, IReadOnlyList<RunResult> Seeds)> found)
    {
        this.axes = axes;
        batches = found[0].Seeds[0].Frozen!.Batches;
        string Text(string axis, Run run) => SettingHelp.All.Single(setting => setting.Name == axis).Text(run.Settings);
        rows = [.. found.Select(point =>
        {
            var losses = point.Seeds.Select(seed => seed.Frozen!.Loss).ToArray();
            return (
                axes.Select(axis => Text(axis, point.First)).ToArray(), ChartPoint.OfQuartiles(0, losses), losses.Average(),
                losses.Max(), ChartPoint.OfQuartiles(0, [.. point.Seeds.Select(seed => seed.Frozen!.Median)]).Value);
        })];
    }

    /// <summary>The table; null when none of its runs are there.</summary>
    public static FrozenTable? Of(Plan plan, PlannedFigure figure, FigureRuns runs)
    {
        var found = runs.Read(figure.Runs, path => TestResults.Read(path) is { Frozen: not null } result ? result : null);
        return found.Count > 0 ? new FrozenTable([.. plan.Axes], found) : null;
    }

    public int FirstNumber => axes.Length;

    public IEnumerable<string[]> Rows => rows
        .Select(row => (string[])
        [
            .. row.Point, Number(row.Quartiles.Value), $"{Number(row.Quartiles.Low)} to {Number(row.Quartiles.High)}",
            Number(row.Mean), Number(row.Worst), Number(row.Median), row.Quartiles.Seeds.ToString(CultureInfo.InvariantCulture),
        ])
        .Prepend([.. axes, "median seed", "quartiles", "mean", "worst seed", "median seed of medians", "n"]);

    public string Note => $"Mean loss over the last {batches} training batches, in which nothing was trained, over n seeds; of medians: the median loss over these batches.";

    public string Csv()
    {
        var text = new StringBuilder($"{string.Join(',', axes)},median,low,high,mean,worst,median_of_medians,seeds\n");
        foreach (var (point, quartiles, mean, worst, median) in rows)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{string.Join(',', point)},{quartiles.Value:R},{quartiles.Low:R},{quartiles.High:R},{mean:R},{worst:R},{median:R},{quartiles.Seeds}\n");
        }
        return text.ToString();
    }

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
