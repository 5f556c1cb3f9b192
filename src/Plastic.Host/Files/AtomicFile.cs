using System.Text;

namespace Plastic.Host;

/// <summary>Files that exist as a whole or not at all, whenever the program is killed.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes a temporary file beside it, syncs it to the disk, and renames it. Nothing is left behind if that fails.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="before">Called directly before the file is replaced; what it throws leaves the file as it was.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static void Write(string file, Action<Stream> write, Action? before = null)
    {
        var temporary = $"{file}.{Environment.ProcessId}.tmp";
        try
        {
            WriteThrough(temporary, write);
            before?.Invoke();
            CLibrary.Rename(temporary, file);
            CLibrary.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The same for a text.</summary>
    public static void Write(string file, string content, Action? before = null) => Write(file, Bytes(content), before);

    /// <summary>Writes a text to a file that nothing reads yet, and syncs it to the disk.</summary>
    public static void WriteThrough(string file, string content) => WriteThrough(file, Bytes(content));

    /// <summary>Writes a file that nothing reads yet, and syncs it to the disk.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static void WriteThrough(string file, Action<Stream> write)
    {
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None);
        write(stream);
        CLibrary.Sync(stream);
    }

    private static Action<Stream> Bytes(string content) => stream => stream.Write(Encoding.UTF8.GetBytes(content));
}
