using System.Text;

namespace Plastic.Host;

/// <summary>A command line, quoted so that it can be typed again.</summary>
internal static class CommandText
{
    public static string Of(IEnumerable<string> words) => $"plastic {string.Join(' ', words.Select(Quoted))}";

    /// <summary>The words of such a command line, "plastic" the first.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (isQuoted, isWord) = (false, false);
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == '\'') (isQuoted, isWord) = (!isQuoted, true);
            else if (!isQuoted && letter == ' ')
            {
                if (isWord) words.Add(word.ToString());
                word.Clear();
                isWord = false;
            }
            else
            {
                if (!isQuoted && letter == '\\' && at + 1 < text.Length) letter = text[++at];
                word.Append(letter);
                isWord = true;
            }
        }
        return isWord ? [.. words, word.ToString()] : words;
    }

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_=./,:+".Contains(c))
            ? word
            : $"'{word.Replace("'", @"'\''")}'";
}
