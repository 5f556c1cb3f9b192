using SkiaSharp;

namespace Plastic.Host;

/// <summary>A text in the margin at the height of the line it names.</summary>
/// <param name="Text">The text.</param>
/// <param name="Style">The line's; null for a level that the curves are compared with.</param>
/// <param name="Y">The middle of the text, in points from the top.</param>
internal sealed record EndLabel(string Text, CurveStyle? Style, float Y);

/// <summary>An entry of the legend.</summary>
/// <param name="Text">The text.</param>
/// <param name="Style">The line's.</param>
/// <param name="X">The beginning of the sample, in points from the left.</param>
/// <param name="Y">The middle of the row, in points from the top.</param>
internal sealed record LegendEntry(string Text, CurveStyle Style, float X, float Y);

/// <summary>Where the parts of a figure lie, in points, for one column of a journal (3.5 inches).</summary>
internal sealed class ChartLayout
{
    /// <summary>Size of the figure.</summary>
    public const float Width = 252, Height = 168;

    /// <summary>Sizes of the texts: labels, and the smaller ones of ticks and notes.</summary>
    public const float LabelSize = 7.5f, TickSize = 7;

    /// <summary>From the edge of the figure to texts, and from the axes to theirs.</summary>
    public const float Edge = 3, TickLength = 2.5f, TickGap = 2.5f;

    /// <summary>Length of a line's sample in the legend, and from it to its text.</summary>
    public const float Sample = 16, SampleGap = 3.5f;

    private readonly string[] above;

    private const float Row = 10, LabelGap = 8.5f, EndGap = 4;

    // An end label further than this from its line would seem to belong to another line.
    private const float MostShift = 3;

    // Labels wider than this leave too little room for the curves.
    private const float WidestLabel = 0.36f * Width;

    /// <summary>The axes.</summary>
    public Axis X { get; }

    /// <inheritdoc cref="X"/>
    public Axis Y { get; }

    /// <summary>The styles of the curves.</summary>
    public IReadOnlyList<CurveStyle> Styles { get; }

    /// <summary>The area of the curves.</summary>
    public SKRect Area { get; }

    /// <summary>Baseline of the note, which may be beside the title.</summary>
    public float NoteRow { get; }

    /// <summary>Whether the note is at the right of the title's row rather than below it.</summary>
    public bool NoteIsBeside { get; }

    /// <summary>The names at the right of the lines: of all of them, or of the levels alone where there is a legend.</summary>
    public IReadOnlyList<EndLabel> EndLabels { get; }

    /// <summary>The legend; empty where the curves are named at their ends.</summary>
    public IReadOnlyList<LegendEntry> Legend { get; }

    /// <summary>The levels to draw across the figure with their names.</summary>
    public IReadOnlyList<(string Name, double At)> Levels { get; }

    /// <summary>Baseline of the first row of text.</summary>
    public const float TitleRow = Edge + LabelSize;

    public ChartLayout(Chart chart)
    {
        (X, Y) = (Axis.X(chart), Axis.Y(chart));
        Styles = Palette.Styles([.. chart.Curves.Select(curve => curve.Group)]);
        Levels = [.. chart.Levels.Where(level => level.At > Y.Low && level.At < Y.High)];
        above = [.. chart.Levels.Where(level => level.At >= Y.High).Select(level => $"{level.Name} (above)")];

        NoteIsBeside = FigureText.Width(chart.YLabel, LabelSize) + 3 * Edge + FigureText.Width(chart.Note, TickSize) < Width - 2 * Edge;
        NoteRow = NoteIsBeside || chart.Note.Length == 0 ? TitleRow : TitleRow + Row;
        var top = NoteRow + 7;
        var left = Edge + Y.Ticks.Max(tick => FigureText.Width(tick.Text, TickSize)) + TickGap + TickLength;
        var bottom = Height - Edge - LabelSize - 2 - TickSize - TickGap - TickLength;
        // Half of the last tick's text lies outside the area.
        var right = Width - Edge - FigureText.Width(X.Ticks[^1].Text, TickSize) / 2;

        var ends = Ends(chart, top, bottom);
        Legend = [];
        if (!AreApart(chart, ends, top, bottom))
        {
            Legend = Rows(chart, top - 3);
            top = Legend[^1].Y + Row / 2 + 3;
            ends = [.. Ends(chart, top, bottom).Where(end => end.Style is null)];
        }
        EndLabels = [.. ends.Zip(Places(ends, top, bottom), (end, y) => end with { Y = y })];
        if (EndLabels.Count > 0)
        {
            right = Math.Min(right, Width - Edge - EndGap - EndLabels.Max(label => FigureText.Width(label.Text, LabelSize)));
        }
        Area = new SKRect(left, top, right, bottom);
    }

