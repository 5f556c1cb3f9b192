namespace Plastic.Host;

/// <summary>
/// Finds the folders of runs below one, and lists again only folders that have changed. Links are not followed: they may lead out of the
/// runs' folder.
/// </summary>
/// <param name="root">The folder of all runs.</param>
internal sealed class FolderTree(string root)
{
    // Runs are three folders deep; more than twice that is no tree of runs.
    private const int Deepest = 8;

    private sealed record Listed(FileMark Mark, DateTime At, bool IsRun, string[] Folders);

    private Dictionary<string, Listed> known = [];

    /// <summary>The folder of every run, by path.</summary>
    public IReadOnlyList<string> Runs(DateTime now)
    {
        var runs = new List<string>();
        var seen = new Dictionary<string, Listed>(known.Count);
        Visit(root, 0);
        known = seen;
        return runs;

        void Visit(string path, int depth)
        {
            // A run has no runs below it, and its folder changes often.
            if (known.GetValueOrDefault(path) is { IsRun: true } run && File.Exists(Path.Combine(path, RunDirectory.ConfigFile)))
            {
                seen[path] = run;
                runs.Add(path);
                return;
            }
            var mark = FileMark.OfFolder(path);
            if (!mark.Exists) return;
            var listed = known.GetValueOrDefault(path) is { IsRun: false } before && before.Mark.IsStill(mark, before.At) ? before : List(path, mark);
            seen[path] = listed;
            if (listed.IsRun) runs.Add(path);
            else if (depth < Deepest) Array.ForEach(listed.Folders, folder => Visit(Path.Combine(path, folder), depth + 1));
        }

        Listed List(string path, FileMark mark)
        {
            try
            {
                if (File.Exists(Path.Combine(path, RunDirectory.ConfigFile))) return new(mark, now, true, []);
                return new(mark, now, false,
                [
                    .. new DirectoryInfo(path).EnumerateDirectories()
                        .Where(folder => folder.LinkTarget is null && !folder.Name.StartsWith('.') && folder.Name != RunFolders.Submissions && !folder.Name.EndsWith(".tmp", StringComparison.Ordinal))
                        .Select(folder => folder.Name).Order(StringComparer.Ordinal),
                ]);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                return new(mark, now, false, []);
            }
        }
    }
}
