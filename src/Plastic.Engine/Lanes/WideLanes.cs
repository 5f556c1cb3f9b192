using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Plastic.Engine;

/// <summary>Sixteen lanes in one 512-bit register; needs AVX-512.</summary>
internal readonly unsafe struct WideLanes : ILanes<WideLanes>, IRegister<WideLanes>
{
    private readonly Vector512<float> all;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private WideLanes(Vector512<float> all) => this.all = all;

    public static int Width => Lanes.Count;

    public static bool AreMany => true;

    public static bool IsAccelerated => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    public static bool HoldsTiles => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TKernel>(in TKernel kernel) where TKernel : struct, IRegisterKernel, allows ref struct => kernel.Run<WideLanes>();

    public static WideLanes Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512<float>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Load(float* from) => new(Vector512.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => all.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Splat(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator +(WideLanes a, WideLanes b) => new(a.all + b.all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator -(WideLanes a, WideLanes b) => new(a.all - b.all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator *(WideLanes a, WideLanes b) => new(a.all * b.all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator /(WideLanes a, WideLanes b) => new(a.all / b.all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator -(WideLanes a) => new(-a.all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Fma(WideLanes a, WideLanes b, WideLanes c) =>
        new(Vector512.FusedMultiplyAdd(a.all, b.all, c.all));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Sqrt(WideLanes a) => new(Vector512.Sqrt(a.all));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Abs(WideLanes a) => new(Vector512.Abs(a.all));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes CopySign(WideLanes magnitude, WideLanes sign) =>
        new(Vector512.ConditionalSelect(Vector512.Create(-0f), sign.all, magnitude.all));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Round(WideLanes a) => new(Vector512.Round(a.all));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes SelectLess(WideLanes a, WideLanes b, WideLanes c, WideLanes d) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(a.all, b.all), c.all, d.all));

    // The instruction returns its second operand for NaN and for equal zeros, so b comes first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Max(WideLanes a, WideLanes b) =>
        Avx512F.IsSupported ? new(Avx512F.Max(b.all, a.all)) : SelectLess(a, b, b, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Min(WideLanes a, WideLanes b) =>
        Avx512F.IsSupported ? new(Avx512F.Min(b.all, a.all)) : SelectLess(b, a, b, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Scale(WideLanes a, WideLanes n)
    {
        if (Avx512F.IsSupported)
        {
            return new(Avx512F.Scale(a.all, n.all));
        }

        var half = Vector512.Round(n.all * 0.5f);
        return new(a.all * PowerOfTwo(half) * PowerOfTwo(n.all - half));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Exponent(WideLanes a)
    {
        var bits = a.all.AsInt32() - Vector512.Create(FloatBits.RootHalf);
        return new(Vector512.ConvertToSingle(bits >> FloatBits.FractionBits));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Mantissa(WideLanes a)
    {
        var root = Vector512.Create(FloatBits.RootHalf);
        return new((((a.all.AsInt32() - root) & Vector512.Create(FloatBits.FractionMask)) + root).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fold(WideLanes a)
    {
        var eight = a.all.GetLower() + a.all.GetUpper();
        return eight.GetLower() + eight.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<float> n) =>
        ((n + Vector512.Create(FloatBits.ExponentAligner)).AsInt32() << FloatBits.FractionBits).AsSingle();
}
