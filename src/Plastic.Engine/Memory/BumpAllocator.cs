namespace Plastic.Engine;

/// <summary>
/// Allots one block piece after piece. Run without a block it finds how large the block must be.
/// </summary>
internal unsafe struct BumpAllocator(float* start)
{
    /// <summary>Floats allotted so far.</summary>
    public long Floats { get; private set; }

    /// <summary>Allots a number of floats, rounded up to whole vectors.</summary>
    public float* Allot(long floats)
    {
        var at = Floats;
        Floats += (floats + Lanes.Count - 1) / Lanes.Count * Lanes.Count;
        return start + at;
    }
}
