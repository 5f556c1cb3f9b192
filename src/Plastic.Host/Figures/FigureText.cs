using SkiaSharp;

namespace Plastic.Host;

/// <summary>
/// The one typeface of figures, carried by the program, so that a figure looks the same on every machine and needs no font
/// there. Arimo has the widths of Arial, Helvetica and Liberation Sans: an svg keeps its layout where it is shown with one of those.
/// </summary>
internal static class FigureText
{
    /// <summary>The family's name.</summary>
    public const string Family = "Arimo";

    /// <summary>Families for readers of an svg, the first that they have.</summary>
    public const string Families = $"{Family}, 'Liberation Sans', Arial, Helvetica, sans-serif";

    private static readonly SKTypeface Typeface = Load();

    /// <summary>The typeface at a size, placed to fractions of a point.</summary>
    /// <param name="size">In points.</param>
    public static SKFont Font(float size) =>
        new(Typeface, size) { Subpixel = true, Hinting = SKFontHinting.None, Edging = SKFontEdging.Antialias, LinearMetrics = true };

    /// <summary>The width of a text in points.</summary>
    public static float Width(string text, float size)
    {
        using var font = Font(size);
        return font.MeasureText(text);
    }

    private static SKTypeface Load()
    {
        using var data = SKData.CreateCopy(Resource.Bytes("Figures.Arimo-Regular.ttf"));
        return SKTypeface.FromData(data);
    }
}
