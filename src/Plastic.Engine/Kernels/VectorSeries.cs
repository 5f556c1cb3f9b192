namespace Plastic.Engine;

/// <summary>Vectors at equal distances in memory, such as one slot's vectors in the frames of successive steps.</summary>
/// <param name="first">Vector 0.</param>
/// <param name="stride">Floats from one vector to the next.</param>
internal readonly unsafe struct VectorSeries(float* first, long stride)
{
    /// <summary>Vector k.</summary>
    public float* this[int k] => first + k * stride;

    /// <summary>Floats from one vector to the next.</summary>
    public long Stride => stride;

    /// <summary>The series from vector k on.</summary>
    public VectorSeries From(int k) => new(this[k], stride);
}
