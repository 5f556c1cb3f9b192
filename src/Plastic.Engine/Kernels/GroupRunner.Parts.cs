namespace Plastic.Engine;

/// <content>Updates and adjoints of synapses that have every F stored: a pass for each part.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    /// <summary>rate·p of pair k of the update at the end of step t, into <paramref name="rated"/>.</summary>
    private float* RatedP(SynapsePlan s, int k, int g, int t, float* rated)
    {
        Elementwise<V>.ZipScalarSecond<Mul>(rated, At(s.Pairs[k].P, g, t), *At(s.Rate, g, t), s.Pairs[k].P.Length);
        return rated;
    }

    /// <summary>F at the start of step t ≥ 1 from F at the start of step t − 1.</summary>
    private void UpdateInParts(SynapsePlan s, int t)
    {
        for (var g = 0; g < count; g++)
        {
            var to = Stored(s, g, t);
            SynapseParts<V>.Decay(Origin(s, g, t - 1, 0), to, s.Size, t == 1 ? 0 : *At(s.Keep, g, t - 1));
            for (var k = 0; k < s.Pairs.Length; k++)
            {
                var rated = RatedP(s, k, g, t - 1, workspace.Panels(g).Row(Panels.Rated));
                SynapseParts<V>.AddPair(Alphas(s), to, s.Stride, s.Rows, rated, At(s.Pairs[k].Q, g, t - 1));
            }
            if (!double.IsPositiveInfinity(s.Source.Bound))
            {
                SynapseParts<V>.Clamp(to, s.Size, (float)s.Source.Bound);
            }
        }
    }

    /// <summary>The adjoint of the update at the end of step t − 1.</summary>
    private void AdjointInParts(SynapsePlan s, int t)
    {
        foreach (var (p, q) in s.Gradient)
        {
            for (var g = 0; g < count; g++)
            {
                SynapseParts<V>.AddOuter(FastBar(s, g), s.Stride, s.Rows, At(p, g, t), At(q, g, t));
            }
        }
        t--;
        for (var u = t - t % Panels.Depth + 1; u <= t; u++)
        {
            UpdateInParts(s, u);
        }
        for (var g = 0; g < count; g++)
        {
            float* bar = FastBar(s, g), fast = Origin(s, g, t, 0);
            var keep = *At(s.Keep, g, t);
            if (!double.IsPositiveInfinity(s.Source.Bound))
            {
                var moved = workspace.Moved;
                SynapseParts<V>.Decay(fast, moved, s.Size, t == 0 ? 0 : keep);
                for (var k = 0; k < s.Pairs.Length; k++)
                {
                    SynapseParts<V>.AddPair(
                        Alphas(s), moved, s.Stride, s.Rows, RatedP(s, k, g, t, workspace.Panels(g).Row(Panels.Rated)), At(s.Pairs[k].Q, g, t));
                }
                SynapseParts<V>.Mask(bar, moved, s.Size, (float)s.Source.Bound);
            }
            for (var k = 0; k < s.Pairs.Length; k++)
            {
                Zero(Sums(s, g, Column), s.Stride);
                SynapseParts<V>.PairAdjoint(
                    Alphas(s), shard.AlphaBars + s.MatrixOffset, bar, s.Stride, s.Rows, At(s.Pairs[k].P, g, t),
                    RatedP(s, k, g, t, workspace.Panels(g).Row(Panels.Rated)), At(s.Pairs[k].Q, g, t), Sums(s, g, Row), Sums(s, g, Column));
                HandOver(s, k, g, t, first: k == 0);
            }
            if (s.KeepBar is { } keepBar)
            {
                Elementwise<V>.Scalar(At(keepBar, g, t), t == 0 ? 0 : Elementwise<V>.Dot(bar, fast, s.Size));
            }
            SynapseParts<V>.Decay(bar, bar, s.Size, keep);
        }
    }
}
