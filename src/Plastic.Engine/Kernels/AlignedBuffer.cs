using System.Runtime.InteropServices;

namespace Plastic.Engine;

/// <summary>Zeroed floats outside the managed heap, on a cache line of their own.</summary>
internal sealed unsafe class AlignedBuffer : IDisposable
{
    private const int Alignment = 64;
    private float* start;

    /// <param name="length">Floats; a vector more is allotted, so that a load of whole lanes never leaves it.</param>
    public AlignedBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        var bytes = checked((nuint)((length + Lanes.Count) * sizeof(float)));
        start = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
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
