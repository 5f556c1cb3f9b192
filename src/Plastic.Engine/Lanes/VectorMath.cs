using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// Elementary functions on <see cref="ILanes{V}"/>: the same bits for every lane type, thread and machine. Errors are
/// the largest over all 2³² floats against float64, in units in the last place of the exact value. Polynomials are
/// minimax fits (Remez) with coefficients rounded to float; multiply-adds are fused, in the order written.
/// </summary>
internal static class VectorMath
{
    // log 2 to 24 bits and the rest: with a fused multiply-add, x − n·LogTwoHigh is exact.
    private const float LogTwoHigh = 6.931472e-1f;
    private const float LogTwoLow = -1.9046542e-9f;
    private const float LogTwoInverse = 1.442695f;

    /// <summary>
    /// eˣ = 2ⁿ·eʳ, n = round(x / log 2), |r| ≤ ½ log 2. Error at most 0.90 ulp. Overflow (x &gt; 88.72284) gives +∞;
    /// underflow is gradual, through the subnormals, to +0 below −103.97208. NaN gives NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x) where V : struct, ILanes<V>
    {
        // Beyond these bounds the result is already infinite or zero; within them n is in the range of Scale.
        x = V.Max(V.Min(x, V.Splat(89f)), V.Splat(-104f));
        var n = V.Round(x * V.Splat(LogTwoInverse));
        var r = V.Fma(n, V.Splat(-LogTwoHigh), x);
        r = V.Fma(n, V.Splat(-LogTwoLow), r);

        var p = V.Splat(1.3838902e-3f);
        p = V.Fma(p, r, V.Splat(8.3691925e-3f));
        p = V.Fma(p, r, V.Splat(4.1668102e-2f));
        p = V.Fma(p, r, V.Splat(1.6666517e-1f));
        p = V.Fma(p, r, V.Splat(4.9999994e-1f));
        p = V.Fma(p, r, V.Splat(1f));
        p = V.Fma(p, r, V.Splat(1f));
        return V.Scale(p, n);
    }

    /// <summary>
    /// log x = e·log 2 + log(1+f), x = (1+f)·2ᵉ, 1+f in [√½, √2). Error at most 0.83 ulp, subnormal x included.
    /// log(±0) = −∞, log(+∞) = +∞, log of a negative number is NaN, NaN gives NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<V>(V x) where V : struct, ILanes<V>
    {
        const float smallestNormal = 1.17549435e-38f;
        const float twoTo24 = 16777216f;
        var one = V.Splat(1f);
        var smallest = V.Splat(smallestNormal);
        var normal = x * V.SelectLess(x, smallest, V.Splat(twoTo24), one);
        var e = V.Exponent(normal) - V.SelectLess(x, smallest, V.Splat(24f), V.Zero);
        var f = V.Mantissa(normal) - one;

        var p = V.Splat(6.746611e-2f);
        p = V.Fma(p, f, V.Splat(-1.1675635e-1f));
        p = V.Fma(p, f, V.Splat(1.1888166e-1f));
        p = V.Fma(p, f, V.Splat(-1.2405592e-1f));
        p = V.Fma(p, f, V.Splat(1.4219552e-1f));
        p = V.Fma(p, f, V.Splat(-1.6667996e-1f));
        p = V.Fma(p, f, V.Splat(2.0002119e-1f));
        p = V.Fma(p, f, V.Splat(-2.500001e-1f));
        p = V.Fma(p, f, V.Splat(3.3333313e-1f));

        var square = f * f;
        var y = V.Fma(p * f, square, e * V.Splat(LogTwoLow));
        y = V.Fma(square, V.Splat(-0.5f), y);
        y = V.Fma(e, V.Splat(LogTwoHigh), y + f);

        var nonPositive = V.SelectLess(x, V.Zero, V.Splat(float.NaN), V.Splat(float.NegativeInfinity));
        y = V.SelectLess(V.Zero, x, y, nonPositive);
        // Every finite number is below the bound; +∞ and NaN are their own logarithm.
        return V.SelectLess(x, V.Splat(float.PositiveInfinity), y, x);
    }

    /// <summary>
    /// tanh x: x + x³·P(x²) for |x| &lt; 0.625, else ±(1 − 2/(e²ˣ + 1)). Odd, bit for bit; ±1 at ±∞; error at most
    /// 1.37 ulp. NaN gives NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V>(V x) where V : struct, ILanes<V>
    {
        var a = V.Abs(x);
        var one = V.Splat(1f);

        var z = a * a;
        var p = V.Splat(2.152684e-3f);
        p = V.Fma(p, z, V.Splat(-8.1900135e-3f));
        p = V.Fma(p, z, V.Splat(2.1706894e-2f));
        p = V.Fma(p, z, V.Splat(-5.394818e-2f));
        p = V.Fma(p, z, V.Splat(1.3333221e-1f));
        p = V.Fma(p, z, V.Splat(-3.333333e-1f));
        var near = V.Fma(z * a, p, a);

        var far = one - V.Splat(2f) / (Exp(a + a) + one);
        return V.CopySign(V.SelectLess(a, V.Splat(0.625f), near, far), x);
    }

    /// <summary>
    /// σ(x) = 1/(1 + e⁻ˣ), as n − n·e/(1+e) with e = e⁻|ˣ| and n = e for x &lt; 0, else 1: accurate, through the
    /// subnormals, down to 0. Error at most 1.65 ulp. NaN gives NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x) where V : struct, ILanes<V>
    {
        var one = V.Splat(1f);
        var e = Exp(-V.Abs(x));
        var n = V.SelectLess(x, V.Zero, e, one);
        return V.Fma(-n, e / (one + e), n);
    }
}
