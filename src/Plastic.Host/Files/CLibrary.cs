using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Plastic.Host;

/// <summary>
/// The C library's own fsync, rename and realpath: the runtime's flush does not report a sync that fails, its move copies where a
/// rename would cross devices, and it resolves only the last link of a path.
/// </summary>
internal static class CLibrary
{
    private const int OpenReadOnly = 0, OpenCloseOnExec = 0x80000;
    private const int NoEntry = 2, InvalidArgument = 22, NotSupported = 95;

    /// <summary>Waits until everything written to an open file is on the disk.</summary>
    /// <exception cref="IOException">The sync failed.</exception>
    public static void Sync(FileStream file)
    {
        file.Flush();
        Require(NativeSync(file.SafeFileHandle.DangerousGetHandle().ToInt32()), "sync", file.Name);
        GC.KeepAlive(file);
    }

    /// <summary>Waits until a folder's entries are on the disk; some network file systems cannot sync folders, and are left alone.</summary>
    /// <exception cref="IOException">The sync failed.</exception>
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
            // Nothing was written through it, so closing it loses nothing.
            _ = NativeClose(descriptor);
        }
    }

    /// <summary>Opens a file for reading whoever has locked it, which the runtime does not; null where there is none.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle? OpenUnlocked(string path)
    {
        var descriptor = NativeOpen(path, OpenReadOnly | OpenCloseOnExec);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == NoEntry) return null;
        Require(descriptor, "open", path);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Renames a file or folder atomically; an existing file of that name is replaced.</summary>
    /// <exception cref="IOException">The rename failed; the file keeps its old name.</exception>
    public static void Rename(string from, string to) => Require(NativeRename(from, to), "rename", to);

    /// <summary>The path of a file or folder without links; null where there is none.</summary>
    public static string? RealPath(string path)
    {
        var found = NativeRealPath(path, 0);
        if (found == 0) return null;
        var text = Marshal.PtrToStringUTF8(found);
        NativeFree(found);
        return text;
    }

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

    [DllImport("libc", EntryPoint = "realpath", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern nint NativeRealPath([MarshalAs(UnmanagedType.LPUTF8Str)] string path, nint buffer);

    [DllImport("libc", EntryPoint = "free")]
    private static extern void NativeFree(nint memory);

    [DllImport("libc", EntryPoint = "rename", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int NativeRename(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);
}
