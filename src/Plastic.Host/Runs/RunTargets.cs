namespace Plastic.Host;

/// <summary>The runs that a word of the command line stands for.</summary>
internal static class RunTargets
{
    /// <summary>
    /// The folders of the runs in a folder or below it, of those with a name or a tag, or of an experiment, in this order.
    /// </summary>
    /// <param name="target">The word.</param>
    /// <param name="directory">The folder that holds runs/.</param>
    /// <exception cref="PlasticException">There are none.</exception>
    public static IReadOnlyList<string> Of(string target, string directory) => Find(target, directory) is { Count: > 0 } found
        ? found
        : throw new PlasticException(
            ExitCode.MissingInput, $"no runs in a folder, with a name or tag, or of an experiment called {target} (plastic list runs)");

    /// <summary>The same; none where there are none.</summary>
    public static IReadOnlyList<string> Find(string target, string directory)
    {
        var root = RunDirectory.Root(directory);
        if (Directory.Exists(target) && RunFolders.Under(target) is { Count: > 0 } below) return below;
        if (RunFolders.Under(root).Where(path => RunLabel.Read(path).Has(target)).ToArray() is { Length: > 0 } called) return called;
        return RunFolders.Under(Path.Combine(root, target));
    }
}
