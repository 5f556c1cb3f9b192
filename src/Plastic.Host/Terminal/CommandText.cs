namespace Plastic.Host;

/// <summary>A command line, quoted so that it can be typed again.</summary>
internal static class CommandText
{
    public static string Of(IEnumerable<string> words) => $"plastic {string.Join(' ', words.Select(Quoted))}";

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_=./,:+".Contains(c))
            ? word
            : $"'{word.Replace("'", @"'\''")}'";
}
