namespace Plastic.Engine;

/// <content>Updates and adjoints of synapses with a clamp, which have every F of a chunk stored: a pass for each part.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    /// <summary>rate·p of pair k of the update at the end of step t.</summary>
    private float* RatedP(SynapsePlan s, int k, int g, int t)
    {
        var rated = workspace.Scaled;
        Elementwise<V>.ZipScalarSecond<Mul>(rated, At(s.Pairs[k].P, g, t), *At(s.Rate, g, t), s.Pairs[k].P.Length);
        return rated;
    }

    /// <summary>Sample g's F at the start of step t; at that of the first it is zero, and what is read counts for nothing.</summary>
    private float* Origin(SynapsePlan s, int g, int t) => t == 0 ? shared.Alphas + s.MatrixOffset : Stored(s, g, t);

    /// <summary>The update at the end of step t − 1 of one sample, before the clamp.</summary>
    private void Move(SynapsePlan s, int g, int t, float* to)
    {
        SynapseParts<V>.Decay(Origin(s, g, t - 1), to, s.Size, t == 1 ? 0 : *At(s.Keep, g, t - 1));
        for (var k = 0; k < s.Pairs.Length; k++)
        {
            SynapseParts<V>.AddPair(
                shared.Alphas + s.MatrixOffset, to, s.Stride, s.Rows, RatedP(s, k, g, t - 1), At(s.Pairs[k].Q, g, t - 1));
        }
    }

    /// <summary>F at the start of step t ≥ 1 from F at the start of step t − 1.</summary>
    private void UpdateInParts(SynapsePlan s, int t)
    {
        for (var g = 0; g < count; g++)
        {
            var to = Stored(s, g, t);
            Move(s, g, t, to);
            SynapseParts<V>.Clamp(to, s.Size, (float)s.Source.Bound);
        }
    }

    /// <summary>The adjoint of the update at the end of step t − 1.</summary>
    private void AdjointInParts(SynapsePlan s, int t)
    {
        if (t == chunks.Start(t))
        {
            // The chunk before step t is entered; its end is stored, the rest has been written over since.
            for (var u = chunks.Start(t - 1) + 1; u < t; u++)
            {
                UpdateInParts(s, u);
            }
        }
        for (var g = 0; g < count; g++)
        {
            var bar = FastBar(s, g);
            foreach (var gradient in s.Gradient)
            {
                var (x, y) = gradient.Pair;
                SynapseParts<V>.AddOuter(bar, s.Stride, s.Rows, At(x, g, t), At(y, g, t));
            }
            Move(s, g, t, workspace.Matrix);
            SynapseParts<V>.Mask(bar, workspace.Matrix, s.Size, (float)s.Source.Bound);
            for (var k = 0; k < s.Pairs.Length; k++)
            {
                Zero(workspace.ColumnSums, s.Stride);
                SynapseParts<V>.PairAdjoint(
                    shared.Alphas + s.MatrixOffset, shard.AlphaBars + s.MatrixOffset, bar, s.Stride, s.Rows,
                    At(s.Pairs[k].P, g, t - 1), RatedP(s, k, g, t - 1), At(s.Pairs[k].Q, g, t - 1),
                    workspace.RowSums, workspace.ColumnSums);
                HandOver(s, k, g, t - 1);
            }
            var keep = *At(s.Keep, g, t - 1);
            if (s.KeepBar is { } keepBar)
            {
                Elementwise<V>.Scalar(
                    At(keepBar, g, t - 1), t == 1 ? 0 : Elementwise<V>.Dot(bar, Origin(s, g, t - 1), s.Size));
            }
            SynapseParts<V>.Decay(bar, bar, s.Size, keep);
        }
    }

    /// <summary>Gives the backward list of step t the sums of pair k: p̄, q̄, and its share of ratē.</summary>
    private void HandOver(SynapsePlan s, int k, int g, int t)
    {
        var (p, q) = s.Pairs[k];
        var rate = *At(s.Rate, g, t);
        if (s.RateBar is { } rateBar)
        {
            var share = Elementwise<V>.Dot(At(p, g, t), workspace.RowSums, p.Length);
            Elementwise<V>.Scalar(At(rateBar, g, t), k == 0 ? share : *At(rateBar, g, t) + share);
        }
        if (s.PairBars[k].P is { } pBar)
        {
            Elementwise<V>.ZipScalarSecond<Mul>(At(pBar, g, t), workspace.RowSums, rate, p.Length);
        }
        if (s.PairBars[k].Q is { } qBar)
        {
            Elementwise<V>.ZipScalarSecond<Mul>(At(qBar, g, t), workspace.ColumnSums, rate, q.Length);
        }
    }
}
