namespace Plastic.Host;

/// <summary>Keeps two of one command from working on a folder at the same time.</summary>
internal sealed class FolderLock : IDisposable
{
    // Longer than any such work takes.
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50);

    private readonly string file;
    private readonly FileStream held;

    private FolderLock(string file, FileStream held) => (this.file, this.held) = (file, held);

    /// <summary>Takes the lock of a folder, which is made if it does not exist.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="command">The command, for the message.</param>
    /// <param name="patience">How long to wait for another process.</param>
    /// <exception cref="PlasticException">Another process has it, or the folder cannot be written to.</exception>
    public static FolderLock Take(string folder, string command, TimeSpan patience)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var end = DateTime.UtcNow + patience;
            while (true)
            {
                if (TryTake(folder) is { } taken) return taken;
                if (DateTime.UtcNow >= end) throw new PlasticException(ExitCode.Exists, $"another plastic {command} is at work in {folder}: try again when it has ended");
                Thread.Sleep(BetweenTries);
            }
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new PlasticException(ExitCode.InputOutput, $"cannot write to {folder}: {thrown.Message}", thrown);
        }
    }

    public void Dispose()
    {
        File.Delete(file);
        held.Dispose();
    }

    private static FolderLock? TryTake(string folder)
    {
        var file = Path.Combine(folder, ".lock");
        var held = FileLock.Take(file, out var isNew);
        if (held is null) return null;
        // Without locks, whoever has made the file has it; with them, the lock may be on a file that its last holder has just removed.
        var isTaken = isNew || (FileLock.IsTaken(file) is { } seen && (seen || FileLock.Now(folder) - File.GetLastWriteTimeUtc(file) >= Forgotten));
        if (isTaken) return new FolderLock(file, held);
        held.Dispose();
        return null;
    }
}
