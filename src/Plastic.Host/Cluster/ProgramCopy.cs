namespace Plastic.Host;

/// <summary>
/// A copy of this program, which a later build cannot change: jobs that wait run what was submitted. Documentation, symbols and libraries
/// of other systems are left out.
/// </summary>
internal static class ProgramCopy
{
    /// <summary>Copies the program into a folder.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Files())
        {
            var copy = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(AppContext.BaseDirectory, file), copy);
        }
        ProgramSource.Write(folder);
    }

    /// <summary>How the copy in a folder is started.</summary>
    public static IReadOnlyList<string> Words(string folder) => Assembly is { } assembly
        ? [DotNet, Path.Combine(folder, assembly)]
        : [Path.Combine(folder, Path.GetFileName(Environment.ProcessPath!))];

    /// <summary>The name of the program's assembly; null where the program is one file.</summary>
    private static string? Assembly
    {
        get
        {
            var name = $"{typeof(ProgramCopy).Assembly.GetName().Name}.dll";
            return File.Exists(Path.Combine(AppContext.BaseDirectory, name)) ? name : null;
        }
    }

    /// <summary>The dotnet that runs this program, or else the one on PATH.</summary>
    private static string DotNet =>
        Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    /// <summary>The program's files, relative to its folder.</summary>
    private static IEnumerable<string> Files()
    {
        if (Assembly is not { } assembly) return [Path.GetRelativePath(AppContext.BaseDirectory, Environment.ProcessPath!)];
        var runtimes = Path.Combine(AppContext.BaseDirectory, "runtimes");
        bool IsOfOtherSystem(string file) =>
            file.StartsWith(runtimes, StringComparison.Ordinal) && !Path.GetRelativePath(runtimes, file).StartsWith("linux", StringComparison.Ordinal);
        return Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories)
            .Where(file => !(Path.GetExtension(file) is ".pdb" or ".xml") && !IsOfOtherSystem(file))
            .Select(file => Path.GetRelativePath(AppContext.BaseDirectory, file));
    }
}
