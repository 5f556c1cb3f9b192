using SkiaSharp;

namespace Plastic.Host;

/// <summary>
/// A table of ranks for one column of a journal: a square for each value and place, with the number and its interval; the better, the darker.
/// Above the ranks, below the losses.
/// </summary>
internal static class RankDrawing
{
    private const float Edge = ChartLayout.Edge, Label = 7, Number = 7, Range = 5, Row = 18, Gap = 1, Between = 18;
    private static readonly SKColor Ink = SKColor.Parse("#202020"), Soft = SKColor.Parse("#5f6368"), Shade = SKColor.Parse(Palette.Colours[0]);

    // The darkest shade still carries black text.
    private const float Darkest = 0.62f;

    /// <summary>The table's picture.</summary>
    public static Picture Of(RankTable table)
    {
        var names = table.Places.Max(place => FigureText.Width(place, Label)) + 2;
        var block = table.Values.Count * Row;
        var height = 2 * Edge + Label + 4 + names + block + Between + block + (table.HasOverflows ? 2 : 1) * (Label + 2) + 2;
        return new Picture(
            "mean rank by test loss, and test loss in percent of chance", ChartLayout.Width, height, canvas => Draw(table, canvas, names, block));
    }

    private static void Draw(RankTable table, SKCanvas canvas, float names, float block)
    {
        canvas.Clear(SKColors.White);
        var left = Edge + table.Values.Max(value => FigureText.Width(value, Label)) + 4;
        var width = (ChartLayout.Width - Edge - left) / table.Places.Count;
        var top = Edge + Label + 4 + names;
        Text(canvas, "mean rank by test loss, 1 is best", Edge, Edge + Label, Label, Ink);
        for (var place = 0; place < table.Places.Count; place++)
        {
            canvas.Save();
            canvas.Translate(left + (place + 0.5f) * width + 0.36f * Label, top - 2);
            canvas.RotateDegrees(-90);
            Text(canvas, table.Places[place], 0, 0, Label, Ink);
            canvas.Restore();
        }
        Block(table, canvas, left, width, top, cell => cell.RankText, cell => cell.RankRange, cell => Better(cell.Rank.Estimate, table.Values.Count));
        var second = top + block + Between;
        Text(canvas, "test loss, % of chance", Edge, second - 4, Label, Ink);
        Block(table, canvas, left, width, second, cell => cell.LossText, cell => cell.LossRange, cell => cell.OfChance is { } share ? 1 - share.Estimate : 0);
        Text(canvas, $"mean and 95 % interval, bootstrap over {table.Seeds}", Edge, second + block + Label + 2, Label, Soft);
        if (!table.HasOverflows) return;
        Text(canvas, "“2 of 5”: the other runs overflowed, and rank last", Edge, second + block + 2 * (Label + 2), Label, Soft);
    }

    /// <summary>1 for the first rank, 0 for the last.</summary>
    private static double Better(double rank, int count) => count < 2 ? 1 : (count - rank) / (count - 1);

    private static void Block(
        RankTable table, SKCanvas canvas, float left, float width, float top,
        Func<RankCell, string> number, Func<RankCell, string> range, Func<RankCell, double> better)
    {
        for (var value = 0; value < table.Values.Count; value++)
        {
            var y = top + value * Row;
            Text(canvas, table.Values[value], Edge, y + Row / 2 + 0.36f * Label, Label, Ink);
            for (var place = 0; place < table.Places.Count; place++)
            {
                var cell = table[value, place];
                if (number(cell).Length == 0) continue;
                var x = left + place * width;
                using var fill = new SKPaint { IsAntialias = true, Color = Shaded((float)Math.Clamp(better(cell), 0, 1)) };
                canvas.DrawRect(x + Gap / 2, y + Gap / 2, width - Gap, Row - Gap, fill);
                Text(canvas, number(cell), x + width / 2, y + 8.6f, Number, Ink, SKTextAlign.Center);
                Text(canvas, range(cell), x + width / 2, y + 15, Range, Ink, SKTextAlign.Center);
            }
        }
    }

    /// <summary>White for 0, the darkest shade for 1.</summary>
    private static SKColor Shaded(float better)
    {
        byte Mixed(byte part) => (byte)(255 - (255 - part) * Darkest * better);
        return new SKColor(Mixed(Shade.Red), Mixed(Shade.Green), Mixed(Shade.Blue));
    }

    private static void Text(SKCanvas canvas, string text, float x, float y, float size, SKColor colour, SKTextAlign align = SKTextAlign.Left)
    {
        using var font = FigureText.Font(size);
        using var paint = new SKPaint { IsAntialias = true, Color = colour };
        canvas.DrawText(text, x, y, align, font, paint);
    }
}
