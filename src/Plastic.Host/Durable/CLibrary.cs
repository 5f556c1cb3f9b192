using System.Runtime.InteropServices;

namespace Plastic.Host;

/// <summary>
/// The C library's own fsync and rename: the runtime's flush and move do not tell when a sync fails, and copy where a rename
/// would cross devices.
/// </summary>
internal static class CLibrary
{
    private const int OpenReadOnly = 0;
    private const int InvalidArgument = 22, NotSupported = 95;

    /// <summary>Waits until what was written to an open file is on the disk.</summary>
    /// <exception cref="IOException">It is not, with the reason.</exception>
    public static void Sync(FileStream file)
    {
        file.Flush();
        Require(NativeSync(file.SafeFileHandle.DangerousGetHandle().ToInt32()), "sync", file.Name);
        GC.KeepAlive(file);
    }

    /// <summary>Waits until a folder's entries are on the disk; some network file systems cannot, and are not asked again.</summary>
    /// <exception cref="IOException">They are not, with the reason.</exception>
    public static void SyncFolder(string folder)
    {
        var descriptor = NativeOpen(folder, OpenReadOnly);
        Require(descriptor, "open", folder);
        try
        {
            var result = NativeSync(descriptor);
            if (result < 0 && Marshal.GetLastPInvokeError() is InvalidArgument or NotSupported) return;
            Require(result, "sync", folder);
        }
        finally
        {
            // Nothing was written through it that closing could lose.
            _ = NativeClose(descriptor);
        }
    }

    /// <summary>Gives a file or folder another name in one step; a file there before is replaced.</summary>
    /// <exception cref="IOException">It has its old name still, with the reason.</exception>
    public static void Rename(string from, string to) => Require(NativeRename(from, to), "rename", to);

    private static void Require(int result, string what, string path)
    {
        if (result >= 0) return;
        var number = Marshal.GetLastPInvokeError();
        throw new IOException($"{path}: {what} failed: {Marshal.GetPInvokeErrorMessage(number)} (errno {number})");
    }

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int NativeSync(int descriptor);

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int NativeOpen([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int NativeClose(int descriptor);

    [DllImport("libc", EntryPoint = "rename", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int NativeRename(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);
}
