namespace Plastic.Engine;

/// <summary>
/// The backward pass of a factored synapse. Through a chunk, from its last step to its first, the cotangents of the pairs and of their
/// coefficients accumulate what each step contributes through F(t); those of the update at the end of a step are complete once all
/// later steps have contributed.
/// </summary>
internal static unsafe class FactoredAdjoint<V> where V : struct, ILanes<V>
{
    /// <summary>Nothing has asked for the chunk's pairs so far.</summary>
    public static void ClearBars(in GroupContext run, FactoredPlan s)
    {
        ref readonly var pairs = ref run.Workspace.Pairs(s);
        GroupContext.Clear(pairs.PBar, (long)pairs.Columns * s.Layout.PaddedRows);
        GroupContext.Clear(pairs.QBar, (long)pairs.Columns * s.Layout.Stride);
        GroupContext.Clear(pairs.KBar, pairs.Columns);
        GroupContext.Clear(pairs.DecayBar, run.Plan.Group);
    }

    /// <summary>Enters the chunk that ends where step t starts: takes its pairs, and their cotangents are what F̄(t) asks.</summary>
    public static void EnterChunk(in GroupContext run, FactoredPlan s, int t)
    {
        ClearBars(run, s);
        var start = run.Chunks.Start(t - 1);
        for (var u = start; u < t; u++)
        {
            ChunkPairs<V>.Append(run, s, u);
        }
        ChunkPairs<V>.SetCoefficients(run, s, start, t);
        ref readonly var pairs = ref run.Workspace.Pairs(s);
        var layout = s.Layout;
        int group = run.Plan.Group, stride = s.PairsPerStep * group;
        for (var g = 0; g < run.Count; g++)
        {
            var bar = run.FastBar(s, g);
            pairs.DecayBar[g] = ChunkBoundary<V>.Scale(
                run.Workspace.Matrix, run.Alpha(s), bar, start == 0 ? null : run.Fast(s, g, start), layout.Size);
            for (var k = 0; k < s.PairsPerStep; k++)
            {
                var column = k * group + g;
                ChunkBoundary<V>.PairBars(
                    run.Workspace.Matrix, layout.Stride, layout.Rows,
                    new PairSeries(Columns(pairs.P, column, stride, layout.PaddedRows), Columns(pairs.Q, column, stride, layout.Stride)),
                    new PairSeries(Columns(pairs.PBar, column, stride, layout.PaddedRows), Columns(pairs.QBar, column, stride, layout.Stride)),
                    pairs.K + column, pairs.KBar + column, stride, t - start);
            }
        }
    }

    /// <summary>What the pairs x ⊗ y that step t adds to F̄ ask of the chunk's pairs, of their coefficients and of F(a).</summary>
    public static void AddStep(in GroupContext run, FactoredPlan s, int t)
    {
        ref readonly var pairs = ref run.Workspace.Pairs(s);
        int group = run.Plan.Group, before = ChunkPairs<V>.Before(run, s, t);
        for (var g = 0; g < run.Count; g++)
        {
            PairCoefficients.Decay(*run.At(s.Update.Keep, g, t), pairs.KBar + g, before, group, ref pairs.DecayBar[g]);
        }
        foreach (var gradient in s.SavedGradient)
        {
            AddPair(run, s, gradient, t);
        }
    }

    /// <summary>Gives the backward list of step t the cotangents of the update at its end.</summary>
    public static void WriteUpdateBars(in GroupContext run, FactoredPlan s, int t)
    {
        ref readonly var pairs = ref run.Workspace.Pairs(s);
        int group = run.Plan.Group, before = ChunkPairs<V>.Before(run, s, t);
        for (var g = 0; g < run.Count; g++)
        {
            for (var k = 0; k < s.PairsPerStep; k++)
            {
                var column = (long)(before + k) * group + g;
                if (s.Bars.Pairs[k].P is { } pBar)
                {
                    Elementwise<V>.Copy(run.At(pBar, g, t), pairs.PBar + column * s.Layout.PaddedRows, pBar.Length);
                }
                if (s.Bars.Pairs[k].Q is { } qBar)
                {
                    Elementwise<V>.Copy(run.At(qBar, g, t), pairs.QBar + column * s.Layout.Stride, qBar.Length);
                }
            }
            if (s.Bars.Rate is { } rate)
            {
                Elementwise<V>.Scalar(
                    run.At(rate, g, t), PairCoefficients.RateBar(pairs.KBar + before * group + g, s.PairsPerStep, group));
            }
            if (s.Bars.Keep is { } keep)
            {
                Elementwise<V>.Scalar(
                    run.At(keep, g, t),
                    PairCoefficients.KeepBar(pairs.K + g, pairs.KBar + g, before, group, pairs.Decay[g], pairs.DecayBar[g]));
            }
        }
    }

