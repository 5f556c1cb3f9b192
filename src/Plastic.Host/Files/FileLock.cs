namespace Plastic.Host;

/// <summary>
/// Locks of whole files (flock), as the runtime takes them for files that are not shared. Where a file system has none, the runtime does not
/// say so, and every process gets the file.
/// </summary>
internal static class FileLock
{
    // Linux: another process holds the lock; the file is there already.
    private const int WouldBlock = 11, Exists = 17;

    // As the runtime names them.
    private static readonly string[] LocalSystems =
        ["ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "reiserfs", "tmpfs", "ramfs", "overlay", "overlayfs", "apfs", "hfs"];

    /// <summary>Opens a file with its lock, and creates it where it is not there; null where another process has the lock.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isNew">Whether this process has created it.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileStream? Take(string file, out bool isNew)
    {
        isNew = true;
        try
        {
            try
            {
                return Open(file, FileMode.CreateNew);
            }
            catch (IOException thrown) when (thrown.HResult == Exists)
            {
                isNew = false;
                return Open(file, FileMode.OpenOrCreate);
            }
        }
        catch (IOException thrown) when (thrown.HResult == WouldBlock)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the lock of a file is taken, also by this process itself; null if there is no such file. False for one that this process has taken
    /// means that its file system has no locks.
    /// </summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static bool? IsTaken(string file)
    {
        try
        {
            Open(file, FileMode.Open).Dispose();
            return false;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException thrown) when (thrown.HResult == WouldBlock)
        {
            return true;
        }
    }

    /// <summary>A new file in a folder, with its lock, to find out what can be done there; it goes when it is closed.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static FileStream Probe(string folder) => new(
        Path.Combine(folder, $".plastic-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1,
        FileOptions.DeleteOnClose);

    /// <summary>Whether a folder's file system belongs to this machine alone, so that whoever could hold a lock there is seen.</summary>
    public static bool IsLocal(string folder)
    {
        try
        {
            return LocalSystems.Contains(new DriveInfo(folder).DriveFormat);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The time by the clock that writes the times of a folder's files, which may be a server's.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static DateTime Now(string folder)
    {
        using var probe = Probe(folder);
        return File.GetLastWriteTimeUtc(probe.Name);
    }

    private static FileStream Open(string file, FileMode mode) => new(file, mode, FileAccess.ReadWrite, FileShare.None, 1);
}
