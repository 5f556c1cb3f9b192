using System.Text;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// miniImageNet as jpg: a folder images, and train.csv, val.csv and test.csv, a line `filename,label` each. Classes are in the order of
/// their labels (of their letters, one by one).
/// </summary>
internal static class ListedImages
{
    private const string Header = "filename,label";
    private const int MostLines = 20_000_000;

    /// <summary>The files of a folder, one for each part; null if they are not there.</summary>
    public static string[]? Files(string folder)
    {
        string[] files = [.. new[] { "train.csv", "val.csv", "test.csv" }.Select(name => Path.Combine(folder, name))];
        return files.All(File.Exists) && Directory.Exists(Images(folder)) ? files : null;
    }

    /// <summary>Reads a part.</summary>
    /// <exception cref="FormatException">The list is damaged, or names a picture that is not there.</exception>
    /// <exception cref="PlasticException">A picture is damaged.</exception>
    public static void Read(string folder, Stream list, Part part, ImageSetWriter writer)
    {
        var rows = Rows(list);
        if (rows.FirstOrDefault(row => !File.Exists(Path.Combine(Images(folder), row.Name))) is { Name: { } missing })
        {
            throw new FormatException($"it lists {SafeText.Line(missing[..Math.Min(80, missing.Length)])}, which is not in {Images(folder)}");
        }
        var classes = rows.Select(row => row.Label).Distinct().Order(StringComparer.Ordinal).ToDictionary(label => label, label => writer.AddClass(part, label));
        foreach (var (name, label) in rows) PictureFile.Read(Path.Combine(Images(folder), name), classes[label], writer);
    }

    /// <summary>The files and labels of a list.</summary>
    /// <exception cref="FormatException">It has another layout.</exception>
    public static IReadOnlyList<(string Name, string Label)> Rows(Stream list)
    {
        using var reader = new StreamReader(list, new UTF8Encoding(false, throwOnInvalidBytes: true), true, 1 << 16, leaveOpen: true);
        try
        {
            if (reader.ReadLine()?.Trim() != Header) throw new FormatException($"line 1 is not {Header}");
            var rows = new List<(string, string)>();
            for (var number = 2; reader.ReadLine() is { } line; number++)
            {
                if (line.Length == 0) continue;
                if (rows.Count == MostLines) throw new FormatException($"more than {MostLines} lines");
                if (line.Split(',', 3) is not [{ Length: > 0 } name, { Length: > 0 } label]) throw new FormatException($"line {number} is not {Header}");
                if (name != Path.GetFileName(name) || name is "." or ".." || name.Contains('\0')) throw new FormatException($"line {number}: {SafeText.Line(name[..Math.Min(40, name.Length)])} is not the name of a file in images");
                rows.Add((name, label));
            }
            return rows;
        }
        catch (DecoderFallbackException fault)
        {
            throw new FormatException("not text in UTF-8", fault);
        }
    }

    private static string Images(string folder) => Path.Combine(folder, "images");
}
