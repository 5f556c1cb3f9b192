using System.Globalization;
using System.Text;

namespace Plastic.Host;

/// <summary>Draws learning curves with gnuplot: x training step, y validation loss from 0.</summary>
internal static class CurvePlot
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

    /// <summary>The script that draws a figure into one file per extension.</summary>
    public static string Script(IReadOnlyList<LearningCurve> curves, Func<string, string> fileOf)
    {
        var width = Math.Max(1, curves.Max(curve => curve.Points[^1].Step));
        var height = Height(curves);
        var script = new StringBuilder();
        void Add(FormattableString line) => script.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        for (var k = 0; k < curves.Count; k++)
        {
            Add($"$curve{k} << end");
            foreach (var point in curves[k].Points) Add($"{point.Step} {point.Mean:R}");
            Add($"end");
            Add($"$band{k} << end");
            // gnuplot does not cut areas well: a band starts where the curve comes into the picture.
            foreach (var point in curves[k].Points.SkipWhile(point => Top(point) > height))
            {
                Add($"{point.Step} {point.Mean - (point.Margin ?? 0):R} {Top(point):R}");
            }
            Add($"end");
        }
        Add($"set encoding utf8");
        Add($"set border 3 linecolor rgb '#404040' linewidth 1");
        Add($"set tics out nomirror scale 0.5 textcolor rgb '#404040'");
        Add($"set grid ytics linetype 1 linewidth 0.6 linecolor rgb '#e4e4e4'");
        Add($"set xrange [0:{width}]");
        Add($"set yrange [0:{height:R}]");
        Add($"set xtics ({string.Join(", ", Ticks(width).Select(Tick))}) noenhanced");
        Add($"set ytics {Spacing(height):R}");
        Add($"set format y '%.{Math.Max(0, -(int)Math.Floor(Math.Log10(Spacing(height)) + 1e-9))}f'");
        Add($"set xlabel 'training step' offset 0,0.3 textcolor rgb '#202020'");
        Add($"set ylabel 'validation loss' offset 0.2,0 textcolor rgb '#202020'");
        Add($"set key above left horizontal nobox Left reverse noenhanced samplen 2 width 1");
        Add($"set key textcolor rgb '#202020'");
        Add($"set lmargin 9");
        Add($"set rmargin 4");

        var bands = curves.SelectMany((curve, k) => Band(curve, k));
        var layers = bands.Concat(curves.Select((curve, k) => Line(curves, curve, k)));
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

    private static string Colour(string rule) => rule switch
    {
        "gradient" => "#2a4858",
        "hebbian" => "#4f9d5d",
        "none" => "#d3ab6e",
        _ => "#8a5a83",
    };

    private static IEnumerable<string> Band(LearningCurve curve, int k)
    {
        if (curve.Points.Any(point => point.Margin is not null))
        {
            yield return $"$band{k} using 1:2:3 with filledcurves fillcolor rgb '{Colour(curve.Rule)}' "
                + "fillstyle transparent solid 0.2 noborder notitle";
        }
    }

    /// <summary>Curves of one rule share its colour and differ in their dashes.</summary>
    private static string Line(IReadOnlyList<LearningCurve> curves, LearningCurve curve, int k)
    {
        var dash = 1 + curves.Take(k).Count(earlier => earlier.Rule == curve.Rule) % 5;
        return $"$curve{k} using 1:2 with lines linewidth 2.2 dashtype {dash} "
            + $"linecolor rgb '{Colour(curve.Rule)}' title {Quoted(curve.Label)}";
    }

    private static double Top(CurvePoint point) => point.Mean + (point.Margin ?? 0);

    private static double Height(IReadOnlyList<LearningCurve> curves)
    {
        var start = curves.Max(curve => Top(curve.Points[0]));
        var rest = curves.SelectMany(curve => curve.Points.Skip(1)).Select(Top).DefaultIfEmpty(start).Max();
        var top = Math.Max(1e-12, start > LargestStart * rest ? rest : Math.Max(start, rest));
        var spacing = Spacing(top);
        return Math.Ceiling(top * 1.05 / spacing) * spacing;
    }

    /// <summary>A round distance (1, 2 or 5 times a power of ten) that divides a length into four to ten parts.</summary>
    private static double Spacing(double length)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(length / 4)));
        return new[] { 5 * power, 2 * power, power }.First(spacing => length / spacing >= 4 || spacing == power);
    }

    private static IEnumerable<long> Ticks(long width)
    {
        var spacing = Math.Max(1, (long)Spacing(width));
        for (var at = 0L; at <= width; at += spacing) yield return at;
    }

    private static string Tick(long step) => string.Create(CultureInfo.InvariantCulture, $"'{step:N0}' {step}");

    private static string Quoted(string text) => $"'{text.Replace("'", "''")}'";
}