    /// <summary>Beginning of the labels at the lines' ends.</summary>
    public float EndX => Area.Right + EndGap;

    /// <summary>The names of all lines at the heights where these end, from top to bottom.</summary>
    private EndLabel[] Ends(Chart chart, float top, float bottom)
    {
        float Place(double value) => (float)(bottom - Y.Share(value) * (bottom - top));
        return
        [
            .. chart.Curves
                .Select((curve, k) => new EndLabel(chart.NameOf(curve), Styles[k], Place(curve.Points[^1].Value)))
                .Concat(Levels.Select(level => new EndLabel(level.Name, null, Place(level.At))))
                .Concat(above.Select(name => new EndLabel(name, null, top)))
                .OrderBy(end => end.Y),
        ];
    }

    /// <summary>Whether names fit at the lines' ends: each is close to its own line, which ends at the right of the figure.</summary>
    private static bool AreApart(Chart chart, EndLabel[] ends, float top, float bottom) =>
        chart.Curves.All(curve => curve.Points[^1].X == chart.Curves[0].Points[^1].X)
        && ends.All(end => end.Y >= top && end.Y <= bottom && FigureText.Width(end.Text, LabelSize) <= WidestLabel)
        && ends.Zip(Places(ends, top, bottom)).All(pair => Math.Abs(pair.First.Y - pair.Second) <= MostShift);

    /// <summary>The labels' places, none of them among the texts above and below the curves.</summary>
    private static IEnumerable<float> Places(EndLabel[] ends, float top, float bottom) =>
        Apart([.. ends.Select(end => end.Y)], LabelGap).Select((y, k) => Math.Clamp(
            y, Math.Min(top, bottom) + k * LabelGap, Math.Max(top, bottom + 2 - (ends.Length - 1 - k) * LabelGap)));

    /// <summary>The places nearest to the given ones, by the sum of squares, each at least a gap below the previous one.</summary>
    /// <param name="wanted">In ascending order.</param>
    /// <param name="gap">Above 0.</param>
    internal static IReadOnlyList<float> Apart(IReadOnlyList<float> wanted, float gap)
    {
        // Less the gaps above them the places ascend: a regression by pooling neighbours that do not (Ayer et al. 1955).
        var pools = new List<(float Sum, int Count)>();
        for (var k = 0; k < wanted.Count; k++)
        {
            pools.Add((wanted[k] - k * gap, 1));
            while (pools is [.., var above, var last] && above.Sum / above.Count > last.Sum / last.Count)
            {
                pools.RemoveRange(pools.Count - 2, 2);
                pools.Add((above.Sum + last.Sum, above.Count + last.Count));
            }
        }
        return [.. pools.SelectMany(pool => Enumerable.Repeat(pool.Sum / pool.Count, pool.Count)).Select((place, k) => place + k * gap)];
    }

    /// <summary>The legend's entries from left to right, in as many rows as they need.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="top">The upper edge of the first row.</param>
    private List<LegendEntry> Rows(Chart chart, float top)
    {
        var entries = new List<LegendEntry>();
        var (x, y) = (Edge, top + Row / 2);
        foreach (var (curve, style) in chart.Curves.Zip(Styles))
        {
            var name = chart.NameOf(curve);
            var width = Sample + SampleGap + FigureText.Width(name, LabelSize);
            if (x > Edge && x + width > Width - Edge) (x, y) = (Edge, y + Row);
            entries.Add(new LegendEntry(name, style, x, y));
            x += width + 9;
        }
        return entries;
    }
}
