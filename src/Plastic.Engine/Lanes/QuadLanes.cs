using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Plastic.Engine;

/// <summary>
/// Sixteen lanes in four 128-bit vectors. Correct on every machine: where the processor lacks an instruction, the runtime computes
/// the same in scalar code, with the same roundings.
/// </summary>
internal readonly unsafe struct QuadLanes : ILanes<QuadLanes>
{
    private const int Quarter = Lanes.Count / 4;

    private readonly Vector128<float> first;
    private readonly Vector128<float> second;
    private readonly Vector128<float> third;
    private readonly Vector128<float> fourth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private QuadLanes(Vector128<float> first, Vector128<float> second, Vector128<float> third, Vector128<float> fourth)
    {
        this.first = first;
        this.second = second;
        this.third = third;
        this.fourth = fourth;
    }

    public static bool IsAccelerated => Vector128.IsHardwareAccelerated;

    public static bool HoldsTiles => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TKernel>(in TKernel kernel) where TKernel : struct, IRegisterKernel, allows ref struct => kernel.Run<Register128>();

    public static QuadLanes Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Splat(0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes Load(float* from) => new(
        Vector128.Load(from),
        Vector128.Load(from + Quarter),
        Vector128.Load(from + 2 * Quarter),
        Vector128.Load(from + 3 * Quarter));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to)
    {
        first.Store(to);
        second.Store(to + Quarter);
        third.Store(to + 2 * Quarter);
        fourth.Store(to + 3 * Quarter);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes Splat(float value)
    {
        var same = Vector128.Create(value);
        return new(same, same, same, same);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes operator +(QuadLanes a, QuadLanes b) => new(
        a.first + b.first,
        a.second + b.second,
        a.third + b.third,
        a.fourth + b.fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes operator -(QuadLanes a, QuadLanes b) => new(
        a.first - b.first,
        a.second - b.second,
        a.third - b.third,
        a.fourth - b.fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes operator *(QuadLanes a, QuadLanes b) => new(
        a.first * b.first,
        a.second * b.second,
        a.third * b.third,
        a.fourth * b.fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes operator /(QuadLanes a, QuadLanes b) => new(
        a.first / b.first,
        a.second / b.second,
        a.third / b.third,
        a.fourth / b.fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes operator -(QuadLanes a) => new(
        -a.first,
        -a.second,
        -a.third,
        -a.fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes Fma(QuadLanes a, QuadLanes b, QuadLanes c) => new(
        Vector128.FusedMultiplyAdd(a.first, b.first, c.first),
        Vector128.FusedMultiplyAdd(a.second, b.second, c.second),
        Vector128.FusedMultiplyAdd(a.third, b.third, c.third),
        Vector128.FusedMultiplyAdd(a.fourth, b.fourth, c.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes Sqrt(QuadLanes a) => new(
        Vector128.Sqrt(a.first),
        Vector128.Sqrt(a.second),
        Vector128.Sqrt(a.third),
        Vector128.Sqrt(a.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes Abs(QuadLanes a) => new(
        Vector128.Abs(a.first),
        Vector128.Abs(a.second),
        Vector128.Abs(a.third),
        Vector128.Abs(a.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes CopySign(QuadLanes magnitude, QuadLanes sign) => new(
        Vector128.ConditionalSelect(Vector128.Create(-0f), sign.first, magnitude.first),
        Vector128.ConditionalSelect(Vector128.Create(-0f), sign.second, magnitude.second),
        Vector128.ConditionalSelect(Vector128.Create(-0f), sign.third, magnitude.third),
        Vector128.ConditionalSelect(Vector128.Create(-0f), sign.fourth, magnitude.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes Round(QuadLanes a) => new(
        Vector128.Round(a.first),
        Vector128.Round(a.second),
        Vector128.Round(a.third),
        Vector128.Round(a.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes SelectLess(QuadLanes a, QuadLanes b, QuadLanes c, QuadLanes d) => new(
        Choose(a.first, b.first, c.first, d.first),
        Choose(a.second, b.second, c.second, d.second),
        Choose(a.third, b.third, c.third, d.third),
        Choose(a.fourth, b.fourth, c.fourth, d.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes Max(QuadLanes a, QuadLanes b) => new(
        Max(a.first, b.first),
        Max(a.second, b.second),
        Max(a.third, b.third),
        Max(a.fourth, b.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes Min(QuadLanes a, QuadLanes b) => new(
        Min(a.first, b.first),
        Min(a.second, b.second),
        Min(a.third, b.third),
        Min(a.fourth, b.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes Scale(QuadLanes a, QuadLanes n) => new(
        Scale(a.first, n.first),
        Scale(a.second, n.second),
        Scale(a.third, n.third),
        Scale(a.fourth, n.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes Exponent(QuadLanes a) => new(
        Exponent(a.first),
        Exponent(a.second),
        Exponent(a.third),
        Exponent(a.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static QuadLanes Mantissa(QuadLanes a) => new(
        Mantissa(a.first),
        Mantissa(a.second),
        Mantissa(a.third),
        Mantissa(a.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fold(QuadLanes a) => (a.first + a.third) + (a.second + a.fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Choose(
        Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) =>
        Vector128.ConditionalSelect(Vector128.LessThan(a, b), c, d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Choose(a, b, b, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Min(Vector128<float> a, Vector128<float> b) => Choose(b, a, b, a);

    // In two steps, of which only the second can leave the normal range and round.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Scale(Vector128<float> a, Vector128<float> n)
    {
        var half = Vector128.Round(n * 0.5f);
        return a * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> PowerOfTwo(Vector128<float> n) =>
        ((n + Vector128.Create(FloatBits.ExponentAligner)).AsInt32() << FloatBits.FractionBits).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Exponent(Vector128<float> a)
    {
        var bits = a.AsInt32() - Vector128.Create(FloatBits.RootHalf);
        return Vector128.ConvertToSingle(bits >> FloatBits.FractionBits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Mantissa(Vector128<float> a)
    {
        var root = Vector128.Create(FloatBits.RootHalf);
        return (((a.AsInt32() - root) & Vector128.Create(FloatBits.FractionMask)) + root).AsSingle();
    }
}
