using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>
/// The end of a block: last activation, 2 × 2 max-pool and what dropping leaves; and its adjoint. Activations keep the order, so the largest
/// value is found before its activation; of equals, it is the first.
/// </summary>
internal sealed unsafe partial class EncoderKernels<V>
{
    [MethodImpl(Compiled)]
    public override void Pool(in BlockValues block, float slope, float* left, float* to, long toRow)
    {
        var shape = block.Shape;
        var below = V.Splat(slope);
        for (var y = 0; y < shape.Side / 2; y++)
        {
            for (var c = 0; c < shape.Channels; c += Lanes.Count)
            {
                Normed norm = new(block.Norm, c), shortcut = block.Shortcut == null ? default : new(block.ShortcutNorm, c);
                var at = 2 * y * shape.Row + c;
                for (var x = 0; x < shape.Side / 2; x++, at += 2L * shape.Channels)
                {
                    var y4 = norm.Of(new Four(block.Z + at, shape, norm.Mean));
                    if (block.Shortcut != null) y4 += shortcut.Of(new Four(block.Shortcut + at, shape, shortcut.Mean));
                    var value = Activation(y4.Largest, below);
                    var into = (long)x * shape.Channels + c;
                    if (left != null) value *= V.Load(left + (long)y * (shape.Side / 2) * shape.Channels + into);
                    value.Store(to + y * toRow + into);
                }
            }
        }
    }

    [MethodImpl(Compiled)]
    public override void PoolSums(
        in BlockValues block, float slope, float* left, float* bar, long barRow, float* sums, float* products, float* shortcutProducts)
    {
        var shape = block.Shape;
        var below = V.Splat(slope);
        Clear(sums, shape.Channels);
        Clear(products, shape.Channels);
        Clear(shortcutProducts, shape.Channels);
        for (var y = 0; y < shape.Side / 2; y++)
        {
            for (var c = 0; c < shape.Channels; c += Lanes.Count)
            {
                Normed norm = new(block.Norm, c), shortcut = block.Shortcut == null ? default : new(block.ShortcutNorm, c);
                V sum = V.Zero, product = V.Zero, shortcutProduct = V.Zero;
                var at = 2 * y * shape.Row + c;
                for (var x = 0; x < shape.Side / 2; x++, at += 2L * shape.Channels)
                {
                    var centred = new Four(block.Z + at, shape, norm.Mean);
                    var beside = block.Shortcut == null ? default : new Four(block.Shortcut + at, shape, shortcut.Mean);
                    var y4 = norm.Of(centred);
                    if (block.Shortcut != null) y4 += shortcut.Of(beside);
                    var b = Bar(bar + y * barRow, left, y * (shape.Side / 2) + x, x, shape.Channels, c, y4.Largest, below);
                    sum += b;
                    product = V.Fma(b, centred.WhereLargest(y4), product);
                    if (block.Shortcut != null) shortcutProduct = V.Fma(b, beside.WhereLargest(y4), shortcutProduct);
                }
                (V.Load(sums + c) + sum).Store(sums + c);
                (V.Load(products + c) + product).Store(products + c);
                (V.Load(shortcutProducts + c) + shortcutProduct).Store(shortcutProducts + c);
            }
        }
    }

    [MethodImpl(Compiled)]
    public override void PoolBar(
        in BlockValues block, float slope, float* left, float* bar, long barRow, float* to, float* shortcutTo)
    {
        var shape = block.Shape;
        var below = V.Splat(slope);
        for (var y = 0; y < shape.Side / 2; y++)
        {
            for (var c = 0; c < shape.Channels; c += Lanes.Count)
            {
                Normed norm = new(block.Norm, c), shortcut = block.Shortcut == null ? default : new(block.ShortcutNorm, c);
                V linear = V.Load(block.Norm.Linear + c), constant = V.Load(block.Norm.Constant + c);
                var at = 2 * y * shape.Row + c;
                var into = shape.Inside + 2 * y * shape.BorderedRow + c;
                for (var x = 0; x < shape.Side / 2; x++, at += 2L * shape.Channels, into += 2L * shape.Channels)
                {
                    var centred = new Four(block.Z + at, shape, norm.Mean);
                    var beside = block.Shortcut == null ? default : new Four(block.Shortcut + at, shape, shortcut.Mean);
                    var y4 = norm.Of(centred);
                    if (block.Shortcut != null) y4 += shortcut.Of(beside);
                    var b = Bar(bar + y * barRow, left, y * (shape.Side / 2) + x, x, shape.Channels, c, y4.Largest, below);
                    var shares = y4.ToLargest(b);
                    Four.Fma(norm.Gain, shares, Four.Fma(linear, centred, constant)).Store(to + into, shape);
                    if (block.Shortcut == null) continue;
                    V besideLinear = V.Load(block.ShortcutNorm.Linear + c), besideConstant = V.Load(block.ShortcutNorm.Constant + c);
                    Four.Fma(shortcut.Gain, shares, Four.Fma(besideLinear, beside, besideConstant)).Store(shortcutTo + into, shape);
                }
            }
        }
        if (shape.Side % 2 == 1)
        {
            Uncovered(block.Z, shape, block.Norm, to);
            if (block.Shortcut != null) Uncovered(block.Shortcut, shape, block.ShortcutNorm, shortcutTo);
        }
    }

