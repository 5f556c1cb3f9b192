using System.Text;

namespace Plastic.Host;

/// <summary>Text in lines that are not wider than a terminal.</summary>
internal static class Paragraph
{
    private const string Indent = "  ";

    /// <summary>A text whose lines break between words; all but the first are indented.</summary>
    /// <param name="text">Words with one space between them.</param>
    /// <param name="most">The width of the terminal; null for no limit.</param>
    public static string Of(string text, int? most) => Of(text.Split(' '), " ", most);

    /// <summary>Pieces, with a gap between them or a new line.</summary>
    /// <param name="pieces">What stays together; a piece that is wider than the terminal has a line of its own.</param>
    /// <param name="gap">What lies between two pieces of a line.</param>
    /// <param name="most">The width of the terminal; null for no limit.</param>
    public static string Of(IEnumerable<string> pieces, string gap, int? most)
    {
        var (text, width) = (new StringBuilder(), 0);
        foreach (var piece in pieces)
        {
            if (text.Length == 0) width = piece.Length;
            else if (width + gap.Length + piece.Length <= (most ?? int.MaxValue))
            {
                text.Append(gap);
                width += gap.Length + piece.Length;
            }
            else
            {
                text.Append('\n').Append(Indent);
                width = Indent.Length + piece.Length;
            }
            text.Append(piece);
        }
        return text.ToString();
    }
}
