using System.Globalization;
using System.Text;

namespace Plastic.Host;

/// <summary>One place of a curve.</summary>
/// <param name="X">Where it is.</param>
/// <param name="Value">What the seeds have in common: their mean or median.</param>
/// <param name="Band">From where to where they spread; null when there is no telling.</param>
/// <param name="Seeds">How many seeds there are here.</param>
internal sealed record ChartPoint(double X, double Value, (double Low, double High)? Band, int Seeds)
{
    /// <summary>The lower end of the band, or the value.</summary>
    public double Low => Band?.Low ?? Value;

    /// <summary>The upper end of the band, or the value.</summary>
    public double High => Band?.High ?? Value;

    /// <summary>A value and a band as far to both sides; null for no band.</summary>
    public static ChartPoint Around(double x, double value, double? margin, int seeds) =>
        new(x, value, margin is { } half ? (value - half, value + half) : null, seeds);

    /// <summary>The mean of some seeds' values with 1.96 standard errors of it; no band for a single seed.</summary>
    public static ChartPoint Of(double x, IReadOnlyList<double> values)
    {
        var mean = Host.Mean.Of(values);
        return Around(x, mean.Value, values.Count == 1 ? null : 1.96 * mean.StandardError, values.Count);
    }

    /// <summary>The median of some seeds' values and their quartiles; no band for a single seed.</summary>
    public static ChartPoint OfQuartiles(double x, IReadOnlyList<double> values)
    {
        var quantiles = Quantiles.Of(values);
        return new ChartPoint(
            x, quantiles.Median, values.Count == 1 ? null : (quantiles.Low, quantiles.High), values.Count);
    }
}

/// <summary>What is drawn as one line.</summary>
internal sealed record ChartCurve(string Label, string Rule, IReadOnlyList<ChartPoint> Points);

/// <summary>A figure's content, before anybody draws it.</summary>
/// <param name="X">What x is, as the csv names it.</param>
/// <param name="Y">What y is, as the csv names it.</param>
/// <param name="XLabel">What x is, for people.</param>
/// <param name="YLabel">What y is, for people.</param>
/// <param name="Curves">At least one, each of at least one point.</param>
/// <param name="Chance">A level to compare with.</param>
/// <param name="HasMarks">Whether the points are few and stand for themselves.</param>
internal sealed record Chart(
    string X, string Y, string XLabel, string YLabel, IReadOnlyList<ChartCurve> Curves, double? Chance, bool HasMarks)
{
    /// <summary>The chart with its number of seeds said: once where all points have as many, else for every curve.</summary>
    public Chart SayingSeeds()
    {
        var counts = Curves.SelectMany(curve => curve.Points).Select(point => point.Seeds).Distinct().ToArray();
        if (counts is [var same])
        {
            return this with { YLabel = same == 1 ? $"{YLabel}  (n = 1)" : $"{YLabel}  ({Spread}, n = {same})" };
        }
        string Seeds(ChartCurve curve)
        {
            var (least, most) = (curve.Points.Min(point => point.Seeds), curve.Points.Max(point => point.Seeds));
            return least == most ? $"{most}" : $"{least}–{most}";
        }
        return this with
        {
            YLabel = $"{YLabel}  ({Spread})",
            Curves = [.. Curves.Select(curve => curve with { Label = $"{curve.Label} (n = {Seeds(curve)})" })],
        };
    }

    /// <summary>Whether the first points may lie outside the picture, when they would press the rest flat.</summary>
    public bool CutsStart { get; init; }

    /// <summary>What the band is.</summary>
    public string Spread { get; init; } = "mean ± 1.96 SEM";

    /// <summary>The plotted numbers: low and high bound the band, empty without one.</summary>
    public string Csv()
    {
        var text = new StringBuilder($"curve,{X},{Y},low,high,seeds\n");
        foreach (var curve in Curves)
        {
            foreach (var point in curve.Points)
            {
                text.Append(CultureInfo.InvariantCulture, $"\"{curve.Label.Replace("\"", "\"\"")}\",{point.X:R},");
                text.Append(CultureInfo.InvariantCulture, $"{point.Value:R},{point.Band?.Low:R},{point.Band?.High:R},{point.Seeds}\n");
            }
        }
        return text.ToString();
    }
}
