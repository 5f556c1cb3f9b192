using System.Numerics;
using System.Runtime.Intrinsics;

namespace Plastic.Engine;

/// <summary>
/// Sixteen float lanes with the same results on every machine. A kernel is written once, generic over the lanes
/// (<c>where V : struct, ILanes&lt;V&gt;</c>), and gives the same bits with <see cref="WideLanes"/> (one 512-bit
/// vector), <see cref="PairLanes"/> (two of 256 bits) and <see cref="QuadLanes"/> (four of 128 bits, or plain scalar
/// code).
/// </summary>
internal interface ILanes<TSelf> :
    IVector<TSelf>,
    IDivisionOperators<TSelf, TSelf, TSelf>,
    IUnaryNegationOperators<TSelf, TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Whether this machine runs these lanes at their full width, fused multiply-add included.</summary>
    static abstract bool IsAccelerated { get; }

    /// <summary>Whether there are registers enough for sixteen sums of sixteen lanes and their operands.</summary>
    static abstract bool HoldsTiles { get; }

    /// <summary>Runs a kernel with the registers that these lanes are made of.</summary>
    static abstract void Run<TKernel>(in TKernel kernel) where TKernel : struct, IRegisterKernel, allows ref struct;

    /// <summary>√a, correctly rounded.</summary>
    static abstract TSelf Sqrt(TSelf a);

    /// <summary>The magnitude bits of the first, the sign bit of the second.</summary>
    static abstract TSelf CopySign(TSelf magnitude, TSelf sign);

    /// <summary>The nearest integer, ties to even.</summary>
    static abstract TSelf Round(TSelf a);

    /// <summary>a·2ⁿ, rounded once, for an integer n in −252…254 and a in [½, 2] (or NaN).</summary>
    static abstract TSelf Scale(TSelf a, TSelf n);

    /// <summary>The integer e with a = m·2ᵉ, m in [√½, √2), for positive normal a; else unspecified.</summary>
    static abstract TSelf Exponent(TSelf a);

    /// <summary>The m of <see cref="Exponent"/>.</summary>
    static abstract TSelf Mantissa(TSelf a);

    /// <summary>(aᵢ + aᵢ₊₈) + (aᵢ₊₄ + aᵢ₊₁₂), i = 0…3: the first half of <see cref="Lanes.Sum"/>.</summary>
    static abstract Vector128<float> Fold(TSelf a);
}
