namespace Plastic.Engine;

/// <summary>The pairs of a factored synapse since its chunk's start, and the F that they make where the chunk ends.</summary>
internal static unsafe class ChunkPairs<V> where V : struct, ILanes<V>
{
    /// <summary>Pairs of a sample from its chunk's start to the start of step t.</summary>
    public static int Before(in GroupContext run, FactoredPlan s, int t) => (t - run.Chunks.Start(t)) * s.PairsPerStep;

    /// <summary>Appends the pairs of the update at the end of step t.</summary>
    public static void Append(in GroupContext run, FactoredPlan s, int t)
    {
        ref readonly var pairs = ref run.Workspace.Pairs(s);
        var layout = s.Layout;
        for (var k = 0; k < s.PairsPerStep; k++)
        {
            VectorSeries p = run.Samples(s.Update.Pairs[k].P, t), q = run.Samples(s.Update.Pairs[k].Q, t);
            var column = (Before(run, s, t) + k) * run.Plan.Group;
            for (var g = 0; g < run.Count; g++)
            {
                Elementwise<V>.Copy(pairs.P + (long)(column + g) * layout.PaddedRows, p[g], layout.PaddedRows);
                Elementwise<V>.Copy(pairs.Q + (long)(column + g) * layout.Stride, q[g], layout.Stride);
            }
            Panels.Interleave(pairs.PTiles, column, p, run.Count, layout.Rows);
            Panels.Interleave(pairs.QTiles, column, q, run.Count, layout.Stride);
        }
    }

    /// <summary>The coefficients of F(t) in the chunk that starts at <paramref name="start"/>, which may end at t.</summary>
    public static void SetCoefficients(in GroupContext run, FactoredPlan s, int start, int t)
    {
        ref readonly var pairs = ref run.Workspace.Pairs(s);
        for (var g = 0; g < run.Count; g++)
        {
            var decay = PairCoefficients.Compute(
                run.From(s.Update.Keep, g, start), run.From(s.Update.Rate, g, start), t - start, pairs.K + g, s.PairsPerStep,
                run.Plan.Group);
            // F(0) is zero, and not stored.
            pairs.Decay[g] = start == 0 ? 0 : decay;
        }
    }

    /// <summary>Stores F at the start of step t: that of a chunk, or of any step apart from the chunks' own.</summary>
    public static void StoreFast(in GroupContext run, FactoredPlan s, int t, bool isApart = false)
    {
        var start = run.Chunks.Start(t - 1);
        SetCoefficients(run, s, start, t);
        ref readonly var pairs = ref run.Workspace.Pairs(s);
        var layout = s.Layout;
        for (var g = 0; g < run.Count; g++)
        {
            var to = isApart ? run.FastAfter(s, g) : run.Fast(s, g, t);
            var from = start == 0 ? null : run.Fast(s, g, start);
            var decay = pairs.Decay[g];
            if (s.PairsPerStep == 0)
            {
                GroupContext.Clear(to, layout.Size);
            }
            for (var k = 0; k < s.PairsPerStep; k++)
            {
                var pair = s.Update.Pairs[k];
                ChunkBoundary<V>.Store(
                    to, decay, from, run.Alpha(s), layout.Stride, layout.Rows, run.From(pair, g, start), pair.P.Length,
                    pairs.K + k * run.Plan.Group + g, s.PairsPerStep * run.Plan.Group, t - start,
                    new VectorSeries(run.Workspace.Factored.Weighted, layout.PaddedRows));
                from = to;
                decay = 1;
            }
        }
    }
}
