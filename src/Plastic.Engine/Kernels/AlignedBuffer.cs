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
        Length = length;
        var bytes = checked((nuint)((length + Lanes.Count) * sizeof(float)));
        var large = LargePages.Worth(bytes);
        start = (float*)NativeMemory.AlignedAlloc(Math.Max(bytes, large), large > 0 ? LargePages.Size : CacheLine);
        LargePages.Advise(start, large);
        NativeMemory.Clear(start, bytes);
        GC.AddMemoryPressure((long)bytes);
    }

    ~AlignedBuffer() => Free();

    public long Length { get; }

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
            GC.RemoveMemoryPressure((Length + Lanes.Count) * sizeof(float));
        }
    }
}
