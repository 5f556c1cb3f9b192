using System.Globalization;
using System.Text;

namespace Plastic.Host;

/// <summary>Draws charts with gnuplot; y from 0, or from below where curves go there.</summary>
internal static class ChartPlot
{
    // Past this many times what follows, the first validation would press the curves flat; it is then cut off.
    private const double LargestStart = 2;

    /// <summary>The gnuplot terminals, by the extension of their files.</summary>
    private static readonly (string Extension, string Terminal)[] Terminals =
    [
        ("svg", "svg size 640,400 font 'Helvetica,Arial,sans-serif,13' linewidth 1 rounded background '#ffffff'"),
        ("pdf", "pdfcairo size 6.4in,4in font 'Sans,12' linewidth 1 rounded"),
        ("png", "pngcairo size 1920,1200 font 'Sans,36' linewidth 3 rounded background '#ffffff'"),
    ];

    /// <summary>The extensions of the files that a figure has.</summary>
    public static IEnumerable<string> Extensions => Terminals.Select(terminal => terminal.Extension);

    // For curves that are all of one rule.
    private static readonly string[] Palette = ["#2a4858", "#4f9d5d", "#d3ab6e", "#8a5a83", "#3f7fa6", "#b3543f"];

    /// <summary>The script that draws a chart into one file per extension.</summary>
    public static string Script(Chart chart, Func<string, string> fileOf)
    {
        var curves = chart.Curves;
        var right = curves.Max(curve => curve.Points[^1].X);
        var left = Left(chart, right);
        var height = Height(chart);
        var depth = Depth(chart, height);
        var script = new StringBuilder();
        void Add(FormattableString line) => script.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        for (var k = 0; k < curves.Count; k++)
        {
            Add($"$curve{k} << end");
            foreach (var point in curves[k].Points) Add($"{point.X:R} {point.Value:R}");
            Add($"end");
            Add($"$band{k} << end");
            // gnuplot does not cut areas well: a band starts where the curve comes into the picture.
            foreach (var point in curves[k].Points.SkipWhile(point => point.High > height))
            {
                Add($"{point.X:R} {point.Low:R} {point.High:R}");
            }
            Add($"end");
        }
        Add($"set encoding utf8");
        Add($"set border 3 linecolor rgb '#404040' linewidth 1");
        Add($"set tics out nomirror scale 0.5 textcolor rgb '#404040'");
        Add($"set grid ytics linetype 1 linewidth 0.6 linecolor rgb '#e4e4e4'");
        Add($"set xrange [{left:R}:{(right > left ? right : left + 1):R}]");
        Add($"set yrange [{depth:R}:{height:R}]");
        Add($"set xtics ({string.Join(", ", Ticks(chart, left, right).Select(Tick))}) noenhanced");
        Add($"set ytics {Spacing(height - depth):R}");
        Add($"set format y '%.{Decimals(height - depth)}f'");
        Add($"set xlabel {Quoted(chart.XLabel)} offset 0,0.3 textcolor rgb '#202020' noenhanced");
        Add($"set ylabel {Quoted(chart.YLabel)} offset 0.2,0 textcolor rgb '#202020' noenhanced");
        Add($"set key above left horizontal nobox Left reverse noenhanced samplen 2 width 1");
        Add($"set key textcolor rgb '#202020'");
        Add($"set lmargin {Math.Max(9, 7 + Decimals(height))}");
        Add($"set rmargin 4");
        if (chart.Chance is { } chance && chance < height)
        {
            Add($"set arrow from graph 0, first {chance:R} to graph 1, first {chance:R} nohead linecolor rgb '#808080' linewidth 1 dashtype 3");
            Add($"set label 'chance' at graph 0.995, first {chance:R} right offset 0,0.5 textcolor rgb '#808080'");
        }

        var bands = curves.SelectMany((curve, k) => Band(curves, curve, k));
        var layers = bands.Concat(curves.Select((curve, k) => Line(chart, curve, k)));
        var plot = string.Join(", \\\n  ", layers);
        foreach (var (extension, terminal) in Terminals)
        {
            Add($"set terminal {terminal}");
            Add($"set output {Quoted(fileOf(extension))}");
            Add($"plot {plot}");
            Add($"set output");
        }
        return script.ToString();
    }

