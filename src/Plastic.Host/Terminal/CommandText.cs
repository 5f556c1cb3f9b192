using Plastic.Settings;

namespace Plastic.Host;

/// <summary>A command line, quoted so that it can be typed again.</summary>
internal static class CommandText
{
    public static string Of(IEnumerable<string> words) => $"plastic {ShellText.Join(words)}";

    /// <summary>The words of such a command line, "plastic" the first.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        ShellText.TrySplit(text, out var words);
        return words;
    }
}
