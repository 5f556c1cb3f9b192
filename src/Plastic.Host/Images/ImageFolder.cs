namespace Plastic.Host;

/// <summary>The folder of image sets: the one given, or that of PLASTIC_DATA, or data in the current folder.</summary>
internal static class ImageFolder
{
    public const string Variable = "PLASTIC_DATA";

    /// <param name="given">As given; empty for none.</param>
    public static string Root(string given) =>
        given.Length > 0 ? given : Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : "data";

    /// <summary>In words, where sets are looked for where no folder is given.</summary>
    public static string Place
    {
        get
        {
            var root = Root("");
            return $"looked for in {Path.GetFullPath(root)}{(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } ? $", which {Variable} names" : "")}"
                + (Directory.Exists(root) ? "" : "; there is no such folder");
        }
    }

    /// <summary>The folder of a set.</summary>
    public static string Of(string given, string name) => Path.Combine(Root(given), name);

    /// <summary>The names of the sets in it, in order.</summary>
    public static IEnumerable<string> Names(string given) =>
        Directory.Exists(Root(given))
            ? Directory.EnumerateDirectories(Root(given))
                .Where(folder => File.Exists(Path.Combine(folder, ImageSetFacts.FileName)))
                .Select(folder => Path.GetFileName(folder))
                .Where(name => !name.StartsWith('.'))
                .Order(StringComparer.Ordinal)
            : [];
}
