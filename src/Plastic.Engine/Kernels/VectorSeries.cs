namespace Plastic.Engine;

/// <summary>Vectors that lie so many floats apart, such as one slot's in the frames of steps that follow each other.</summary>
internal readonly unsafe struct Series(float* first, long apart)
{
    /// <summary>Vector k.</summary>
    public float* this[int k] => first + k * apart;

    public long Apart => apart;

    /// <summary>Those from vector k on.</summary>
    public Series From(int k) => new(this[k], apart);
}
