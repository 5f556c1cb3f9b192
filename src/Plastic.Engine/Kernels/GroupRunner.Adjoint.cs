namespace Plastic.Engine;

/// <content>The adjoints of the updates of a group's fast weights.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    private float* FastBar(SynapsePlan s, int g) => workspace.FastBar.Pointer + s.FastOffset + (long)g * s.Size;

    /// <summary>Nothing depends on the update at the end of the last step; F of that step is still in place.</summary>
    private void NothingAfter(SynapsePlan s)
    {
        foreach (var bar in s.PairBars.SelectMany(x => new[] { x.P, x.Q }).Append(s.KeepBar).Append(s.RateBar))
        {
            if (bar is { } place)
            {
                Zero(At(place, 0), (long)place.Stride * count);
            }
        }
    }

    /// <summary>Before step t − 1: the cotangents of its updates, from passes made by ApplyT or made now.</summary>
    private void UpdateAdjoints(int t)
    {
        foreach (var s in plan.Synapses)
        {
            if (!s.IsPlastic)
            {
                continue;
            }
            if (!s.IsFused)
            {
                AdjointInParts(s, t);
                continue;
            }
            if (!s.IsClosedByApplyT)
            {
                Adjoint(s, null, t);
            }
            for (var g = low; g < high; g++)
            {
                HandOver(s, 0, g, t - 1, first: true);
                if (s.KeepBar is { } keepBar)
                {
                    Elementwise<V>.Scalar(At(keepBar, g), Lanes.Sum(V.Load(Sums(s, g, Kept))));
                }
            }
        }
    }

    /// <summary>The one pass from step t to the update at the end of step t − 1, with the product of an ApplyT or without.</summary>
    private void Adjoint(SynapsePlan s, Operation? product, int t)
    {
        switch (double.IsPositiveInfinity(s.Source.Bound), s.Gradient.Length, product)
        {
            case (true, 1, null): Adjoint<No, No, No>(s, default, t); break;
            case (true, 1, _): Adjoint<No, No, Yes>(s, product, t); break;
            case (true, _, null): Adjoint<No, Yes, No>(s, default, t); break;
            case (true, _, _): Adjoint<No, Yes, Yes>(s, product, t); break;
            case (false, 1, null): Adjoint<Yes, No, No>(s, default, t); break;
            case (false, 1, _): Adjoint<Yes, No, Yes>(s, product, t); break;
            case (false, _, null): Adjoint<Yes, Yes, No>(s, default, t); break;
            default: Adjoint<Yes, Yes, Yes>(s, product, t); break;
        }
    }

    private void Adjoint<TClamp, TSecond, TProduct>(SynapsePlan s, Operation? product, int t)
        where TClamp : struct, IChoice
        where TSecond : struct, IChoice
        where TProduct : struct, IChoice
    {
        int block = s.BlockRows, stride = s.Stride, update = t - 1;
        var kept = update - update % interval;
        for (var g = low; g < high; g++)
        {
            for (var u = kept; u <= update; u++)
            {
                RatedP(s, 0, g, u, workspace.Rated(g, u - kept));
            }
            Zero(Sums(s, g, Column), stride);
            Zero(Sums(s, g, Kept), Lanes.Count);
            if (TProduct.Taken)
            {
                Zero(At(product!.Target, g), product.Target.Stride);
            }
        }
        for (var i = 0; i < s.Rows; i += block)
        {
            var at = (long)i * stride;
            var rows = Math.Min(block, s.Rows - i);
            for (var g = low; g < high; g++)
            {
                var b = new SynapseBackward<V>.Block
                {
                    Alpha = Alphas(s) + at,
                    AlphaBar = shard.AlphaBars + s.MatrixOffset + at,
                    Fast = MovedOn<TClamp>(s, g, kept, update, i, rows),
                    FastBar = FastBar(s, g) + at,
                    Stride = stride,
                    Rows = rows,
                    Keep = *At(s.Keep, g, update),
                    Bound = (float)s.Source.Bound,
                    P = At(s.Pairs[0].P, g, update) + i,
                    RatedP = workspace.Rated(g, update - kept) + i,
                    Q = At(s.Pairs[0].Q, g, update),
                    X0 = At(s.Gradient[0].P, g, t) + i,
                    Y0 = At(s.Gradient[0].Q, g, t),
                    W = Weights(s) + at,
                    RowSums = Sums(s, g, Row) + i,
                    ColumnSums = Sums(s, g, Column),
                    KeepSums = Sums(s, g, Kept),
                };
                if (TSecond.Taken)
                {
                    b.X1 = At(s.Gradient[1].P, g, t) + i;
                    b.Y1 = At(s.Gradient[1].Q, g, t);
                }
                if (TProduct.Taken)
                {
                    b.V = At(product!.A, g);
                    b.U = At(product.Target, g) + i;
                }
                SynapseBackward<V>.Adjoint<TClamp, TSecond, TProduct>(b);
            }
        }
    }

    /// <summary>Rows i .. i + rows − 1 of F at the start of a step, moved on from the kept one before it.</summary>
    private float* MovedOn<TClamp>(SynapsePlan s, int g, int kept, int step, int i, int rows) where TClamp : struct, IChoice
    {
        var at = (long)i * s.Stride;
        var from = Fast(s, g, kept) + at;
        if (step == kept)
        {
            return from;
        }
        var to = s.NeedsFast ? Fast(s, g, step) + at : workspace.Rows.Pointer;
        for (var u = kept; u < step; u++)
        {
            SynapseForward<V>.Move<TClamp>(
                Alphas(s) + at, from, to, s.Stride, rows, *At(s.Keep, g, u), workspace.Rated(g, u - kept) + i,
                At(s.Pairs[0].Q, g, u), (float)s.Source.Bound);
            from = to;
        }
        return to;
    }

    /// <summary>The same for an update of no pair or of several, or many pairs in the gradient: a pass for each part.</summary>
    private void AdjointInParts(SynapsePlan s, int t)
    {
        foreach (var (p, q) in s.Gradient)
        {
            for (var g = low; g < high; g++)
            {
                SynapseBackward<V>.AddOuter(FastBar(s, g), s.Stride, s.Rows, At(p, g, t), At(q, g, t));
            }
        }
        t--;
        for (var u = t - t % interval + 1; u <= t; u++)
        {
            Update(s, u);
        }
        for (var g = low; g < high; g++)
        {
            float* bar = FastBar(s, g), fast = Fast(s, g, t);
            var keep = *At(s.Keep, g, t);
            if (!double.IsPositiveInfinity(s.Source.Bound))
            {
                var moved = workspace.Moved.Pointer;
                SynapseForward<V>.Decay(fast, moved, s.Size, keep);
                for (var k = 0; k < s.Pairs.Length; k++)
                {
                    SynapseForward<V>.AddPair(
                        Alphas(s), moved, s.Stride, s.Rows, RatedP(s, k, g, t, workspace.Rated(g, 0)), At(s.Pairs[k].Q, g, t));
                }
                SynapseBackward<V>.Mask(bar, moved, s.Size, (float)s.Source.Bound);
            }
            for (var k = 0; k < s.Pairs.Length; k++)
            {
                Zero(Sums(s, g, Column), s.Stride);
                SynapseBackward<V>.PairAdjoint(
                    Alphas(s), shard.AlphaBars + s.MatrixOffset, bar, s.Stride, s.Rows, At(s.Pairs[k].P, g, t),
                    RatedP(s, k, g, t, workspace.Rated(g, 0)), At(s.Pairs[k].Q, g, t), Sums(s, g, Row), Sums(s, g, Column));
                HandOver(s, k, g, t, first: k == 0);
            }
            if (s.KeepBar is { } keepBar)
            {
                Elementwise<V>.Scalar(At(keepBar, g), Elementwise<V>.Dot(bar, fast, s.Size));
            }
            SynapseForward<V>.Decay(bar, bar, s.Size, keep);
        }
    }

    /// <summary>Gives the backward list the sums of pair k: p̄, q̄, and its share of ratē.</summary>
    private void HandOver(SynapsePlan s, int k, int g, int t, bool first)
    {
        var (p, q) = s.Pairs[k];
        var rate = *At(s.Rate, g, t);
        if (s.RateBar is { } rateBar)
        {
            var share = Elementwise<V>.Dot(At(p, g, t), Sums(s, g, Row), p.Length);
            Elementwise<V>.Scalar(At(rateBar, g), first ? share : *At(rateBar, g) + share);
        }
        if (s.PairBars[k].P is { } pBar)
        {
            Elementwise<V>.ZipScalarSecond<Mul>(At(pBar, g), Sums(s, g, Row), rate, p.Length);
        }
        if (s.PairBars[k].Q is { } qBar)
        {
            Elementwise<V>.ZipScalarSecond<Mul>(At(qBar, g), Sums(s, g, Column), rate, q.Length);
        }
    }
}
