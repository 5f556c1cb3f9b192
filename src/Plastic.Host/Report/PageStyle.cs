namespace Plastic.Host;

/// <summary>The style that all pages share, on white and, where the reader's system asks for it, on black.</summary>
internal static class PageStyle
{
    /// <summary>The text of a style element.</summary>
    public static string Text { get; } = Resource.Text("Report.style.css")
        .Replace("/*light*/", Variables(Palette.Colours)).Replace("/*dark*/", Variables(Palette.DarkColours));

    /// <summary>The colour of a curve, by its number in the palette, as scripts give it to a drawing.</summary>
    public static string Curve(int number) => $"var({Variable(number)})";

    private static string Variables(IEnumerable<string> colours) => string.Join(' ', colours.Select((colour, k) => $"{Variable(k)}: {colour};"));

    private static string Variable(int number) => $"--curve-{number}";
}
