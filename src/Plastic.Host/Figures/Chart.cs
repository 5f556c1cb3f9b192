using System.Globalization;
using System.Text;

namespace Plastic.Host;

/// <summary>One point of a curve.</summary>
/// <param name="X">Its place on the horizontal axis.</param>
/// <param name="Value">The seeds' mean or median.</param>
/// <param name="Band">The lower and upper end of the seeds' spread; null for a single seed.</param>
/// <param name="Seeds">The number of seeds.</param>
internal sealed record ChartPoint(double X, double Value, (double Low, double High)? Band, int Seeds)
{
    /// <summary>The lower end of the band, or the value.</summary>
    public double Low => Band?.Low ?? Value;

    /// <summary>The upper end of the band, or the value.</summary>
    public double High => Band?.High ?? Value;

    /// <summary>A value with a symmetric band; null for no band.</summary>
    public static ChartPoint Around(double x, double value, double? margin, int seeds) =>
        new(x, value, margin is { } half ? (value - half, value + half) : null, seeds);

    /// <summary>The mean over seeds with 1.96 standard errors; no band for a single seed.</summary>
    public static ChartPoint Of(double x, IReadOnlyList<double> values)
    {
        var mean = Host.Mean.Of(values);
        return Around(x, mean.Value, mean.Margin, values.Count);
    }

    /// <summary>The median over seeds with the quartiles; no band for a single seed.</summary>
    public static ChartPoint OfQuartiles(double x, IReadOnlyList<double> values)
    {
        var quantiles = Quantiles.Of(values);
        return new ChartPoint(
            x, quantiles.Median, values.Count == 1 ? null : (quantiles.Low, quantiles.High), values.Count);
    }

    /// <summary>The median over seeds with the lowest and the highest; no band for a single seed.</summary>
    public static ChartPoint OfRange(double x, IReadOnlyList<double> values) =>
        new(x, Quantiles.Of(values).Median, values.Count == 1 ? null : (values.Min(), values.Max()), values.Count);
}

/// <summary>A line of a chart.</summary>
/// <param name="Label">Its name, different for every curve of a chart.</param>
/// <param name="Group">What it has in common with some of the others: curves of one group share a colour.</param>
/// <param name="Points">At least one, by ascending X.</param>
/// <param name="Units">The number of the network's units; null where the curve is not about one network.</param>
internal sealed record ChartCurve(string Label, string Group, IReadOnlyList<ChartPoint> Points, int? Units = null)
{
    /// <summary>A thin line of every seed, in place of the band; none where the band is drawn. Points by ascending X.</summary>
    public IReadOnlyList<SeedLine> Seeds { get; init; } = [];
}

/// <summary>The line of one seed.</summary>
internal sealed record SeedLine(long Seed, IReadOnlyList<(double X, double Value)> Points);

