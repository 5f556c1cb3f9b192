namespace Plastic.Engine;

/// <summary>Which memory a vector lives in.</summary>
internal enum Region : byte
{
    /// <summary>Parameters and constants: one copy for all samples and steps.</summary>
    Shared,

    /// <summary>What the backward pass reads of each step: one frame per step.</summary>
    Frame,

    /// <summary>What no later step reads: reused after its last reader.</summary>
    Scratch,
}

/// <summary>
/// Where a vector lives: sample g of the group at Offset + g·Stride floats. Every vector is padded with zeros to whole
/// lanes, and every kernel keeps it so.
/// </summary>
internal readonly record struct Place(Region Region, int Offset, int Stride, int Length);

/// <summary>An outer product p ⊗ q by the places of its vectors.</summary>
internal readonly record struct PairPlace(Place P, Place Q);
