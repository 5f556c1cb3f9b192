using System.Runtime.CompilerServices;

namespace Plastic.Engine;

internal readonly struct Neg : IMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V x) where V : struct, ILanes<V> => -x;
}

internal readonly struct Exp : IMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V x) where V : struct, ILanes<V> => VectorMath.Exp(x);
}

internal readonly struct Log : IMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V x) where V : struct, ILanes<V> => VectorMath.Log(x);
}

internal readonly struct Sqrt : IMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V x) where V : struct, ILanes<V> => V.Sqrt(x);
}

internal readonly struct Tanh : IMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V x) where V : struct, ILanes<V> => VectorMath.Tanh(x);
}

internal readonly struct Sigmoid : IMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V x) where V : struct, ILanes<V> => VectorMath.Sigmoid(x);
}

internal readonly struct Relu : IMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V x) where V : struct, ILanes<V> => Lanes.Relu(x);
}

internal readonly struct Heaviside : IMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V x) where V : struct, ILanes<V> => Lanes.Heaviside(x);
}

internal readonly struct Add : IZip
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V a, V b) where V : struct, ILanes<V> => a + b;
}

internal readonly struct Sub : IZip
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V a, V b) where V : struct, ILanes<V> => a - b;
}

internal readonly struct Mul : IZip
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V a, V b) where V : struct, ILanes<V> => a * b;
}

internal readonly struct Div : IZip
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V a, V b) where V : struct, ILanes<V> => a / b;
}

internal readonly struct Max : IZip
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V a, V b) where V : struct, ILanes<V> => V.Max(a, b);
}

internal readonly struct Min : IZip
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V a, V b) where V : struct, ILanes<V> => V.Min(a, b);
}
