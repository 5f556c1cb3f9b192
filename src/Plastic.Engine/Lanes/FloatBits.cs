namespace Plastic.Engine;

/// <summary>The bit layout of a float, used to split numbers and to build powers of two.</summary>
internal static class FloatBits
{
    /// <summary>Bits of the fraction: the exponent starts here.</summary>
    public const int FractionBits = 23;

    /// <summary>The fraction's bits.</summary>
    public const int FractionMask = (1 << FractionBits) - 1;

    /// <summary>
    /// The bits of √½. Subtracted from those of a = m·2ᵉ, m in [√½, √2), they leave e above the fraction.
    /// </summary>
    public const int RootHalf = 0x3F3504F3;

    /// <summary>
    /// 1.5·2²³ + 127. Added to an integer n in −126…127 it leaves n + 127, the biased exponent of 2ⁿ, in the lowest
    /// bits; shifted up by <see cref="FractionBits"/> these are 2ⁿ. A NaN gives an unspecified power.
    /// </summary>
    public const float ExponentAligner = 12582912f + 127f;
}
