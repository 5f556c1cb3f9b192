using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Plastic.Engine;

/// <summary>A 256-bit register: eight floats.</summary>
internal readonly unsafe struct Register256 : IRegister<Register256>
{
    private readonly Vector256<float> all;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Register256(Vector256<float> all) => this.all = all;

    public static int Width => Vector256<float>.Count;

    public static bool AreMany => false;

    public static Register256 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256<float>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Load(float* from) => new(Vector256.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => all.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Splat(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator +(Register256 a, Register256 b) => new(a.all + b.all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator -(Register256 a, Register256 b) => new(a.all - b.all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator *(Register256 a, Register256 b) => new(a.all * b.all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Fma(Register256 a, Register256 b, Register256 c) =>
        new(Vector256.FusedMultiplyAdd(a.all, b.all, c.all));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Abs(Register256 a) => new(Vector256.Abs(a.all));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 SelectLess(Register256 a, Register256 b, Register256 c, Register256 d) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(a.all, b.all), c.all, d.all));

    // The instruction returns its second operand for NaN and for equal zeros: hence b first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Max(Register256 a, Register256 b) =>
        Avx.IsSupported ? new(Avx.Max(b.all, a.all)) : SelectLess(a, b, b, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Min(Register256 a, Register256 b) =>
        Avx.IsSupported ? new(Avx.Min(b.all, a.all)) : SelectLess(b, a, b, a);
}
