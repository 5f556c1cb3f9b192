using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Plastic.Engine;

/// <summary>The limits of this machine's cores, measured with the engine's own vectors on all threads at once.</summary>
/// <param name="FlopsPerSecond">Fused multiply-adds on registers, each two operations.</param>
/// <param name="CacheBytesPerSecond">Repeated reads of half a megabyte: the second-level cache.</param>
/// <param name="MemoryBytesPerSecond">Reading more than any cache holds.</param>
public sealed record MachineLimits(double FlopsPerSecond, double CacheBytesPerSecond, double MemoryBytesPerSecond)
{
    private const int CacheFloats = 1 << 17, MemoryFloats = 1 << 26, Trials = 7;

    /// <summary>Measures the limits, in about a second: the best of a few trials, since other work can only slow a trial down.</summary>
    public static MachineLimits Measure(Crew crew) =>
        WideLanes.IsAccelerated ? new Probe<WideLanes>(crew).Measure()
        : PairLanes.IsAccelerated ? new Probe<PairLanes>(crew).Measure()
        : new Probe<QuadLanes>(crew).Measure();

    private sealed unsafe class Probe<V>(Crew crew) where V : struct, ILanes<V>
    {
        private const int Rounds = 2_000_000;

        // Enough chains to fill two units with a latency of four cycles, few enough to stay in registers.
        private static readonly int Chains = typeof(V) == typeof(WideLanes) ? 12 : typeof(V) == typeof(PairLanes) ? 5 : 2;

        private static readonly long Share = 8 * Lanes.Count;

        public MachineLimits Measure()
        {
            var each = MemoryFloats / crew.Threads / Share * Share;
            return new(
                Best(2.0 * Chains * Lanes.Count * Rounds, 0, (_, _) => Chains switch
                {
                    12 => Twelve(Rounds),
                    5 => Five(Rounds),
                    _ => Two(Rounds),
                }),
                Best(128.0 * sizeof(float) * CacheFloats, CacheFloats, (from, length) => Read(from, length, 128)),
                Best((double)sizeof(float) * each, each, (from, length) => Read(from, length, 1)));
        }

        private double Best(double amount, long floats, Func<nint, long, float> work)
        {
            var buffers = Enumerable.Range(0, crew.Threads).Select(_ => new AlignedBuffer(floats)).ToArray();
            var best = double.PositiveInfinity;
            for (var trial = 0; trial < Trials; trial++)
            {
                var start = Stopwatch.GetTimestamp();
                crew.Run(crew.Threads, (_, item) => work((nint)buffers[item].Pointer, floats));
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            foreach (var buffer in buffers) buffer.Dispose();
            return crew.Threads * amount / best;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Twelve(int rounds)
        {
            V a = V.Splat(1), b = V.Splat(2), c = V.Splat(3), d = V.Splat(4), e = V.Splat(5), f = V.Splat(6);
            V g = V.Splat(7), h = V.Splat(8), i = V.Splat(9), j = V.Splat(10), k = V.Splat(11), l = V.Splat(12);
            V x = V.Splat(0.999f), y = V.Splat(0.001f);
            for (var round = 0; round < rounds; round++)
            {
                a = V.Fma(a, x, y);
                b = V.Fma(b, x, y);
                c = V.Fma(c, x, y);
                d = V.Fma(d, x, y);
                e = V.Fma(e, x, y);
                f = V.Fma(f, x, y);
                g = V.Fma(g, x, y);
                h = V.Fma(h, x, y);
                i = V.Fma(i, x, y);
                j = V.Fma(j, x, y);
                k = V.Fma(k, x, y);
                l = V.Fma(l, x, y);
            }
            return Lanes.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Five(int rounds)
        {
            V a = V.Splat(1), b = V.Splat(2), c = V.Splat(3), d = V.Splat(4), e = V.Splat(5), x = V.Splat(0.999f);
            for (var round = 0; round < rounds; round++)
            {
                a = V.Fma(a, x, x);
                b = V.Fma(b, x, x);
                c = V.Fma(c, x, x);
                d = V.Fma(d, x, x);
                e = V.Fma(e, x, x);
            }
            return Lanes.Sum(a + b + c + d + e);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Two(int rounds)
        {
            V a = V.Splat(1), b = V.Splat(2), x = V.Splat(0.999f);
            for (var round = 0; round < rounds; round++)
            {
                a = V.Fma(a, x, x);
                b = V.Fma(b, x, x);
            }
            return Lanes.Sum(a + b);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Read(nint start, long length, int times)
        {
            var from = (float*)start;
            V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero, e = V.Zero, f = V.Zero, g = V.Zero, h = V.Zero;
            for (var time = 0; time < times; time++)
            {
                for (var at = from; at < from + length; at += 8 * Lanes.Count)
                {
                    a += V.Load(at);
                    b += V.Load(at + Lanes.Count);
                    c += V.Load(at + 2 * Lanes.Count);
                    d += V.Load(at + 3 * Lanes.Count);
                    e += V.Load(at + 4 * Lanes.Count);
                    f += V.Load(at + 5 * Lanes.Count);
                    g += V.Load(at + 6 * Lanes.Count);
                    h += V.Load(at + 7 * Lanes.Count);
                }
            }
            return Lanes.Sum(a + b + c + d + e + f + g + h);
        }
    }
}