/// <summary>The content of a figure, however it is drawn.</summary>
/// <param name="X">The name of x in the csv.</param>
/// <param name="Y">The name of y in the csv.</param>
/// <param name="XLabel">The name of the horizontal axis, with its unit.</param>
/// <param name="YLabel">The name of the vertical axis, with its unit.</param>
/// <param name="Curves">At least one.</param>
/// <param name="HasMarks">Whether every point has a mark and, where there is room, a tick of its own: for few points.</param>
internal sealed record Chart(
    string X, string Y, string XLabel, string YLabel, IReadOnlyList<ChartCurve> Curves, bool HasMarks)
{
    /// <summary>The loss of guessing, where all curves have the same.</summary>
    public double? Chance { get; init; }

    /// <summary>A loss that no network goes below, where all curves have the same and it is above 0.</summary>
    public double? Floor { get; init; }

    /// <summary>What other predictors reach, where all curves have the same, and their names.</summary>
    public IReadOnlyList<(string Name, double At)> Baselines { get; init; } = [];

    /// <summary>What the baselines are, in a sentence; empty without them.</summary>
    public string Caption { get; init; } = "";

    /// <summary>The levels to compare the curves with, and their names with the numbers.</summary>
    public IEnumerable<(string Name, double At)> Levels =>
        Named.Select(level => ($"{level.Name} {level.At.ToString("G3", CultureInfo.InvariantCulture)}", level.At));

    private IEnumerable<(string Name, double At)> Named
    {
        get
        {
            if (Chance is { } chance) yield return ("chance", chance);
            foreach (var baseline in Baselines) yield return baseline;
            if (Floor is { } floor) yield return ("floor", floor);
        }
    }

    /// <summary>A curve's label, with the number of its network's units where the curves differ in that.</summary>
    public string NameOf(ChartCurve curve) =>
        curve.Units is { } units && Curves.Any(other => other.Units != units) ? $"{curve.Label}, {CountText.Of(units, "unit")}" : curve.Label;

    private string Widths => Curves.Select(curve => curve.Units).Distinct().ToArray() is [{ } units] ? $"{CountText.Of(units, "unit")}, " : "";

    /// <summary>How wide the networks are, what line and band are, and the number of seeds n; empty until <see cref="WithSeeds"/>.</summary>
    public string Note { get; private init; } = "";

    /// <summary>The chart with its number of seeds: in the note where all points have as many, else in every curve's label.</summary>
    public Chart WithSeeds()
    {
        var counts = Curves.SelectMany(curve => curve.Points).Select(point => point.Seeds).Distinct().ToArray();
        if (counts is [var same])
        {
            var hasBand = Curves.SelectMany(curve => curve.Points).Any(point => point.Band is not null);
            return this with { Note = Widths + (hasBand ? $"{Spread}, n = {same}" : $"n = {same}") };
        }
        string Seeds(ChartCurve curve)
        {
            var (least, most) = (curve.Points.Min(point => point.Seeds), curve.Points.Max(point => point.Seeds));
            return least == most ? $"{most}" : $"{least}–{most}";
        }
        return this with
        {
            Note = Widths + Spread,
            Curves = [.. Curves.Select(curve => curve with { Label = $"{curve.Label} (n = {Seeds(curve)})" })],
        };
    }

    /// <summary>Whether the first points may lie above the figure where they would press the rest flat.</summary>
    public bool CutsStart { get; init; }

    /// <summary>What n counts, as the csv names it.</summary>
    public string Counted { get; init; } = "seeds";

    /// <summary>What line and band are.</summary>
    public string Spread { get; init; } = "mean ± 1.96 SEM";

    /// <summary>Whether the csv has a column for each level, the same number in every line.</summary>
    public bool ListsLevels { get; init; }

    /// <summary>
    /// The plotted numbers as csv: low and high bound the band, and are empty without one. The lines of single seeds follow their curve.
    /// </summary>
    public string Csv()
    {
        var levels = ListsLevels ? Named.ToArray() : [];
        var text = new StringBuilder($"curve,{X},{Y},low,high,{Counted}{string.Concat(levels.Select(level => $",{level.Name.Replace(' ', '_')}"))}\n");
        foreach (var curve in Curves)
        {
            foreach (var point in curve.Points)
            {
                text.Append(CultureInfo.InvariantCulture, $"\"{curve.Label.Replace("\"", "\"\"")}\",{point.X:R},");
                text.Append(CultureInfo.InvariantCulture, $"{point.Value:R},{point.Band?.Low:R},{point.Band?.High:R},{point.Seeds}");
                foreach (var (_, at) in levels) text.Append(CultureInfo.InvariantCulture, $",{at:R}");
                text.Append('\n');
            }
            foreach (var line in curve.Seeds)
            {
                foreach (var (x, value) in line.Points)
                {
                    text.Append(CultureInfo.InvariantCulture, $"\"{curve.Label.Replace("\"", "\"\"")}, seed {line.Seed}\",{x:R},{value:R},,,1\n");
                }
            }
        }
        return text.ToString();
    }
}
