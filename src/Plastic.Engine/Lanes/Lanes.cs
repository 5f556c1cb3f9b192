using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Plastic.Engine;

/// <summary>The number of lanes, and operations composed of those of <see cref="ILanes{V}"/>.</summary>
internal static unsafe class Lanes
{
    /// <summary>Lanes per vector; every buffer is padded to a multiple of it.</summary>
    public const int Count = 16;

    /// <summary>The offsets of the second, third and fourth of four adjacent vectors.</summary>
    public const int Second = Count, Third = 2 * Count, Fourth = 3 * Count;

    /// <summary>A length rounded up to whole vectors.</summary>
    public static int Padded(int length) => (length + Count - 1) / Count * Count;

    /// <summary>Fetches a vector into the second-level cache, without waiting. Any address will do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* from)
    {
        if (Sse.IsSupported) Sse.Prefetch1(from);
    }

    /// <summary>a &lt; 0 ? 0 : a; NaN survives, and so does −0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Relu<V>(V a) where V : struct, ILanes<V> => V.Max(a, V.Zero);

    /// <summary>a &gt; 0 ? 1 : 0; the derivative of <see cref="Relu"/>, 0 at 0 and at NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Heaviside<V>(V a) where V : struct, ILanes<V> => V.SelectLess(V.Zero, a, V.Splat(1), V.Zero);

    /// <summary>The sum of the lanes in one fixed tree: i + (i+8), then i + (i+4), i + (i+2), i + (i+1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum<V>(V a) where V : struct, ILanes<V>
    {
        var four = V.Fold(a);
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 2, 3));
        return (two + Vector128.Shuffle(two, Vector128.Create(1, 1, 1, 1))).ToScalar();
    }

    /// <summary>Four sums at once, in lanes 0…3, each with the bits of <see cref="Sum"/>, at a lower cost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sum4<V>(V a, V b, V c, V d) where V : struct, ILanes<V>
    {
        Vector128<float> fa = V.Fold(a), fb = V.Fold(b), fc = V.Fold(c), fd = V.Fold(d);
        var ab = Join(fa, fb, 0b01_00_01_00) + Join(fa, fb, 0b11_10_11_10);
        var cd = Join(fc, fd, 0b01_00_01_00) + Join(fc, fd, 0b11_10_11_10);
        return Join(ab, cd, 0b10_00_10_00) + Join(ab, cd, 0b11_01_11_01);
    }

    // [xᵢ, xⱼ, yᵢ, yⱼ] with i, j, i, j two bits each, i lowest. The runtime's own way of joining halves goes through
    // memory; the processor's instruction does not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Join(Vector128<float> x, Vector128<float> y, [ConstantExpected] byte order)
    {
        if (Sse.IsSupported)
        {
            return Sse.Shuffle(x, y, order);
        }

        int i = order & 3, j = order >> 2 & 3;
        return Vector128.Create(x[i], x[j], y[i], y[j]);
    }
}
