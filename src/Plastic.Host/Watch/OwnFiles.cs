namespace Plastic.Host;

/// <summary>
/// Whether what lies in a run's folder may be opened for the page: only files and folders that are there themselves. A link may lead out
/// of the runs' folder, and a pipe may never end.
/// </summary>
internal static class OwnFiles
{
    /// <summary>What is wrong with one of some names in a folder, in words; null where each is a file, or nothing.</summary>
    public static string? Fault(string folder, params string[] names) => names
        .Select(name => (Name: name, Path: Path.Combine(folder, name)))
        .Where(one => FileStatus.Of(one.Path) is not null && !FileMark.OfFile(one.Path).Exists)
        .Select(one => FaultOf(one.Name)).FirstOrDefault();

    /// <summary>What is wrong with anything that lies in a folder, however deep, in words; null where all is files and folders.</summary>
    public static string? Fault(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            var isFolder = entry is DirectoryInfo && entry.LinkTarget is null;
            if (!isFolder && !FileMark.OfFile(entry.FullName).Exists) return FaultOf(entry.Name);
            if (isFolder && Fault(entry.FullName) is { } fault) return fault;
        }
        return null;
    }

    private static string FaultOf(string name) => $"{SafeText.Line(name)} in its folder is a link, or no file, and is not read";
}
