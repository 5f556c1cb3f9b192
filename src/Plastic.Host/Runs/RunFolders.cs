namespace Plastic.Host;

/// <summary>Finds the folders of runs.</summary>
internal static class RunFolders
{
    /// <summary>The folder in that of an experiment that holds what was given to a cluster, and no runs.</summary>
    public const string Submissions = "submissions";

    /// <summary>
    /// The folder of every run in a folder or below it, by path; none if there is no such folder. Links are followed, and a folder
    /// that several paths lead to is visited once.
    /// </summary>
    public static IReadOnlyList<string> Under(string folder)
    {
        var found = new List<string>();
        var visited = new HashSet<string>(StringComparer.Ordinal);
        Visit(folder);
        return [.. found.Order(StringComparer.Ordinal)];

        void Visit(string path)
        {
            if (CLibrary.RealPath(path) is not { } real || !Directory.Exists(path) || !visited.Add(real)) return;
            if (File.Exists(Path.Combine(path, RunDirectory.ConfigFile)))
            {
                found.Add(path);
                return;
            }
            // In order, so that it is always the same path of several that is taken; folders before links to them.
            foreach (var below in new DirectoryInfo(path).EnumerateDirectories()
                .Where(below => !below.Name.EndsWith(".tmp", StringComparison.Ordinal) && below.Name != Submissions)
                .OrderBy(below => below.LinkTarget is not null).ThenBy(below => below.Name, StringComparer.Ordinal))
            {
                Visit(Path.Combine(path, below.Name));
            }
        }
    }
}
