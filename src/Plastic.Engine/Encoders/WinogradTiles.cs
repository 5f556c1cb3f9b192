using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>Numbers of tiles: for each of a tile's sixteen places a plane [tiles][channels].</summary>
internal readonly unsafe struct TilePlanes(float* first, int channels, long next)
{
    public readonly float* First = first;
    public readonly int Channels = channels;

    /// <summary>Floats from one plane to the next.</summary>
    public readonly long Next = next;

    /// <summary>The plane of a place.</summary>
    public float* this[int place] => First + place * Next;
}

/// <summary>Bᵀ d B of tiles of 4 × 4 inputs, two apart.</summary>
/// <param name="x">The first tile's first input.</param>
/// <param name="map">The shape of x, with a border.</param>
/// <param name="rows">Rows of tiles.</param>
/// <param name="to">Takes the tiles.</param>
internal readonly unsafe struct InputTiles(float* x, MapShape map, int rows, TilePlanes to) : IRegisterKernel
{
    public void Run<R>() where R : struct, IRegister<R>
    {
        var at = to.First;
        for (var y = 0; y < rows; y++)
        {
            for (var k = 0; k < map.Side / 2; k++, at += map.Channels)
            {
                Tile<R>(x + 2 * y * map.BorderedRow + 2L * k * map.Channels, map.BorderedRow, map.Channels, at, to.Next);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile<R>(float* d, long row, int channels, float* to, long next) where R : struct, IRegister<R>
    {
        for (var c = 0; c < channels; c += R.Width, d += R.Width, to += R.Width)
        {
            var p = Quad<R>.Load(d, row).Differences;
            var q = Quad<R>.Load(d + channels, row).Differences;
            var r = Quad<R>.Load(d + 2 * channels, row).Differences;
            var s = Quad<R>.Load(d + 3 * channels, row).Differences;
            new Quad<R>(p.A, q.A, r.A, s.A).Differences.Store(to, next);
            new Quad<R>(p.B, q.B, r.B, s.B).Differences.Store(to + 4 * next, next);
            new Quad<R>(p.C, q.C, r.C, s.C).Differences.Store(to + 8 * next, next);
            new Quad<R>(p.D, q.D, r.D, s.D).Differences.Store(to + 12 * next, next);
        }
    }
}

/// <summary>z = AᵀmA, 2 × 2 values of each tile.</summary>
/// <param name="m">The tiles.</param>
/// <param name="rows">Rows of tiles.</param>
/// <param name="z">Takes the values, from the first tile's on.</param>
/// <param name="map">The shape of z, without a border.</param>
/// <param name="isContinued">Whether the values are added to what z holds.</param>
internal readonly unsafe struct OutputTiles(TilePlanes m, int rows, float* z, MapShape map, bool isContinued) : IRegisterKernel
{
    public void Run<R>() where R : struct, IRegister<R>
    {
        var at = m.First;
        for (var y = 0; y < rows; y++)
        {
            for (var k = 0; k < map.Side / 2; k++, at += map.Channels)
            {
                Tile<R>(at, m.Next, map.Channels, z + 2 * y * map.Row + 2L * k * map.Channels, map.Row, isContinued);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile<R>(float* m, long next, int channels, float* z, long row, bool isContinued) where R : struct, IRegister<R>
    {
        for (var c = 0; c < channels; c += R.Width, m += R.Width, z += R.Width)
        {
            Quad<R> p = Quad<R>.Load(m, 4 * next), q = Quad<R>.Load(m + next, 4 * next);
            Quad<R> r = Quad<R>.Load(m + 2 * next, 4 * next), s = Quad<R>.Load(m + 3 * next, 4 * next);
            var upper = new Quad<R>(p.First, q.First, r.First, s.First);
            var lower = new Quad<R>(p.Second, q.Second, r.Second, s.Second);
            Store(upper.First, z);
            Store(upper.Second, z + channels);
            Store(lower.First, z + row);
            Store(lower.Second, z + row + channels);
        }

        void Store(R value, float* at) => (isContinued ? R.Load(at) + value : value).Store(at);
    }
}

/// <summary>A z̄ Aᵀ of 2 × 2 cotangents: the adjoint of <see cref="OutputTiles"/>.</summary>
/// <param name="zBar">The first tile's first cotangent.</param>
/// <param name="map">The shape of z̄, with a border.</param>
/// <param name="rows">Rows of tiles.</param>
/// <param name="to">Takes the tiles.</param>
internal readonly unsafe struct BarTiles(float* zBar, MapShape map, int rows, TilePlanes to) : IRegisterKernel
{
    public void Run<R>() where R : struct, IRegister<R>
    {
        var at = to.First;
        for (var y = 0; y < rows; y++)
        {
            for (var k = 0; k < map.Side / 2; k++, at += map.Channels)
            {
                Tile<R>(zBar + 2 * y * map.BorderedRow + 2L * k * map.Channels, map.BorderedRow, map.Channels, at, to.Next);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile<R>(float* bar, long row, int channels, float* to, long next) where R : struct, IRegister<R>
    {
        for (var c = 0; c < channels; c += R.Width, bar += R.Width, to += R.Width)
        {
            var left = Quad<R>.Of(R.Load(bar), R.Load(bar + row));
            var right = Quad<R>.Of(R.Load(bar + channels), R.Load(bar + row + channels));
            Quad<R>.Of(left.A, right.A).Store(to, next);
            Quad<R>.Of(left.B, right.B).Store(to + 4 * next, next);
            Quad<R>.Of(left.C, right.C).Store(to + 8 * next, next);
            Quad<R>.Of(left.D, right.D).Store(to + 12 * next, next);
        }
    }
}

/// <summary>Four registers in a column or row of tiles.</summary>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal readonly unsafe struct Quad<R>(R a, R b, R c, R d) where R : struct, IRegister<R>
{
    public readonly R A = a, B = b, C = c, D = d;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<R> Load(float* from, long next) =>
        new(R.Load(from), R.Load(from + next), R.Load(from + 2 * next), R.Load(from + 3 * next));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to, long next)
    {
        A.Store(to);
        B.Store(to + next);
        C.Store(to + 2 * next);
        D.Store(to + 3 * next);
    }

    /// <summary>Bᵀ of these.</summary>
    public Quad<R> Differences
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(A - C, B + C, C - B, D - B);
    }

    /// <summary>Aᵀ of these, its first row.</summary>
    public R First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => A + (B + C);
    }

    /// <summary>Its second row.</summary>
    public R Second
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (B - C) + D;
    }

    /// <summary>A of two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<R> Of(R first, R second) => new(first, first + second, first - second, second);
}