    /// <summary>ᾱ, and F̄ at its start if a chunk comes before it, of the chunk that starts at step t.</summary>
    public static void ChunkBackward(in GroupContext run, FactoredPlan s, int t)
    {
        if (t == 0 && !s.Alpha.IsTrained)
        {
            return;
        }
        var end = Math.Min(t + run.Chunks.Length, run.Steps);
        Span<float> keeps = stackalloc float[end - t], rates = stackalloc float[end - t];
        Span<PairSeries> updates = stackalloc PairSeries[s.PairsPerStep], gradients = stackalloc PairSeries[s.Gradient.Length];
        for (var g = 0; g < run.Count; g++)
        {
            for (var u = t; u < end; u++)
            {
                keeps[u - t] = *run.At(s.Update.Keep, g, u);
                rates[u - t] = *run.At(s.Update.Rate, g, u);
            }
            for (var k = 0; k < updates.Length; k++)
            {
                updates[k] = run.From(s.Update.Pairs[k], g, t);
            }
            for (var k = 0; k < gradients.Length; k++)
            {
                gradients[k] = run.From(s.Gradient[k], g, t);
            }
            V.Run(new ChunkBackward
            {
                AlphaBar = run.Gradients.AlphaBars + s.MatrixOffset,
                From = end == run.Steps ? null : run.FastBar(s, g),
                To = t == 0 ? null : run.FastBar(s, g),
                Stride = s.Layout.Stride,
                Rows = s.Layout.Rows,
                Count = end - t,
                Keeps = keeps,
                Rates = rates,
                Updates = updates,
                Gradients = gradients,
            });
        }
    }

    private static void AddPair(in GroupContext run, FactoredPlan s, FactoredGradient gradient, int t)
    {
        ref readonly var pairs = ref run.Workspace.Pairs(s);
        var layout = s.Layout;
        var (x, y) = gradient.Pair;
        int start = run.Chunks.Start(t), group = run.Plan.Group, stride = s.PairsPerStep * group;
        // Products saved by the forward pass lack the one with F(a): the other vector's are to have it.
        var startIsInZ = gradient.W is { } saved && run.Plan.Saved[saved].IsForward;
        // Where p comes from the data nothing reads p̄, and z gives the rest.
        var hasW = start > 0 || gradient.W is not null || s.Bars.NeedsP;
        var z = FactoredProduct<V>.Parts(
            run, s, gradient.Z, isTransposed: false, x, t, startIsInZ, run.Workspace.Factored.Products);
        var w = hasW
            ? FactoredProduct<V>.Parts(
                run, s, gradient.W, isTransposed: true, y, t, !startIsInZ, run.Workspace.Factored.OtherProducts)
            : default;
        for (var g = 0; g < run.Count; g++)
        {
            float* xg = run.At(x, g, t), yg = run.At(y, g, t);
            if (start > 0)
            {
                pairs.DecayBar[g] += startIsInZ
                    ? Elementwise<V>.Dot(yg, z.Start + (long)g * layout.Stride, layout.Stride)
                    : Elementwise<V>.Dot(xg, w.Start + (long)g * layout.PaddedRows, layout.PaddedRows);
            }
            for (var k = 0; k < s.PairsPerStep; k++)
            {
                var column = k * group + g;
                float* coefficients = pairs.K + column, bars = pairs.KBar + column;
                VectorSeries qBar = Columns(pairs.QBar, column, stride, layout.Stride), zs = Columns(z.Columns, column, stride, layout.Stride);
                if (hasW)
                {
                    FactoredProducts<V>.AddPairAndCoefficientBars(
                        Columns(pairs.PBar, column, stride, layout.PaddedRows), layout.PaddedRows, coefficients, bars, stride, xg,
                        Columns(w.Columns, column, stride, layout.PaddedRows), Columns(pairs.P, column, stride, layout.PaddedRows), t - start);
                    FactoredProducts<V>.AddPairBars(qBar, layout.Stride, coefficients, stride, yg, zs, t - start);
                }
                else
                {
                    FactoredProducts<V>.AddPairAndCoefficientBars(
                        qBar, layout.Stride, coefficients, bars, stride, yg, zs, Columns(pairs.Q, column, stride, layout.Stride), t - start);
                }
            }
        }
    }

    /// <summary>One pair of one sample, step after step: every so many columns from the first on, of vectors of so many floats.</summary>
    private static VectorSeries Columns(float* vectors, int first, int stride, int length) =>
        new(vectors + (long)first * length, (long)stride * length);
}
