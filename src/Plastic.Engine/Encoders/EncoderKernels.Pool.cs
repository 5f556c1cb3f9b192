using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>The end of a block: last activation, max-pool and what dropping leaves; and its adjoint.</summary>
internal sealed unsafe partial class EncoderKernels<V>
{
    [MethodImpl(Compiled)]
    public override void Pool(in BlockValues block, float slope, float* left, float* to, long toRow)
    {
        var shape = block.Shape;
        var pooled = shape.Side / 2;
        for (var y = 0; y < pooled; y++)
        {
            for (var c = 0; c < shape.Channels; c += Lanes.Count)
            {
                var four = new Four(block, slope, c);
                for (var x = 0; x < pooled; x++)
                {
                    four.Read(block, y, x);
                    var value = four.Best;
                    var at = (long)x * shape.Channels + c;
                    if (left != null) value *= V.Load(left + (long)y * pooled * shape.Channels + at);
                    value.Store(to + y * toRow + at);
                }
            }
        }
    }

    [MethodImpl(Compiled)]
    public override void PoolSums(
        in BlockValues block, float slope, float* left, float* bar, long barRow, float* sums, float* products, float* shortcutProducts)
    {
        var shape = block.Shape;
        var pooled = shape.Side / 2;
        Clear(sums, shape.Channels);
        Clear(products, shape.Channels);
        Clear(shortcutProducts, shape.Channels);
        for (var y = 0; y < pooled; y++)
        {
            for (var c = 0; c < shape.Channels; c += Lanes.Count)
            {
                var four = new Four(block, slope, c);
                V sum = V.Zero, product = V.Zero, shortcutProduct = V.Zero;
                for (var x = 0; x < pooled; x++)
                {
                    four.Read(block, y, x);
                    var b = four.Bar(bar + y * barRow, left, y * pooled + x, x);
                    sum += b;
                    product = V.Fma(b, four.BestCentred, product);
                    shortcutProduct = V.Fma(b, four.BestShortcut, shortcutProduct);
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
        var pooled = shape.Side / 2;
        for (var y = 0; y < pooled; y++)
        {
            for (var c = 0; c < shape.Channels; c += Lanes.Count)
            {
                var four = new Four(block, slope, c);
                var norm = new Bars(block.Norm, c);
                var shortcut = block.Shortcut == null ? default : new Bars(block.ShortcutNorm, c);
                for (var x = 0; x < pooled; x++)
                {
                    four.Read(block, y, x);
                    var b = four.Bar(bar + y * barRow, left, y * pooled + x, x);
                    for (var k = 0; k < 4; k++)
                    {
                        int row = 2 * y + (k >> 1), column = 2 * x + (k & 1);
                        var share = V.SelectLess(V.Abs(four.Winner - V.Splat(k)), V.Splat(0.5f), b, V.Zero);
                        var from = row * shape.Row + (long)column * shape.Channels + c;
                        var into = shape.Inside + row * shape.BorderedRow + (long)column * shape.Channels + c;
                        norm.Of(share, V.Load(block.Z + from)).Store(to + into);
                        if (block.Shortcut != null) shortcut.Of(share, V.Load(block.Shortcut + from)).Store(shortcutTo + into);
                    }
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

    /// <summary>Four neighbouring values of a block's last activation, and the largest of them: the first of equals.</summary>
    private struct Four(in BlockValues block, float slope, int c)
    {
        private readonly V below = V.Splat(slope);
        private readonly V mean = V.Load(block.Norm.Mean + c), gain = V.Load(block.Norm.Gain + c), shift = V.Load(block.Norm.Shift + c);
        private readonly V shortcutMean = block.Shortcut == null ? V.Zero : V.Load(block.ShortcutNorm.Mean + c);
        private readonly V shortcutGain = block.Shortcut == null ? V.Zero : V.Load(block.ShortcutNorm.Gain + c);
        private readonly V shortcutShift = block.Shortcut == null ? V.Zero : V.Load(block.ShortcutNorm.Shift + c);
        private readonly int channels = block.Shape.Channels;

        /// <summary>The largest value. Activations keep the order, so the largest is found before.</summary>
        public V Best;

        /// <summary>Which it is, 0 to 3 row by row.</summary>
        public V Winner;

        /// <summary>z − mean of the largest, on the path and on the shortcut.</summary>
        public V BestCentred, BestShortcut;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Read(in BlockValues block, int y, int x)
        {
            var first = 2 * y * block.Shape.Row + 2L * x * channels + c;
            Value(block, first, out Best, out BestCentred, out BestShortcut);
            Winner = V.Zero;
            Try(block, first + channels, 1);
            Try(block, first + block.Shape.Row, 2);
            Try(block, first + block.Shape.Row + channels, 3);
            Best = Activation(Best, below);
        }

        /// <summary>The cotangent of the sum of path and shortcut at the largest value.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V Bar(float* row, float* left, int place, int x)
        {
            var bar = V.Load(row + (long)x * channels + c);
            if (left != null) bar *= V.Load(left + (long)place * channels + c);
            return bar * Derivative(Best, below);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Try(in BlockValues block, long at, float number)
        {
            Value(block, at, out var value, out var centred, out var shortcut);
            Winner = V.SelectLess(Best, value, V.Splat(number), Winner);
            BestCentred = V.SelectLess(Best, value, centred, BestCentred);
            if (block.Shortcut != null) BestShortcut = V.SelectLess(Best, value, shortcut, BestShortcut);
            Best = V.SelectLess(Best, value, value, Best);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Value(in BlockValues block, long at, out V value, out V centred, out V shortcut)
        {
            centred = V.Load(block.Z + at) - mean;
            value = V.Fma(centred, gain, shift);
            shortcut = V.Zero;
            if (block.Shortcut == null) return;
            shortcut = V.Load(block.Shortcut + at) - shortcutMean;
            value += V.Fma(shortcut, shortcutGain, shortcutShift);
        }
    }
}
