namespace Plastic.Host;

/// <summary>
/// A file beside a run's folder that asks whoever trains the run to stop, on any machine that sees the folder; it also keeps a run
/// from being begun that has no folder yet. It stays until someone asks for the run again.
/// </summary>
internal static class StopFile
{
    /// <summary>Whether the run in a folder should stop, or not begin.</summary>
    public static bool IsThere(string path) => File.Exists(Of(path));

    /// <summary>Asks for it.</summary>
    /// <exception cref="PlasticException">The file cannot be written.</exception>
    public static void Put(string path) => Do(path, file =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.Create(file).Dispose();
    });

    /// <summary>Takes the wish back.</summary>
    /// <exception cref="PlasticException">The file cannot be deleted.</exception>
    public static void Remove(string path) => Do(path, file =>
    {
        if (File.Exists(file)) File.Delete(file);
    });

    /// <summary>Where it lies: beside the folder, which may be replaced.</summary>
    private static string Of(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.stop");
    }

    private static void Do(string path, Action<string> change)
    {
        var file = Of(path);
        try
        {
            change(file);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new PlasticException(ExitCode.InputOutput, $"cannot write {file}: {thrown.Message}", thrown);
        }
    }
}
