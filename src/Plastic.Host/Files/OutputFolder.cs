namespace Plastic.Host;

/// <summary>Checks that a folder, which may not exist yet, can be written to, before hours of work depend on it.</summary>
internal static class OutputFolder
{
    /// <summary>Creates a file in the nearest folder that exists, and removes it again.</summary>
    /// <exception cref="PlasticException">The folder cannot be written to.</exception>
    public static void RequireWritable(string folder)
    {
        var existing = Existing(folder);
        try
        {
            FileLock.Probe(existing).Dispose();
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw Refused(folder, thrown.Message, thrown);
        }
    }

    /// <summary>
    /// What to warn of where the file system of a folder has no locks, so that another process that trains the same run is noticed less
    /// quickly; null where it has.
    /// </summary>
    /// <exception cref="PlasticException">The folder cannot be written to.</exception>
    public static string? Unlocked(string folder)
    {
        var existing = Existing(folder);
        try
        {
            using var probe = FileLock.Probe(existing);
            return FileLock.IsTaken(probe.Name) == true
                ? null
                : $"the file system of {existing} has no locks: a run belongs to whoever its .lock file names, until that process has been silent for ten minutes";
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw Refused(folder, thrown.Message, thrown);
        }
    }

    /// <summary>Checks that a file of the user's choice can be written without destroying another.</summary>
    /// <exception cref="PlasticException">It exists, or its folder cannot be written to.</exception>
    public static void RequireNew(string file)
    {
        if (Directory.Exists(file))
        {
            throw new PlasticException(ExitCode.Exists, $"{file} is a folder: name a file in it");
        }
        if (Path.Exists(file))
        {
            throw new PlasticException(ExitCode.Exists, $"{file} exists and is not overwritten: choose another name, or delete it first");
        }
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (!Directory.Exists(folder))
        {
            throw new PlasticException(ExitCode.MissingInput, $"{folder}: no such folder, for {Path.GetFileName(file)}");
        }
        RequireWritable(folder);
    }

    /// <summary>The nearest folder that exists.</summary>
    private static string Existing(string folder)
    {
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing))
        {
            if (File.Exists(existing)) throw Refused(folder, $"{existing} is a file", null);
            existing = Path.GetDirectoryName(existing)!;
        }
        return existing;
    }

    private static PlasticException Refused(string folder, string why, Exception? cause) =>
        new(ExitCode.InputOutput, $"cannot write to {folder}: {why}", cause);
}
