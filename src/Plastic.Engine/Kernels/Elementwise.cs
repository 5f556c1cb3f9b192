using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>A function of one vector of lanes.</summary>
internal interface IMap
{
    static abstract V Of<V>(V x) where V : struct, ILanes<V>;
}

/// <summary>A function of two vectors of lanes.</summary>
internal interface IZip
{
    static abstract V Of<V>(V a, V b) where V : struct, ILanes<V>;
}

/// <summary>
/// Vector operations on one sample. Lengths are in elements; targets are padded with zeros to whole vectors, whatever the
/// operands' padding holds.
/// </summary>
internal static unsafe class Elementwise<V> where V : struct, ILanes<V>
{
    private static readonly V Lane = FirstLanes();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Map<F>(float* y, float* x, int length) where F : struct, IMap
    {
        var i = 0;
        for (; i <= length - Lanes.Count; i += Lanes.Count)
        {
            F.Of(V.Load(x + i)).Store(y + i);
        }
        if (i < length)
        {
            Tail(F.Of(V.Load(x + i)), length - i).Store(y + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Zip<F>(float* y, float* a, float* b, int length) where F : struct, IZip
    {
        var i = 0;
        for (; i <= length - Lanes.Count; i += Lanes.Count)
        {
            F.Of(V.Load(a + i), V.Load(b + i)).Store(y + i);
        }
        if (i < length)
        {
            Tail(F.Of(V.Load(a + i), V.Load(b + i)), length - i).Store(y + i);
        }
    }

    /// <summary>The first operand is one number for all elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ZipScalarFirst<F>(float* y, float a, float* b, int length) where F : struct, IZip
    {
        var scalar = V.Splat(a);
        var i = 0;
        for (; i <= length - Lanes.Count; i += Lanes.Count)
        {
            F.Of(scalar, V.Load(b + i)).Store(y + i);
        }
        if (i < length)
        {
            Tail(F.Of(scalar, V.Load(b + i)), length - i).Store(y + i);
        }
    }

    /// <summary>The second operand is one number for all elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ZipScalarSecond<F>(float* y, float* a, float b, int length) where F : struct, IZip
    {
        var scalar = V.Splat(b);
        var i = 0;
        for (; i <= length - Lanes.Count; i += Lanes.Count)
        {
            F.Of(V.Load(a + i), scalar).Store(y + i);
        }
        if (i < length)
        {
            Tail(F.Of(V.Load(a + i), scalar), length - i).Store(y + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(float* y, float value, int length)
    {
        var scalar = V.Splat(value);
        var i = 0;
        for (; i <= length - Lanes.Count; i += Lanes.Count)
        {
            scalar.Store(y + i);
        }
        if (i < length)
        {
            Tail(scalar, length - i).Store(y + i);
        }
    }

    /// <summary>Copies elements from an unaligned source to an aligned target.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(float* y, float* x, int length)
    {
        var i = 0;
        for (; i <= length - Lanes.Count; i += Lanes.Count)
        {
            V.Load(x + i).Store(y + i);
        }
        if (i < length)
        {
            Tail(V.Load(x + i), length - i).Store(y + i);
        }
    }

    /// <summary>Copies elements to an unaligned target, writing nothing beyond its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CopyExactly(float* y, float* x, int length)
    {
        var i = 0;
        for (; i <= length - Lanes.Count; i += Lanes.Count)
        {
            V.Load(x + i).Store(y + i);
        }
        for (; i < length; i++)
        {
            y[i] = x[i];
        }
    }

    /// <summary>y ← y + x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(float* y, float* x, int length)
    {
        for (var i = 0; i < length; i += Lanes.Count)
        {
            (V.Load(y + i) + V.Load(x + i)).Store(y + i);
        }
    }

    /// <summary>Σ x, lane sums first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Sum(float* x, int length)
    {
        var total = V.Zero;
        for (var i = 0; i < length; i += Lanes.Count)
        {
            total += V.Load(x + i);
        }
        return Lanes.Sum(total);
    }

    /// <summary>Σ a∘b, lane sums first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(float* a, float* b, int length)
    {
        var total = V.Zero;
        for (var i = 0; i < length; i += Lanes.Count)
        {
            total = V.Fma(V.Load(a + i), V.Load(b + i), total);
        }
        return Lanes.Sum(total);
    }

    /// <summary>A scalar as a vector: the value and fifteen zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scalar(float* y, float value)
    {
        V.Zero.Store(y);
        y[0] = value;
    }

    /// <summary>The first <paramref name="count"/> lanes of x, followed by zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tail(V x, int count) => V.SelectLess(Lane, V.Splat(count), x, V.Zero);

    private static V FirstLanes()
    {
        var numbers = stackalloc float[Lanes.Count];
        for (var i = 0; i < Lanes.Count; i++)
        {
            numbers[i] = i;
        }
        return V.Load(numbers);
    }
}
