using System.Text;

namespace Plastic.Host;

/// <summary>Files of one JSON value a line.</summary>
internal static class JsonLines
{
    /// <summary>The values; none if there is no such file.</summary>
    /// <exception cref="PlasticException">A line is not of the type, or the file cannot be read.</exception>
    public static IReadOnlyList<T> Read<T>(string file) => File.Exists(file) ? Parse<T>(file, Text(file)) : [];

    /// <summary>The same of a file that lines are added to: a last line without a line end is still being written, and is left out.</summary>
    /// <exception cref="PlasticException">A line is not of the type, or the file cannot be read.</exception>
    public static IReadOnlyList<T> ReadGrowing<T>(string file)
    {
        if (!File.Exists(file)) return [];
        var text = Text(file);
        return Parse<T>(file, text[..(text.LastIndexOf('\n') + 1)]);
    }

    private static string Text(string file) => Encoding.UTF8.GetString(InputFile.Bytes(file));

    private static T[] Parse<T>(string file, string text) =>
    [
        .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, at) =>
            JsonFile.Parse<T>($"{file} line {at + 1}", Encoding.UTF8.GetBytes(line))),
    ];
}
