namespace Plastic.Engine;

/// <summary>
/// The vectors of a batch norm at one step, one number a channel: y = (z − mean)·gain + shift, gain = γ/deviation; and, once the cotangents
/// of all images are known, z̄ = gain·ȳ + linear·(z − mean) + constant.
/// </summary>
internal readonly unsafe struct NormVectors(float* start, int channels)
{
    /// <summary>How many vectors there are.</summary>
    public const int Count = 6;

    public float* Mean => start;

    /// <summary>1/√(variance + ε).</summary>
    public float* Inverse => start + channels;

    public float* Gain => start + 2 * channels;

    public float* Shift => start + 3 * channels;

    public float* Linear => start + 4 * channels;

    public float* Constant => start + 5 * channels;
}
