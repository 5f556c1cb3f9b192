namespace Plastic.Host;

/// <summary>Colours of results: only on a terminal, and only if colours are enabled.</summary>
internal static class Paint
{
    /// <summary>A good result, in green.</summary>
    public static string Good(string text, Output output) => Colour(text, 32, output);

    /// <summary>A bad result, in red.</summary>
    public static string Bad(string text, Output output) => Colour(text, 31, output);

    private static string Colour(string text, int code, Output output) =>
        output.Color && !Console.IsOutputRedirected ? $"\e[{code}m{text}\e[0m" : text;
}
