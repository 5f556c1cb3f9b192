namespace Plastic.Host;

/// <summary>Files that are there as a whole or not at all, whenever the program is stopped.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes beside the file, onto the disk, then takes the file's place. Nothing is left behind when that fails.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static void Write(string file, Action<Stream> write)
    {
        var temporary = $"{file}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, file, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
