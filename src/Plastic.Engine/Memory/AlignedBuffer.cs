using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>Zeroed floats outside the managed heap, on a cache line of their own; large ones on large pages.</summary>
internal sealed unsafe class AlignedBuffer : IDisposable
{
    private const int CacheLine = 64;
    private float* start;

    /// <param name="length">Floats; a vector more is allotted, so that a load of whole lanes never leaves it.</param>
    public AlignedBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Taken = Bytes(length);
        var used = Used(length);
        var large = LargePages.Worth(used);
        start = (float*)NativeMemory.AlignedAlloc((nuint)Taken, large > 0 ? LargePages.Size : CacheLine);
        LargePages.Advise(start, large);
        NativeMemory.Clear(start, used);
        GC.AddMemoryPressure(Taken);
    }

    /// <summary>Bytes that so many floats take.</summary>
    public static long Bytes(long length) => (long)Math.Max(Used(length), LargePages.Worth(Used(length)));

    private static nuint Used(long length) => checked((nuint)((length + Lanes.Count) * sizeof(float)));

    ~AlignedBuffer() => Free();

    /// <summary>Bytes taken.</summary>
    public long Taken { get; }

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
            GC.RemoveMemoryPressure(Taken);
        }
    }
}
