using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>The kernels: lanes are channels, so no element of a vector meets another.</summary>
internal sealed unsafe partial class EncoderKernels<V> : EncoderKernels where V : struct, ILanes<V>
{
    // Each is compiled by itself: a method takes in only so much of what it calls, and past that a sum of lanes would be a call.
    private const MethodImplOptions Compiled = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    public override void Run<TKernel>(TKernel kernel) => V.Run(kernel);

    [MethodImpl(Compiled)]
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

    [MethodImpl(Compiled)]
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

    [MethodImpl(Compiled)]
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

    [MethodImpl(Compiled)]
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

    [MethodImpl(Compiled)]
    public override void AddAll(float* from, long next, int count, float* to, int length)
    {
        for (var k = 0; k < length; k += Lanes.Count)
        {
            var sum = V.Load(from + k);
            for (var part = 1; part < count; part++) sum += V.Load(from + part * next + k);
            (V.Load(to + k) + sum).Store(to + k);
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
}
