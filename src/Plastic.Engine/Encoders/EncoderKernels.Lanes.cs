using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>The kernels: lanes are channels, so no element of a vector meets another.</summary>
internal sealed unsafe class EncoderKernels<V> : EncoderKernels where V : struct, ILanes<V>
{
    public override void Run<TKernel>(TKernel kernel) => V.Run(kernel);

    public override void Statistics(float* z, MapShape shape, float* mean, float* squares)
    {
        var count = V.Splat(1f / (shape.Side * shape.Side));
        Clear(mean, shape.Channels);
        Clear(squares, shape.Channels);
        for (var y = 0; y < shape.Side; y++)
        {
            for (var c = 0; c < shape.Channels; c += Lanes.Count)
            {
                var sum = V.Zero;
                var at = z + y * shape.Row + c;
                for (var x = 0; x < shape.Side; x++, at += shape.Channels)
                {
                    sum += V.Load(at);
                }
                (V.Load(mean + c) + sum).Store(mean + c);
            }
        }
        for (var c = 0; c < shape.Channels; c += Lanes.Count)
        {
            (V.Load(mean + c) * count).Store(mean + c);
        }
        for (var y = 0; y < shape.Side; y++)
        {
            for (var c = 0; c < shape.Channels; c += Lanes.Count)
            {
                V sum = V.Zero, m = V.Load(mean + c);
                var at = z + y * shape.Row + c;
                for (var x = 0; x < shape.Side; x++, at += shape.Channels)
                {
                    var from = V.Load(at) - m;
                    sum = V.Fma(from, from, sum);
                }
                (V.Load(squares + c) + sum).Store(squares + c);
            }
        }
    }

    public override void Activate(float* z, MapShape shape, NormVectors norm, float slope, float* to)
    {
        var below = V.Splat(slope);
        for (var y = 0; y < shape.Side; y++)
        {
            for (var c = 0; c < shape.Channels; c += Lanes.Count)
            {
                V mean = V.Load(norm.Mean + c), gain = V.Load(norm.Gain + c), shift = V.Load(norm.Shift + c);
                float* from = z + y * shape.Row + c, into = to + shape.Inside + y * shape.BorderedRow + c;
                for (var x = 0; x < shape.Side; x++, from += shape.Channels, into += shape.Channels)
                {
                    Activation(V.Fma(V.Load(from) - mean, gain, shift), below).Store(into);
                }
            }
        }
    }

    public override void ActivateBar(
        float* z, MapShape shape, NormVectors norm, float slope, float* bar, float* sums, float* products)
    {
        var below = V.Splat(slope);
        Clear(sums, shape.Channels);
        Clear(products, shape.Channels);
        for (var y = 0; y < shape.Side; y++)
        {
            for (var c = 0; c < shape.Channels; c += Lanes.Count)
            {
                V mean = V.Load(norm.Mean + c), gain = V.Load(norm.Gain + c), shift = V.Load(norm.Shift + c);
                V sum = V.Zero, product = V.Zero;
                float* from = z + y * shape.Row + c, at = bar + y * shape.Row + c;
                for (var x = 0; x < shape.Side; x++, from += shape.Channels, at += shape.Channels)
                {
                    var centred = V.Load(from) - mean;
                    var b = V.Load(at) * Derivative(V.Fma(centred, gain, shift), below);
                    b.Store(at);
                    sum += b;
                    product = V.Fma(b, centred, product);
                }
                (V.Load(sums + c) + sum).Store(sums + c);
                (V.Load(products + c) + product).Store(products + c);
            }
        }
    }

    public override void NormBar(float* z, MapShape shape, NormVectors norm, float* bar, float* to)
    {
        for (var y = 0; y < shape.Side; y++)
        {
            for (var c = 0; c < shape.Channels; c += Lanes.Count)
            {
                var n = new Bars(norm, c);
                float* from = z + y * shape.Row + c, at = bar + y * shape.Row + c;
                var into = to + shape.Inside + y * shape.BorderedRow + c;
                for (var x = 0; x < shape.Side; x++, from += shape.Channels, at += shape.Channels, into += shape.Channels)
                {
                    n.Of(V.Load(at), V.Load(from)).Store(into);
                }
            }
        }
    }

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

    private static void Clear(float* values, int count) => new Span<float>(values, count).Clear();

    /// <summary>y &gt; 0 ? y : slope·y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Activation(V y, V slope) => V.SelectLess(V.Zero, y, y, y * slope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Derivative(V y, V slope) => V.SelectLess(V.Zero, y, V.Splat(1), slope);

    /// <summary>z̄ = gain·ȳ + linear·(z − mean) + constant.</summary>
    private readonly struct Bars(NormVectors norm, int c)
    {
        private readonly V mean = V.Load(norm.Mean + c), gain = V.Load(norm.Gain + c);
        private readonly V linear = V.Load(norm.Linear + c), constant = V.Load(norm.Constant + c);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Of(V bar, V z) => V.Fma(gain, bar, V.Fma(linear, z - mean, constant));
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

        /// <summary>The largest value.</summary>
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
            BestShortcut = V.SelectLess(Best, value, shortcut, BestShortcut);
            Best = V.SelectLess(Best, value, value, Best);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Value(in BlockValues block, long at, out V value, out V centred, out V shortcut)
        {
            centred = V.Load(block.Z + at) - mean;
            var y = V.Fma(centred, gain, shift);
            shortcut = V.Zero;
            if (block.Shortcut != null)
            {
                shortcut = V.Load(block.Shortcut + at) - shortcutMean;
                y += V.Fma(shortcut, shortcutGain, shortcutShift);
            }
            value = Activation(y, below);
        }
    }
}