    /// <summary>Curves of one rule share its colour; where there is only one rule, each curve has its own.</summary>
    public static string Colour(IReadOnlyList<ChartCurve> curves, int k) =>
        curves.Count > 1 && curves.All(curve => curve.Rule == curves[0].Rule)
            ? Palette[k % Palette.Length]
            : curves[k].Rule switch
            {
                "gradient" => "#2a4858",
                "hebbian" => "#4f9d5d",
                "none" => "#d3ab6e",
                "trace" => "#3f7fa6",
                "oja" => "#b3543f",
                "neuromodulated" => "#5b5ea6",
                "retroactive" => "#c2699f",
                _ => "#8a5a83",
            };

    /// <summary>Which of five dashes a curve has: curves of one colour differ in it.</summary>
    public static int Dash(IReadOnlyList<ChartCurve> curves, int k)
    {
        var colour = Colour(curves, k);
        return Enumerable.Range(0, k).Count(earlier => Colour(curves, earlier) == colour) % 5;
    }

    private static IEnumerable<string> Band(IReadOnlyList<ChartCurve> curves, ChartCurve curve, int k)
    {
        if (curve.Points.Any(point => point.Band is not null))
        {
            yield return $"$band{k} using 1:2:3 with filledcurves fillcolor rgb '{Colour(curves, k)}' "
                + "fillstyle transparent solid 0.2 noborder notitle";
        }
    }

    private static string Line(Chart chart, ChartCurve curve, int k)
    {
        var colour = Colour(chart.Curves, k);
        var dash = 1 + Dash(chart.Curves, k);
        var style = chart.HasMarks ? "linespoints pointtype 7 pointsize 0.9" : "lines";
        return $"$curve{k} using 1:2 with {style} linewidth 2.2 dashtype {dash} "
            + $"linecolor rgb '{colour}' title {Quoted(curve.Label)}";
    }

    private static double Height(Chart chart)
    {
        var start = chart.Curves.Max(curve => curve.Points[0].High);
        var rest = chart.Curves.SelectMany(curve => curve.Points.Skip(1)).Select(point => point.High).DefaultIfEmpty(start).Max();
        var top = Math.Max(1e-12, chart.CutsStart && start > LargestStart * rest ? rest : Math.Max(start, rest));
        var spacing = Spacing(top);
        return Math.Ceiling(top * 1.05 / spacing) * spacing;
    }

    /// <summary>Where y begins: 0, or a round number below all that is drawn.</summary>
    private static double Depth(Chart chart, double height)
    {
        var low = chart.Curves.SelectMany(curve => curve.Points).Min(point => point.Low);
        var spacing = Spacing(Math.Max(height, -low));
        return low < 0 ? Math.Floor(low / spacing) * spacing : 0;
    }

    /// <summary>A round distance (1, 2 or 5 times a power of ten) that divides a length into four to ten parts.</summary>
    private static double Spacing(double length)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(length / 4)));
        return new[] { 5 * power, 2 * power, power }.First(spacing => length / spacing >= 4 || spacing == power);
    }

    /// <summary>Digits behind the point that tell the ticks of an axis apart.</summary>
    private static int Decimals(double length) => Math.Max(0, -(int)Math.Floor(Math.Log10(Spacing(length)) + 1e-9));

    /// <summary>Where there are marks, a tick for each; otherwise round distances.</summary>
    private static IEnumerable<double> Ticks(Chart chart, double left, double right)
    {
        if (chart.HasMarks) return chart.Curves.SelectMany(curve => curve.Points).Select(point => point.X).Distinct().Order();
        var spacing = Math.Max(1, Math.Floor(Spacing(Math.Max(1, right - left))));
        var first = (int)Math.Ceiling(left / spacing);
        return Enumerable.Range(first, (int)(right / spacing) - first + 1).Select(k => k * spacing);
    }

    /// <summary>Where x begins: at 0 where the curves begin just after it, as losses do that are means of some steps.</summary>
    private static double Left(Chart chart, double right)
    {
        var first = chart.Curves.Min(curve => curve.Points[0].X);
        return !chart.HasMarks && first > 0 && first < 0.05 * right ? 0 : first;
    }

    private static string Tick(double at) =>
        string.Create(CultureInfo.InvariantCulture, $"'{at:#,0.####}' {at:R}");

    private static string Quoted(string text) => $"'{text.Replace("'", "''")}'";
}
