namespace Plastic.Host;

/// <summary>
/// Text that may come from someone else's files, made safe for a terminal: what a terminal would obey rather than show, and what
/// reverses the order of letters, becomes a question mark.
/// </summary>
internal static class SafeText
{
    /// <summary>As one line.</summary>
    public static string Line(string text) => Replaced(text, keepsLines: false);

    /// <summary>As one or more lines.</summary>
    public static string Lines(string text) => Replaced(text, keepsLines: true);

    private static string Replaced(string text, bool keepsLines)
    {
        bool IsObeyed(char c) => !(keepsLines && c == '\n')
            && (char.IsControl(c) || c is >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069');
        return text.Any(IsObeyed) ? string.Concat(text.Select(c => IsObeyed(c) ? '?' : c)) : text;
    }
}
