using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Plastic.Engine;

/// <summary>A 128-bit register: four floats. Where the processor lacks an instruction, the runtime computes the same in scalar code.</summary>
internal readonly unsafe struct Register128 : IRegister<Register128>
{
    private readonly Vector128<float> all;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Register128(Vector128<float> all) => this.all = all;

    public static int Width => Vector128<float>.Count;

    public static bool AreMany => AdvSimd.Arm64.IsSupported;

    public static Register128 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128<float>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Load(float* from) => new(Vector128.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => all.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Splat(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 operator +(Register128 a, Register128 b) => new(a.all + b.all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 operator -(Register128 a, Register128 b) => new(a.all - b.all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 operator *(Register128 a, Register128 b) => new(a.all * b.all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Fma(Register128 a, Register128 b, Register128 c) =>
        new(Vector128.FusedMultiplyAdd(a.all, b.all, c.all));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Abs(Register128 a) => new(Vector128.Abs(a.all));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 SelectLess(Register128 a, Register128 b, Register128 c, Register128 d) =>
        new(Vector128.ConditionalSelect(Vector128.LessThan(a.all, b.all), c.all, d.all));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Max(Register128 a, Register128 b) => SelectLess(a, b, b, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128 Min(Register128 a, Register128 b) => SelectLess(b, a, b, a);
}
