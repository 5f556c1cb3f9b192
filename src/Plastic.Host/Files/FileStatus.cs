using System.Runtime.InteropServices;

namespace Plastic.Host;

/// <summary>What lies at a path, links followed. The runtime's own calls tell neither a file's owner nor a pipe from a file.</summary>
/// <param name="Kind">What it is, in words: "a file", "a folder", "a pipe", "a device" or "a socket".</param>
/// <param name="Owner">The number of the user whose it is.</param>
/// <param name="Mode">Who may read, write and run it.</param>
internal readonly record struct FileStatus(string Kind, uint Owner, UnixFileMode Mode)
{
    private const int FromCurrentFolder = -100;
    private const uint KindModeOwner = 0x1 | 0x2 | 0x8;

    /// <summary>Whether it has an end and can be read again, as only a file can.</summary>
    public bool IsFile => Kind == "a file";

    /// <summary>Whether it belongs to the user of this process.</summary>
    public bool IsOwn => Owner == NativeUser();

    /// <summary>The status of a path; null where there is nothing, or nothing that may be seen.</summary>
    public static FileStatus? Of(string path) => NativeStatus(FromCurrentFolder, path, 0, KindModeOwner, out var found) < 0
        ? null
        : new(KindOf(found.Mode), found.Owner, (UnixFileMode)(found.Mode & 0xFFF));

    private static string KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x8000 => "a file",
        0x4000 => "a folder",
        0x1000 => "a pipe",
        0xC000 => "a socket",
        _ => "a device",
    };

    /// <summary>Linux's struct statx, which is the same on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Native
    {
        [FieldOffset(20)] public uint Owner;
        [FieldOffset(28)] public ushort Mode;
    }

    [DllImport("libc", EntryPoint = "statx", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int NativeStatus(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, out Native found);

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint NativeUser();
}
