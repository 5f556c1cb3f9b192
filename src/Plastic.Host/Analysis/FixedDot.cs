using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Plastic.Host;

/// <summary>Σ a_i b_i in float64, in an order that is the same on every machine.</summary>
internal static class FixedDot
{
    /// <summary>Of vectors of equal length.</summary>
    public static double Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b[..a.Length]);
        Vector256<double> even = default, odd = default;
        var i = 0;
        for (; i + 8 <= a.Length; i += 8)
        {
            even += Vector256.LoadUnsafe(ref x, (nuint)i) * Vector256.LoadUnsafe(ref y, (nuint)i);
            odd += Vector256.LoadUnsafe(ref x, (nuint)i + 4) * Vector256.LoadUnsafe(ref y, (nuint)i + 4);
        }
        var sum = Vector256.Sum(even + odd);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Of vectors of equal length.</summary>
    public static double Of(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b[..a.Length]);
        Vector256<double> lower = default, upper = default;
        var i = 0;
        for (; i + 8 <= a.Length; i += 8)
        {
            var (xLower, xUpper) = Vector256.Widen(Vector256.LoadUnsafe(ref x, (nuint)i));
            var (yLower, yUpper) = Vector256.Widen(Vector256.LoadUnsafe(ref y, (nuint)i));
            lower += xLower * yLower;
            upper += xUpper * yUpper;
        }
        var sum = Vector256.Sum(lower + upper);
        for (; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }
}
