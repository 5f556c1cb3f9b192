using System.Globalization;
using System.Text;

namespace Plastic.Host;

/// <summary>One place of a curve.</summary>
/// <param name="X">Where it is.</param>
/// <param name="Mean">The mean over the seeds.</param>
/// <param name="Margin">Half the height of the band; null when there is none.</param>
/// <param name="Seeds">How many seeds there are here.</param>
internal sealed record ChartPoint(double X, double Mean, double? Margin, int Seeds)
{
    /// <summary>The mean of some seeds' values with 1.96 standard errors of it; no band for a single seed.</summary>
    public static ChartPoint Of(double x, IReadOnlyList<double> values)
    {
        var mean = Host.Mean.Of(values);
        return new ChartPoint(x, mean.Value, values.Count == 1 ? null : 1.96 * mean.StandardError, values.Count);
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
                var (low, high) = (point.Mean - point.Margin, point.Mean + point.Margin);
                text.Append(CultureInfo.InvariantCulture, $"\"{curve.Label.Replace("\"", "\"\"")}\",{point.X:R},");
                text.Append(CultureInfo.InvariantCulture, $"{point.Mean:R},{low:R},{high:R},{point.Seeds}\n");
            }
        }
        return text.ToString();
    }
}
