using Plastic.Tasks;
using SkiaSharp;

namespace Plastic.Host;

/// <summary>Images to look at: a row for each class, with its name and its first images; the rows of a part fill several columns.</summary>
internal static class ContactSheet
{
    private const int Shown = 10, MostPixels = 42, Gap = 2, NameWidth = 110, Margin = 12, Heading = 34, LongestName = 17;
    private const float NameSize = 11, HeadingSize = 16;

    /// <summary>One part: where it is on the sheet, and its rows and columns.</summary>
    private sealed record Block(string Title, ImageClasses Classes, string[] Names, int Top, int Rows, int Columns);

    /// <summary>Draws a set as png.</summary>
    public static void Write(ImageSet set, Stream png)
    {
        var cell = Math.Min(set.Side, MostPixels);
        var (rowHeight, columnWidth) = (cell + Gap, NameWidth + Shown * (cell + Gap) + Margin);
        var blocks = new List<Block>();
        var top = Margin;
        foreach (var ((name, facts), part) in set.Facts.Parts.Zip(Enum.GetValues<Part>()))
        {
            // As many columns as make the largest part about square.
            var columns = Math.Max(1, (int)Math.Round(Math.Sqrt((double)facts.Names.Length * rowHeight / columnWidth)));
            var rows = (facts.Names.Length + columns - 1) / columns;
            blocks.Add(new Block($"{name}: {CountText.Classes(facts.Names.Length)}, {CountText.Of(facts.Images, "image")}", set.Classes(part), facts.Names, top, rows, columns));
            top += Heading + rows * rowHeight + Margin;
        }
        using var surface = SKSurface.Create(new SKImageInfo(Margin + blocks.Max(block => block.Columns) * columnWidth, top));
        surface.Canvas.Clear(SKColors.White);
        foreach (var block in blocks) Draw(set, block, cell, rowHeight, columnWidth, surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        data.SaveTo(png);
    }

    private static void Draw(ImageSet set, Block block, int cell, int rowHeight, int columnWidth, SKCanvas canvas)
    {
        using var paint = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        using var heading = FigureText.Font(HeadingSize);
        using var font = FigureText.Font(NameSize);
        canvas.DrawText(block.Title, Margin, block.Top + HeadingSize, heading, paint);
        var bytes = new byte[set.Facts.ImageBytes];
        var small = new byte[cell * cell * 3];
        using var bitmap = new SKBitmap(cell, cell, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (var label = 0; label < block.Classes.Count; label++)
        {
            var left = Margin + label / block.Rows * columnWidth;
            var top = block.Top + Heading + label % block.Rows * rowHeight;
            var name = block.Names[label];
            canvas.DrawText(name.Length > LongestName ? name[..LongestName] + "…" : name, left, top + (rowHeight + NameSize) / 2, font, paint);
            for (var n = 0; n < Math.Min(Shown, block.Classes.CountOf(label)); n++)
            {
                set.Read(block.Classes.First(label) + n, bytes);
                Resampling.Square(new PixelImage(set.Side, set.Side, bytes), cell, small);
                new PixelImage(cell, cell, small).CopyTo(bitmap);
                canvas.DrawBitmap(bitmap, left + NameWidth + n * (cell + Gap), top);
            }
        }
    }
}
