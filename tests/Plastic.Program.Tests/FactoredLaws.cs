using FsCheck;
using FsCheck.Fluent;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// The factored kernels against the chunk's meaning, step by step in float64 (<see cref="ChunkOracle"/>): over random shapes, chunk
/// lengths, pairs, groups with samples missing, with and without F at the start, transposed or not, on every kind of lanes.
/// </summary>
public sealed unsafe class FactoredLaws
{
    // Of the largest magnitude in a tensor, or of 1: sums of some hundred products and a few steps, rounded to float.
    private const double Tolerance = 1e-4;

    [Fact]
    public void The_F_that_is_stored_where_a_chunk_ends_is_the_F_of_its_updates() => Holds<Stores>();

    [Fact]
    public void A_product_put_together_from_pairs_is_the_product_with_F() => Holds<Multiplies>();

    [Fact]
    public void One_pass_over_a_chunk_gives_the_cotangents_of_alpha_and_of_F_at_its_start() => Holds<RunsBackward>();

    [Fact]
    public void Pairs_rates_and_keeps_get_the_cotangents_of_their_updates() => Holds<GivesBars>();

    private interface ILaw
    {
        static abstract void Check<V>(FactoredChunk chunk) where V : struct, ILanes<V>;
    }

    private static void Holds<TLaw>() where TLaw : ILaw
    {
        var tally = new Dictionary<string, int>();
        var tested = 0;
        Prop.ForAll(ChunkCases.All, size =>
        {
            using var chunk = new FactoredChunk(size);
            switch (size.Seed % 3)
            {
                case 0: TLaw.Check<WideLanes>(chunk); break;
                case 1: TLaw.Check<PairLanes>(chunk); break;
                default: TLaw.Check<QuadLanes>(chunk); break;
            }
            tested++;
            foreach (var feature in ChunkCases.Features(size)) tally[feature] = tally.GetValueOrDefault(feature) + 1;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
        Assert.All(ChunkCases.Interesting, feature => Assert.InRange(tally.GetValueOrDefault(feature), tested / 12, tested));
    }

    private sealed class Stores : ILaw
    {
        public static void Check<V>(FactoredChunk chunk) where V : struct, ILanes<V>
        {
            var (size, layout) = (chunk.Size, chunk.Layout);
            for (var g = 0; g < size.Count; g++)
            {
                float* fast = chunk.Floats.Uniform(layout.Size), from = chunk.StartOf(g);
                var decay = Coefficients(chunk, g, size.Steps);
                var scaled = new VectorSeries(chunk.Floats.Zeros(size.Steps * layout.PaddedRows), layout.PaddedRows);
                for (var k = 0; k < size.Pairs; k++, from = fast, decay = 1)
                {
                    ChunkBoundary<V>.Store(
                        fast, decay, from, chunk.Alpha, layout.Stride, layout.Rows, chunk.Updates[g][k], size.Rows,
                        chunk.K + k * size.Group + g, chunk.Stride, size.Steps, scaled);
                }
                Near(chunk.Oracles[g].Fast(size.Steps), chunk.Wide(fast));
            }
        }
    }

    private sealed class Multiplies : ILaw
    {
        public static void Check<V>(FactoredChunk chunk) where V : struct, ILanes<V>
        {
            for (var t = 1; t <= chunk.Size.Steps; t++)
            {
                Check<V>(chunk, isTransposed: false, t);
                Check<V>(chunk, isTransposed: true, t);
            }
        }

        private static void Check<V>(FactoredChunk chunk, bool isTransposed, int t) where V : struct, ILanes<V>
        {
            var (size, layout) = (chunk.Size, chunk.Layout);
            var (_, width) = layout.Product(isTransposed);
            var (inner, outer) = isTransposed ? (size.Columns, size.Rows) : (size.Rows, size.Columns);
            var x = chunk.Floats.Vectors(size.Count, inner, Lanes.Padded(inner));
            var z = chunk.Products<V>(isTransposed, x, t);
            for (var g = 0; g < size.Count; g++)
            {
                float* slow = chunk.Floats.Uniform(width), before = chunk.Floats.Copy(slow, width), y = slow;
                var decay = Coefficients(chunk, g, t);
                if (size.HasStart)
                {
                    var product = chunk.Floats.Zeros(width);
                    MatrixProducts<V>.Add(
                        new StoredMatrix((float*)chunk.Start[g]), layout.Stride, layout.Rows, isTransposed, x[g], product);
                    FactoredProducts<V>.AddScaled(y, width, decay, product);
                }
                for (var k = 0; k < size.Pairs; k++)
                {
                    FactoredProducts<V>.Combine(
                        y, y, width, chunk.K + k * size.Group + g, chunk.Stride,
                        chunk.Column(isTransposed ? chunk.P : chunk.Q, k, g, width), chunk.Column(z, k, g, width), t);
                }
                var fast = chunk.Oracles[g].Product(t, isTransposed, Wide(x[g], inner));
                Near([.. fast.Select((value, j) => before[j] + value)], Wide(y, outer));
            }
        }
    }

    private sealed class RunsBackward : ILaw
    {
        public static void Check<V>(FactoredChunk chunk) where V : struct, ILanes<V>
        {
            var (size, layout) = (chunk.Size, chunk.Layout);
            var alphaBar = chunk.Matrix();
            var expected = chunk.Wide(alphaBar);
            for (var g = 0; g < size.Count; g++)
            {
                // In place, as the engine runs it.
                var bar = chunk.Floats.Copy((float*)chunk.End[g], layout.Size);
                float[] keeps = [.. chunk.Oracles[g].Keep.Select(x => (float)x)], rates = [.. chunk.Oracles[g].Rate.Select(x => (float)x)];
                V.Run(new ChunkBackward
                {
                    AlphaBar = alphaBar,
                    From = bar,
                    To = bar,
                    Stride = layout.Stride,
                    Rows = layout.Rows,
                    Count = size.Steps,
                    Keeps = keeps,
                    Rates = rates,
                    Updates = chunk.Updates[g],
                    Gradients = chunk.Gradients[g],
                });
                var bars = Backward(chunk, g);
                Near(bars.Start, chunk.Wide(bar));
                for (var i = 0; i < size.Rows; i++)
                {
                    for (var j = 0; j < size.Columns; j++) expected[i, j] += bars.Alpha[i, j];
                }
            }
            Near(expected, chunk.Wide(alphaBar));
        }
    }

    private sealed class GivesBars : ILaw
    {
        public static void Check<V>(FactoredChunk chunk) where V : struct, ILanes<V>
        {
            // Without the products w, p̄ is not computed.
            Check<V>(chunk, hasW: true);
            Check<V>(chunk, hasW: false);
        }

        private static void Check<V>(FactoredChunk chunk, bool hasW) where V : struct, ILanes<V>
        {
            var (size, layout) = (chunk.Size, chunk.Layout);
            var columns = FactoredPlan.Columns(size.Group, size.Steps, size.Pairs);
            float* pBar = chunk.Floats.Zeros(columns * layout.PaddedRows), qBar = chunk.Floats.Zeros(columns * layout.Stride);
            float* kBar = chunk.Floats.Zeros(columns), decay = chunk.Floats.Zeros(size.Count), decayBar = chunk.Floats.Zeros(size.Count);
            var expected = Enumerable.Range(0, size.Count).Select(g => Backward(chunk, g)).ToArray();
            for (var g = 0; g < size.Count; g++) Enter<V>(chunk, g, pBar, qBar, kBar, decayBar);
            for (var t = size.Steps - 1; t >= 0; t--)
            {
                for (var g = 0; g < size.Count; g++)
                {
                    decay[g] = Coefficients(chunk, g, t);
                    CheckUpdate(chunk, g, t, hasW, expected[g], pBar, qBar, kBar, size.HasStart ? decay[g] : 0, decayBar[g]);
                    PairCoefficients.Decay(*chunk.Keep[g][t], kBar + g, t * size.Pairs, size.Group, ref decayBar[g]);
                }
                for (var j = 0; j < size.Gradients && t > 0; j++) AddPair<V>(chunk, j, t, hasW, pBar, qBar, kBar, decayBar);
            }
        }

        /// <summary>The chunk's end: what F̄ there asks of every pair.</summary>
        private static void Enter<V>(FactoredChunk chunk, int g, float* pBar, float* qBar, float* kBar, float* decayBar)
            where V : struct, ILanes<V>
        {
            var (size, layout) = (chunk.Size, chunk.Layout);
            Coefficients(chunk, g, size.Steps);
            float* matrix = chunk.Floats.Zeros(layout.Size), end = (float*)chunk.End[g];
            for (var at = 0; at < layout.Size; at++) matrix[at] = chunk.Alpha[at] * end[at];
            for (var k = 0; k < size.Pairs; k++)
            {
                ChunkBoundary<V>.PairBars(
                    matrix, layout.Stride, layout.Rows, chunk.Updates[g][k],
                    new PairSeries(chunk.Column(pBar, k, g, layout.PaddedRows), chunk.Column(qBar, k, g, layout.Stride)),
                    chunk.K + k * size.Group + g, kBar + k * size.Group + g, chunk.Stride, size.Steps);
            }
            decayBar[g] = size.HasStart ? Elementwise<V>.Dot(end, (float*)chunk.Start[g], layout.Size) : 0;
        }

        /// <summary>What pair j of step t adds to F̄ asks of the pairs before the step.</summary>
        private static void AddPair<V>(
            FactoredChunk chunk, int j, int t, bool hasW, float* pBar, float* qBar, float* kBar, float* decayBar) where V : struct, ILanes<V>
        {
            var (size, layout) = (chunk.Size, chunk.Layout);
            var x = chunk.Floats.Vectors(size.Count, 0, layout.PaddedRows);
            var y = chunk.Floats.Vectors(size.Count, 0, layout.Stride);
            for (var g = 0; g < size.Count; g++)
            {
                new ReadOnlySpan<float>(chunk.Gradients[g][j].P[t], layout.PaddedRows).CopyTo(new Span<float>(x[g], layout.PaddedRows));
                new ReadOnlySpan<float>(chunk.Gradients[g][j].Q[t], layout.Stride).CopyTo(new Span<float>(y[g], layout.Stride));
            }
            float* z = chunk.Products<V>(isTransposed: false, x, t), w = chunk.Products<V>(isTransposed: true, y, t);
            for (var g = 0; g < size.Count; g++)
            {
                Coefficients(chunk, g, t);
                if (size.HasStart)
                {
                    var product = chunk.Floats.Zeros(layout.PaddedRows);
                    MatrixProducts<V>.ApplyT(new StoredMatrix((float*)chunk.Start[g]), layout.Stride, layout.Rows, y[g], product);
                    decayBar[g] += Elementwise<V>.Dot(x[g], product, layout.PaddedRows);
                }
                for (var k = 0; k < size.Pairs; k++)
                {
                    float* coefficients = chunk.K + k * size.Group + g, bars = kBar + k * size.Group + g;
                    VectorSeries P(float* vectors) => chunk.Column(vectors, k, g, layout.PaddedRows);
                    VectorSeries Q(float* vectors) => chunk.Column(vectors, k, g, layout.Stride);
                    if (hasW)
                    {
                        FactoredProducts<V>.AddPairAndCoefficientBars(
                            P(pBar), layout.PaddedRows, coefficients, bars, chunk.Stride, x[g], P(w), P(chunk.P), t);
                        FactoredProducts<V>.AddPairBars(Q(qBar), layout.Stride, coefficients, chunk.Stride, y[g], Q(z), t);
                    }
                    else
                    {
                        FactoredProducts<V>.AddPairAndCoefficientBars(
                            Q(qBar), layout.Stride, coefficients, bars, chunk.Stride, y[g], Q(z), Q(chunk.Q), t);
                    }
                }
            }
        }

        private static void CheckUpdate(
            FactoredChunk chunk, int g, int t, bool hasW, ChunkOracle.Bars expected, float* pBar, float* qBar, float* kBar, float decay,
            float decayBar)
        {
            var size = chunk.Size;
            var before = t * size.Pairs;
            for (var k = 0; k < size.Pairs; k++)
            {
                var (p, q) = expected.Pairs[t][k];
                if (hasW) Near(p, Wide(chunk.Column(pBar, k, g, chunk.Layout.PaddedRows)[t], size.Rows));
                Near(q, Wide(chunk.Column(qBar, k, g, chunk.Layout.Stride)[t], size.Columns));
            }
            Near([expected.Rate[t]], [PairCoefficients.RateBar(kBar + before * size.Group + g, size.Pairs, size.Group)]);
            Near([expected.Keep[t]], [PairCoefficients.KeepBar(chunk.K + g, kBar + g, before, size.Group, decay, decayBar)]);
        }
    }

    /// <summary>The coefficients of F(t) of a sample; returns what is left of F at the start.</summary>
    private static float Coefficients(FactoredChunk chunk, int g, int t) =>
        PairCoefficients.Compute(chunk.Keep[g], chunk.Rate[g], t, chunk.K + g, chunk.Size.Pairs, chunk.Size.Group);

    private static ChunkOracle.Bars Backward(FactoredChunk chunk, int g) =>
        chunk.Oracles[g].Backward(
            chunk.Wide((float*)chunk.End[g]), [.. Enumerable.Range(0, chunk.Size.Steps).Select(t => chunk.GradientOf(g, t))]);

    private static double[] Wide(float* from, int length) => [.. new ReadOnlySpan<float>(from, length).ToArray().Select(x => (double)x)];

    private static void Near(double[,] expected, double[,] found) => Near([.. expected.Cast<double>()], [.. found.Cast<double>()]);

    private static void Near(double[] expected, double[] found)
    {
        var largest = Math.Max(1, expected.Max(Math.Abs));
        for (var k = 0; k < expected.Length; k++)
        {
            Assert.InRange(found[k], expected[k] - Tolerance * largest, expected[k] + Tolerance * largest);
        }
    }
}
