using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Plastic.Engine;

/// <summary>Sixteen lanes in two 256-bit vectors; runs well with AVX2 and FMA.</summary>
internal readonly unsafe struct PairLanes : ILanes<PairLanes>
{
    private const int Half = Lanes.Count / 2;

    private readonly Vector256<float> low;
    private readonly Vector256<float> high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PairLanes(Vector256<float> low, Vector256<float> high)
    {
        this.low = low;
        this.high = high;
    }

    public static bool IsAccelerated =>
        Vector256.IsHardwareAccelerated && System.Runtime.Intrinsics.X86.Fma.IsSupported;

    public static bool HoldsTiles => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TKernel>(in TKernel kernel) where TKernel : struct, IRegisterKernel, allows ref struct => kernel.Run<Register256>();

    public static PairLanes Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Splat(0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes Load(float* from) => new(Vector256.Load(from), Vector256.Load(from + Half));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to)
    {
        low.Store(to);
        high.Store(to + Half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes Splat(float value)
    {
        var same = Vector256.Create(value);
        return new(same, same);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes operator +(PairLanes a, PairLanes b) => new(a.low + b.low, a.high + b.high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes operator -(PairLanes a, PairLanes b) => new(a.low - b.low, a.high - b.high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes operator *(PairLanes a, PairLanes b) => new(a.low * b.low, a.high * b.high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes operator /(PairLanes a, PairLanes b) => new(a.low / b.low, a.high / b.high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes operator -(PairLanes a) => new(-a.low, -a.high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes Fma(PairLanes a, PairLanes b, PairLanes c) => new(
        Vector256.FusedMultiplyAdd(a.low, b.low, c.low),
        Vector256.FusedMultiplyAdd(a.high, b.high, c.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes Sqrt(PairLanes a) => new(Vector256.Sqrt(a.low), Vector256.Sqrt(a.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes Abs(PairLanes a) => new(Vector256.Abs(a.low), Vector256.Abs(a.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes CopySign(PairLanes magnitude, PairLanes sign) => new(
        Vector256.ConditionalSelect(Vector256.Create(-0f), sign.low, magnitude.low),
        Vector256.ConditionalSelect(Vector256.Create(-0f), sign.high, magnitude.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes Round(PairLanes a) => new(Vector256.Round(a.low), Vector256.Round(a.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes SelectLess(PairLanes a, PairLanes b, PairLanes c, PairLanes d) =>
        new(Choose(a.low, b.low, c.low, d.low), Choose(a.high, b.high, c.high, d.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes Max(PairLanes a, PairLanes b) => new(Max(a.low, b.low), Max(a.high, b.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes Min(PairLanes a, PairLanes b) => new(Min(a.low, b.low), Min(a.high, b.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes Scale(PairLanes a, PairLanes n) => new(Scale(a.low, n.low), Scale(a.high, n.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes Exponent(PairLanes a) => new(Exponent(a.low), Exponent(a.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes Mantissa(PairLanes a) => new(Mantissa(a.low), Mantissa(a.high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fold(PairLanes a)
    {
        var eight = a.low + a.high;
        return eight.GetLower() + eight.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Choose(
        Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) =>
        Vector256.ConditionalSelect(Vector256.LessThan(a, b), c, d);

    // The instruction returns its second operand for NaN and for equal zeros, so b comes first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Max(Vector256<float> a, Vector256<float> b) =>
        Avx.IsSupported ? Avx.Max(b, a) : Choose(a, b, b, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Min(Vector256<float> a, Vector256<float> b) =>
        Avx.IsSupported ? Avx.Min(b, a) : Choose(b, a, b, a);

    // In two steps, of which only the second can leave the normal range and round.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Scale(Vector256<float> a, Vector256<float> n)
    {
        var half = Vector256.Round(n * 0.5f);
        return a * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PowerOfTwo(Vector256<float> n) =>
        ((n + Vector256.Create(FloatBits.ExponentAligner)).AsInt32() << FloatBits.FractionBits).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Exponent(Vector256<float> a)
    {
        var bits = a.AsInt32() - Vector256.Create(FloatBits.RootHalf);
        return Vector256.ConvertToSingle(bits >> FloatBits.FractionBits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Mantissa(Vector256<float> a)
    {
        var root = Vector256.Create(FloatBits.RootHalf);
        return (((a.AsInt32() - root) & Vector256.Create(FloatBits.FractionMask)) + root).AsSingle();
    }
}
