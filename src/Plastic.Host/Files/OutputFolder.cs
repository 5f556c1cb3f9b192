namespace Plastic.Host;

/// <summary>Checks that a folder, which may not exist yet, can be written to, before hours of work depend on it.</summary>
internal static class OutputFolder
{
    /// <summary>Creates a file in the nearest folder that exists, and removes it again.</summary>
    /// <exception cref="PlasticException">The folder cannot be written to.</exception>
    public static void RequireWritable(string folder)
    {
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing))
        {
            if (File.Exists(existing)) throw Refused(folder, $"{existing} is a file", null);
            existing = Path.GetDirectoryName(existing)!;
        }
        try
        {
            var probe = Path.Combine(existing, $".plastic-{Guid.NewGuid():N}");
            using var file = new FileStream(
                probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw Refused(folder, thrown.Message, thrown);
        }
    }

    private static PlasticException Refused(string folder, string why, Exception? cause) =>
        new(ExitCode.InputOutput, $"cannot write to {folder}: {why}", cause);
}
