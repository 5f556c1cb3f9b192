namespace Plastic.Engine;

/// <summary>Takes memory piece by piece: first to find how much is needed, then in earnest.</summary>
internal unsafe struct Carver(float* start)
{
    /// <summary>Floats taken so far.</summary>
    public long Taken { get; private set; }

    /// <summary>So many floats, in whole vectors.</summary>
    public float* Take(long floats)
    {
        var at = Taken;
        Taken += (floats + Lanes.Count - 1) / Lanes.Count * Lanes.Count;
        return start + at;
    }
}