    /// <summary>z̄ of the last row and column of an odd map, which no pool covers.</summary>
    private static void Uncovered(float* z, MapShape shape, NormVectors norm, float* to)
    {
        var last = shape.Side - 1;
        for (var c = 0; c < shape.Channels; c += Lanes.Count)
        {
            var bars = new Bars(norm, c);
            for (var k = 0; k < shape.Side; k++)
            {
                Write(k, last);
                Write(last, k);
            }

            void Write(int y, int x)
            {
                var at = y * shape.Row + (long)x * shape.Channels + c;
                var into = shape.Inside + y * shape.BorderedRow + (long)x * shape.Channels + c;
                bars.Of(V.Zero, V.Load(z + at)).Store(to + into);
            }
        }
    }

    /// <summary>The cotangent of the sum of path and shortcut at the largest value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Bar(float* row, float* left, int place, int x, int channels, int c, V largest, V below)
    {
        var bar = V.Load(row + (long)x * channels + c);
        if (left != null) bar *= V.Load(left + (long)place * channels + c);
        return bar * Derivative(largest, below);
    }

    /// <summary>y = (z − mean)·gain + shift.</summary>
    private readonly struct Normed(NormVectors norm, int c)
    {
        public readonly V Mean = V.Load(norm.Mean + c), Gain = V.Load(norm.Gain + c), Shift = V.Load(norm.Shift + c);

        /// <summary>Of z − mean.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Four Of(Four centred) => Four.Fma(Gain, centred, Shift);
    }

    /// <summary>The values that a pool takes together, row by row.</summary>
    private readonly struct Four
    {
        private readonly V a, b, c, d;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Four(V a, V b, V c, V d) => (this.a, this.b, this.c, this.d) = (a, b, c, d);

        /// <summary>z − mean. The two rows after these are what is read next: lanes apart, which the processor does not foresee.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Four(float* z, MapShape shape, V mean)
        {
            var below = z + shape.Row;
            (a, b) = (V.Load(z) - mean, V.Load(z + shape.Channels) - mean);
            (c, d) = (V.Load(below) - mean, V.Load(below + shape.Channels) - mean);
            var next = below + shape.Row;
            Lanes.Prefetch(next);
            Lanes.Prefetch(next + shape.Channels);
            Lanes.Prefetch(next + shape.Row);
            Lanes.Prefetch(next + shape.Row + shape.Channels);
        }

        /// <summary>The largest of them.</summary>
        public V Largest
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => WhereLargest(this);
        }

        /// <summary>x·y + z, one by one.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Four Fma(V x, Four y, V z) => new(V.Fma(x, y.a, z), V.Fma(x, y.b, z), V.Fma(x, y.c, z), V.Fma(x, y.d, z));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Four Fma(V x, Four y, Four z) =>
            new(V.Fma(x, y.a, z.a), V.Fma(x, y.b, z.b), V.Fma(x, y.c, z.c), V.Fma(x, y.d, z.d));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Four operator +(Four x, Four y) => new(x.a + y.a, x.b + y.b, x.c + y.c, x.d + y.d);

        /// <summary>The one of these where the values are largest.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V WhereLargest(Four values)
        {
            var ab = V.SelectLess(values.a, values.b, values.b, values.a);
            var abc = V.SelectLess(ab, values.c, values.c, ab);
            return V.SelectLess(abc, values.d, d, V.SelectLess(ab, values.c, c, V.SelectLess(values.a, values.b, b, a)));
        }

        /// <summary>A cotangent where these are largest, and zeros.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Four ToLargest(V bar)
        {
            var ab = V.SelectLess(a, b, b, a);
            var abc = V.SelectLess(ab, c, c, ab);
            var before = V.SelectLess(abc, d, V.Zero, bar);
            var first = V.SelectLess(ab, c, V.Zero, before);
            return new(
                V.SelectLess(a, b, V.Zero, first), V.SelectLess(a, b, first, V.Zero), V.SelectLess(ab, c, before, V.Zero),
                V.SelectLess(abc, d, bar, V.Zero));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store(float* to, MapShape shape)
        {
            a.Store(to);
            b.Store(to + shape.Channels);
            c.Store(to + shape.BorderedRow);
            d.Store(to + shape.BorderedRow + shape.Channels);
        }
    }
}
