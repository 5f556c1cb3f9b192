using System.Globalization;

namespace Plastic.Host;

/// <summary>A linear axis.</summary>
/// <param name="Low">Where it begins.</param>
/// <param name="High">Where it ends, above <paramref name="Low"/>.</param>
/// <param name="Ticks">The marked values within, in order, with their texts.</param>
internal sealed record Axis(double Low, double High, IReadOnlyList<(double At, string Text)> Ticks)
{
    // Past this many times what follows, the first point would press the curves flat; it is then cut off.
    private const double LargestStart = 2;

    // The level of chance or of a baseline up to this many times the largest value is shown with the curves; one further up would press them flat, and
    // is named at the edge instead.
    private const double LargestLevel = 2.5;

    // Marks closer than this share of the axis would run into each other.
    private const double SmallestGap = 0.08;

    // Free share of the height beyond a line at the edge.
    private const double Room = 0.04;

    /// <summary>The position of a value: 0 at the beginning of the axis, 1 at its end.</summary>
    public double Share(double value) => (value - Low) / (High - Low);

    /// <summary>The horizontal axis: it begins at 0 where the curves begin just after it, as losses do that are means of some steps.</summary>
    public static Axis X(Chart chart)
    {
        var values = chart.Curves.SelectMany(curve => curve.Points).Select(point => point.X).Distinct().Order().ToArray();
        var (first, high) = (values[0], values[^1]);
        var low = !chart.HasMarks && first > 0 && first < 0.05 * high ? 0 : first;
        if (low == high) high = low + 1;
        static string Text(double at) => at.ToString("#,0.####", CultureInfo.InvariantCulture);
        var areApart = values.Zip(values.Skip(1)).All(pair => pair.Second - pair.First >= SmallestGap * (high - low));
        if (chart.HasMarks && areApart) return new Axis(low, high, [.. values.Select(at => (at, Text(at)))]);
        var spacing = Spacing(high - low);
        if (values.All(double.IsInteger)) spacing = Math.Max(1, spacing);
        return new Axis(low, high, [.. Multiples(low, high, spacing).Select(at => (at, Text(at)))]);
    }

    /// <summary>The vertical axis, from 0, or from below it where curves go there.</summary>
    public static Axis Y(Chart chart)
    {
        var start = chart.Curves.Max(curve => curve.Points[0].High);
        var rest = chart.Curves.SelectMany(curve => curve.Points.Skip(1)).Select(point => point.High).DefaultIfEmpty(start).Max();
        var top = chart.CutsStart && start > LargestStart * rest ? rest : Math.Max(start, rest);
        var levels = chart.Baselines.Select(baseline => baseline.At).Append(chart.Chance ?? top);
        top = levels.Where(level => level < LargestLevel * top).Append(top).Max();
        var lowest = chart.Curves.SelectMany(curve => curve.Points).Min(point => point.Low);
        var bottom = Math.Min(0, lowest);
        // A chart of zeros still has a height.
        var length = Math.Max(1e-12, top - bottom);
        // Room above the highest line, and below one that would otherwise lie on the horizontal axis.
        var (low, high) = (lowest < Room * length ? bottom - Room * length : 0, bottom + length + Room * length);
        var spacing = Spacing(high - low);
        var decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(spacing) + 1e-9));
        var format = decimals > 6 ? "0.#e+0" : $"F{decimals}";
        return new Axis(low, high, [.. Multiples(low, high, spacing).Select(at => (at, at.ToString(format, CultureInfo.InvariantCulture)))]);
    }

    /// <summary>A round distance, 1, 2 or 5 times a power of ten, that fits three to seven times into a length.</summary>
    private static double Spacing(double length)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(length / 3)));
        return new[] { 5 * power, 2 * power, power }.First(spacing => length / spacing >= 3 || spacing == power);
    }

    private static IEnumerable<double> Multiples(double low, double high, double spacing)
    {
        var first = (long)Math.Ceiling(low / spacing - 1e-9);
        var last = (long)Math.Floor(high / spacing + 1e-9);
        for (var k = first; k <= last; k++) yield return k * spacing;
    }
}
