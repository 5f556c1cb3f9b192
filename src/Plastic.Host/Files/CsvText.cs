using System.Globalization;
using System.Text;

namespace Plastic.Host;

/// <summary>Tables as text: comma-separated, a line with the names of the columns first, numbers in their shortest form.</summary>
internal static class CsvText
{
    /// <summary>Writes a file atomically.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string file, IEnumerable<string> columns, IEnumerable<IEnumerable<string>> rows) => AtomicFile.Write(file, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        foreach (var row in rows.Prepend(columns)) writer.WriteLine(Row(row));
    });

    /// <summary>A row without its line end.</summary>
    public static string Row(IEnumerable<string> cells) => string.Join(',', cells.Select(Quoted));

    /// <summary>A number; empty for none.</summary>
    public static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A number of 32 bits.</summary>
    public static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";
}
