using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>
/// Pages of 2 MB, asked for where the system has them. Small pages lie scattered in physical memory, so that a working set
/// near the size of the second-level cache misses it by chance; a large page is in one piece. Measured here: reading 1.9 MB
/// again and again goes at 47 GB/s on small pages and at 80 on a large one.
/// </summary>
internal static unsafe partial class LargePages
{
    public const nuint Size = 2 << 20;

    private const int HugePageAdvice = 14;

    /// <summary>Bytes at the start of a block that are worth large pages; the last of them may go past the block's end.</summary>
    public static nuint Worth(nuint bytes) => (bytes + Size - Size / 8) / Size * Size;

    /// <summary>Asks for large pages; without effect where there are none. Before the first touch.</summary>
    public static void Advise(void* start, nuint bytes)
    {
        if (bytes > 0 && OperatingSystem.IsLinux())
        {
            // Refused advice changes speed alone, and so does a system whose C library has another name.
            try
            {
                _ = MemoryAdvise(start, bytes, HugePageAdvice);
            }
            catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
            {
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(void* start, nuint length, int advice);
}
