namespace Plastic.Program.Tests.House;

/// <summary>The repository's projects and source files.</summary>
internal static class SourceTree
{
    /// <summary>The folders of the projects below src.</summary>
    public static IEnumerable<string> Projects =>
        Directory.EnumerateDirectories(Path.Combine(ReadmeTests.Root, "src"))
            .Where(folder => Directory.EnumerateFiles(folder, "*.*proj").Any())
            .Order(StringComparer.Ordinal);

    /// <summary>The F# and C# files below a folder that people write.</summary>
    public static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".fs" or ".cs")
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    /// <summary>The assembly that a project builds, beside the tests.</summary>
    public static string Assembly(string project)
    {
        var name = Path.GetFileName(project);
        return Path.Combine(AppContext.BaseDirectory, name == "Plastic.Host" ? "plastic.dll" : name + ".dll");
    }
}
