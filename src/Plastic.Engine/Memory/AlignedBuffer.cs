using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>Zeroed floats outside the managed heap, aligned to cache lines; large blocks on large pages.</summary>
internal sealed unsafe class AlignedBuffer : IDisposable
{
    private const int CacheLine = 64;
    private float* start;

    /// <param name="length">Floats; one more vector is allotted, so that a load of a whole vector never leaves the buffer.</param>
    public AlignedBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Bytes = BytesFor(length);
        var used = Used(length);
        var large = LargePages.Worth(used);
        start = (float*)NativeMemory.AlignedAlloc((nuint)Bytes, large > 0 ? LargePages.Size : CacheLine);
        LargePages.Advise(start, large);
        NativeMemory.Clear(start, used);
        GC.AddMemoryPressure(Bytes);
    }

    /// <summary>The number of bytes for a number of floats.</summary>
    public static long BytesFor(long length) => (long)Math.Max(Used(length), LargePages.Worth(Used(length)));

    private static nuint Used(long length) => checked((nuint)((length + Lanes.Count) * sizeof(float)));

    ~AlignedBuffer() => Free();

    /// <summary>Bytes allotted.</summary>
    public long Bytes { get; }

    public float* Pointer => start;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (start != null)
        {
            NativeMemory.AlignedFree(start);
            start = null;
            GC.RemoveMemoryPressure(Bytes);
        }
    }
}
