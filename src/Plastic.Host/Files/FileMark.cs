namespace Plastic.Host;

/// <summary>
/// What tells whether a file or folder has changed, without opening it. A link counts as nothing: what it leads to may lie outside of the
/// runs' folder. So does a pipe, a device or a socket: even to open one may take forever.
/// </summary>
/// <param name="Length">In bytes; 0 for a folder, −1 for nothing.</param>
/// <param name="Time">When it was last written, UTC.</param>
internal readonly record struct FileMark(long Length, DateTime Time)
{
    // A file system's clock is coarse: what was written just now may be written again at the same time.
    private static readonly TimeSpan Coarse = TimeSpan.FromSeconds(2);

    /// <summary>Whether there is something.</summary>
    public bool Exists => Length >= 0;

    /// <summary>The mark of a file.</summary>
    public static FileMark OfFile(string path) => new FileInfo(path) is { Exists: true, LinkTarget: null } file && FileStatus.Of(path) is { IsFile: true }
        ? new(file.Length, file.LastWriteTimeUtc)
        : new(-1, default);

    /// <summary>The mark of a folder: it changes when a file in it appears, goes or is replaced.</summary>
    public static FileMark OfFolder(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null } folder
        ? new(0, folder.LastWriteTimeUtc)
        : new(-1, default);

    /// <summary>Whether what had this mark when it was read at a time is the same under another.</summary>
    public bool IsStill(FileMark now, DateTime readAt) => this == now && (!Exists || readAt - Time > Coarse);
}
