using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace Plastic.Host;

/// <summary>Draws a chart onto a canvas whose unit is the point: ScottPlot the axes, bands and curves, Skia the texts around them.</summary>
internal static class ChartDrawing
{
    private const float LineWidth = 1.25f, SeedWidth = 0.35f, LevelWidth = 0.7f, MarkSize = 3.5f;
    private const string Ink = "#202020", Soft = "#5f6368", Grid = "#e3e3e3";
    private static readonly float[] LevelDash = [2.5f, 2.5f];

    // In a curve of many points, so many of them have a mark where the dashes alone do not tell the curves apart.
    private const int MarksPerCurve = 8;

    private static readonly MarkerShape[] Shapes =
    [
        MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond,
        MarkerShape.FilledTriangleDown,
    ];

    /// <summary>The chart's picture.</summary>
    public static Picture Of(Chart chart) =>
        new($"{chart.YLabel} over {chart.XLabel}", ChartLayout.Width, ChartLayout.Height, canvas => Draw(chart, canvas));

    private static void Draw(Chart chart, SKCanvas canvas)
    {
        var layout = new ChartLayout(chart);
        using (var plot = Curves(chart, layout))
        {
            // The first time ScottPlot draws everything twice, to find room for texts of its own; bands are transparent.
            var whole = new PixelRect(0, ChartLayout.Width, ChartLayout.Height, 0);
            using (var nothing = new SKNoDrawCanvas((int)ChartLayout.Width, (int)ChartLayout.Height)) plot.Render(nothing, whole);
            plot.Render(canvas, whole);
        }
        Texts(chart, layout, canvas);
        foreach (var label in layout.EndLabels)
        {
            Text(canvas, label.Text, layout.EndX, Baseline(label.Y), ChartLayout.LabelSize, TextColour(label.Style));
        }
        foreach (var entry in layout.Legend) Entry(canvas, entry, chart.HasMarks);
    }

    private static Plot Curves(Chart chart, ChartLayout layout)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = plot.DataBackground.Color = Colors.White;
        var area = layout.Area;
        plot.Layout.Fixed(new PixelRect(area.Left, area.Right, area.Bottom, area.Top));
        plot.Axes.SetLimits(layout.X.Low, layout.X.High, layout.Y.Low, layout.Y.High);
        Style(plot.Axes.Bottom, layout.X);
        Style(plot.Axes.Left, layout.Y);
        (plot.Axes.Top.FrameLineStyle.Width, plot.Axes.Right.FrameLineStyle.Width) = (0, 0);
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Grid.MajorLineColor = Color.FromHex(Grid);
        plot.Grid.MajorLineWidth = 0.5f;

