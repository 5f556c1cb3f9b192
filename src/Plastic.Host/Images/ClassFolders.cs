using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// Folders of pictures: train/CLASS/*.png (or jpg), and val and test alike; also named meta-train and so on. Classes are in the order of
/// their names (of their letters, one by one). Other files are left out.
/// </summary>
internal static class ClassFolders
{
    private static readonly string[][] Names = [["train"], ["val", "validation"], ["test"]];
    private static readonly string[] Pictures = [".png", ".jpg", ".jpeg"];

    /// <summary>The folder of each part; null if they are not there.</summary>
    public static string[]? Parts(string folder)
    {
        string? Find(string[] names) => names.SelectMany(name => new[] { name, $"meta-{name}", $"meta_{name}" })
            .Select(name => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists);
        string[] parts = [.. Names.Select(Find).OfType<string>()];
        return parts.Length == Names.Length ? parts : null;
    }

    /// <summary>Reads a part.</summary>
    /// <exception cref="PlasticException">A picture is damaged.</exception>
    public static void Read(string folder, Part part, ImageSetWriter writer)
    {
        foreach (var name in Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Where(name => name[0] != '.').Order(StringComparer.Ordinal))
        {
            var label = writer.AddClass(part, name);
            var files = Directory.EnumerateFiles(Path.Combine(folder, name))
                .Where(file => Path.GetFileName(file)[0] != '.' && Pictures.Contains(Path.GetExtension(file).ToLowerInvariant()));
            foreach (var file in files.Order(StringComparer.Ordinal)) PictureFile.Read(file, label, writer);
        }
    }
}