        foreach (var (curve, style) in chart.Curves.Zip(layout.Styles))
        {
            if (curve.Seeds.Count > 0 || curve.Points.All(point => point.Band is null)) continue;
            var band = plot.Add.FillY(
                [.. curve.Points.Select(point => point.X)],
                [.. curve.Points.Select(point => point.Low)],
                [.. curve.Points.Select(point => point.High)]);
            band.FillColor = Color.FromHex(style.Colour).WithAlpha(0.2);
            (band.LineWidth, band.MarkerSize) = (0, 0);
        }
        foreach (var (curve, style) in chart.Curves.Zip(layout.Styles))
        {
            foreach (var seed in curve.Seeds)
            {
                var thin = plot.Add.Scatter(
                    seed.Points.Select(point => point.X).ToArray(), seed.Points.Select(point => point.Value).ToArray(),
                    Color.FromHex(style.Colour).WithAlpha(0.6));
                (thin.LineWidth, thin.MarkerSize) = (SeedWidth, 0);
                thin.LineStyle.StrokeJoin = SKStrokeJoin.Round;
            }
        }
        foreach (var (_, at) in layout.Levels)
        {
            plot.Add.HorizontalLine(at, LevelWidth, Color.FromHex(Soft), new LinePattern(LevelDash, 0, "level"));
        }
        foreach (var (curve, style) in chart.Curves.Zip(layout.Styles))
        {
            var line = plot.Add.Scatter(
                curve.Points.Select(point => point.X).ToArray(), curve.Points.Select(point => point.Value).ToArray(),
                Color.FromHex(style.Colour));
            line.LineWidth = LineWidth;
            line.LineStyle.StrokeJoin = SKStrokeJoin.Round;
            if (style.Dash.Count > 0) line.LinePattern = new LinePattern(Dash(style), 0, "curve");
            var hasAll = chart.HasMarks || curve.Points.Count == 1;
            (line.MarkerSize, line.MarkerShape) = (hasAll ? MarkSize : 0, ShapeOf(style, hasAll));
            if (hasAll || style.Mark == 0) continue;
            var apart = Math.Max(1, (int)Math.Round(curve.Points.Count / (double)MarksPerCurve));
            var marked = curve.Points.Where((_, k) => k % apart == 0).ToArray();
            plot.Add.Markers(
                marked.Select(point => point.X).ToArray(), marked.Select(point => point.Value).ToArray(), ShapeOf(style, hasAll),
                MarkSize, Color.FromHex(style.Colour));
        }
        return plot;
    }

    /// <summary>The form of a curve's marks; where only some curves have marks, those begin with the first form.</summary>
    private static MarkerShape ShapeOf(CurveStyle style, bool hasAll) => Shapes[Math.Max(0, hasAll ? style.Mark : style.Mark - 1) % Shapes.Length];

    private static void Style(IAxis axis, Axis scale)
    {
        axis.TickGenerator = new NumericManual([.. scale.Ticks.Select(tick => Tick.Major(tick.At, ""))]);
        axis.FrameLineStyle.Width = axis.MajorTickStyle.Width = 0.6f;
        axis.FrameLineStyle.Color = axis.MajorTickStyle.Color = Color.FromHex(Ink);
        axis.MajorTickStyle.Length = ChartLayout.TickLength;
    }

    /// <summary>The texts of axes and ticks: ScottPlot would set the ticks' further from their axis than a small figure allows.</summary>
    private static void Texts(Chart chart, ChartLayout layout, SKCanvas canvas)
    {
        Text(canvas, chart.YLabel, ChartLayout.Edge, ChartLayout.TitleRow, ChartLayout.LabelSize, Ink);
        var (noteX, align) = layout.NoteIsBeside
            ? (ChartLayout.Width - ChartLayout.Edge, SKTextAlign.Right)
            : (ChartLayout.Edge, SKTextAlign.Left);
        Text(canvas, chart.Note, noteX, layout.NoteRow, ChartLayout.TickSize, Soft, align);
        var area = layout.Area;
        foreach (var (at, text) in layout.Y.Ticks)
        {
            var y = (float)(area.Bottom - layout.Y.Share(at) * area.Height);
            Text(canvas, text, area.Left - ChartLayout.TickLength - ChartLayout.TickGap, Baseline(y), ChartLayout.TickSize, Ink, SKTextAlign.Right);
        }
        foreach (var (at, text) in layout.X.Ticks)
        {
            var x = (float)(area.Left + layout.X.Share(at) * area.Width);
            Text(canvas, text, x, area.Bottom + ChartLayout.TickLength + ChartLayout.TickGap + 0.72f * ChartLayout.TickSize, ChartLayout.TickSize, Ink, SKTextAlign.Center);
        }
        Text(
            canvas, chart.XLabel, layout.Area.MidX, ChartLayout.Height - ChartLayout.Edge - 0.5f, ChartLayout.LabelSize, Ink, SKTextAlign.Center);
    }

    private static void Entry(SKCanvas canvas, LegendEntry entry, bool hasMarks)
    {
        using var line = new SKPaint
        {
            IsAntialias = true,
            IsStroke = true,
            StrokeWidth = LineWidth,
            Color = SKColor.Parse(entry.Style.Colour),
        };
        if (entry.Style.Dash.Count > 0) line.PathEffect = SKPathEffect.CreateDash(Dash(entry.Style), 0);
        canvas.DrawLine(entry.X, entry.Y, entry.X + ChartLayout.Sample, entry.Y, line);
        if (hasMarks || entry.Style.Mark > 0)
        {
            using var paint = Paint.NewDisposablePaint();
            var style = new MarkerStyle(ShapeOf(entry.Style, hasMarks), MarkSize, Color.FromHex(entry.Style.Colour));
            Drawing.DrawMarker(canvas, paint, new Pixel(entry.X + ChartLayout.Sample / 2, entry.Y), style);
        }
        Text(
            canvas, entry.Text, entry.X + ChartLayout.Sample + ChartLayout.SampleGap, Baseline(entry.Y), ChartLayout.LabelSize, Ink);
    }

    private static void Text(
        SKCanvas canvas, string text, float x, float y, float size, string colour, SKTextAlign align = SKTextAlign.Left)
    {
        if (text.Length == 0) return;
        using var font = FigureText.Font(size);
        using var paint = new SKPaint { IsAntialias = true, Color = SKColor.Parse(colour) };
        canvas.DrawText(text, x, y, align, font, paint);
    }

    private static float[] Dash(CurveStyle style) => [.. style.Dash.Select(length => length * LineWidth)];

    /// <summary>The baseline of a label whose letters have their middle at y.</summary>
    private static float Baseline(float y) => y + 0.36f * ChartLayout.LabelSize;

    /// <summary>A line's colour, darker: letters are thinner than lines.</summary>
    private static string TextColour(CurveStyle? style)
    {
        if (style is null) return Soft;
        var line = SKColor.Parse(style.Colour);
        static byte Darker(byte part) => (byte)(0.8 * part);
        var text = new SKColor(Darker(line.Red), Darker(line.Green), Darker(line.Blue));
        return $"#{text.Red:x2}{text.Green:x2}{text.Blue:x2}";
    }
}
