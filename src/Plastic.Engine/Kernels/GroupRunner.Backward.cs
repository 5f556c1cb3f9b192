namespace Plastic.Engine;

/// <content>From the last step to the first: the updates' adjoints, the backward list, the gradients.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    private void Backward()
    {
        Zero(workspace.FastBar.Pointer, plan.FastSize);
        foreach (var state in plan.States)
        {
            if (state.NextBar is { } bar)
            {
                Zero(At(bar, 0), (long)bar.Stride * count);
            }
        }

        for (var t = steps - 1; t >= 0; t--)
        {
            bases[(int)Region.Frame] = Frame(t);
            foreach (var synapse in plan.Synapses)
            {
                if (synapse.IsPlastic)
                {
                    UpdateAdjoint(synapse, t);
                }
            }
            foreach (var operation in plan.Backward)
            {
                Execute(operation, t);
            }
            foreach (var vector in plan.Vectors)
            {
                if (vector.Gradient is { } gradient)
                {
                    for (var g = 0; g < count; g++)
                    {
                        Elementwise<V>.Accumulate(shard.VectorBars + vector.GradientOffset, At(gradient, g), gradient.Length);
                    }
                }
            }
            foreach (var state in plan.States)
            {
                CarryBack(state);
            }
        }

        foreach (var synapse in plan.Synapses)
        {
            AddWeightGradient(synapse);
        }
    }

    /// <summary>The cotangent of a state at entry becomes that of the step before at exit.</summary>
    private void CarryBack(StatePlan state)
    {
        if (state.NextBar is not { } next)
        {
            return;
        }
        for (var g = 0; g < count; g++)
        {
            if (state.EntryBar is { } entry)
            {
                Elementwise<V>.Copy(At(next, g), At(entry, g), state.Length);
            }
            else
            {
                Zero(At(next, g), next.Stride);
            }
        }
    }

    private float* FastBar(SynapsePlan s, int g) => workspace.FastBar.Pointer + s.FastOffset + (long)g * s.Size;

    /// <summary>
    /// F̄ at the end of step t, to which the pairs of step t + 1 still have to be added, gives the cotangents of keep, rate,
    /// p and q, ᾱ, and F̄ at the start of step t less what the backward list will add.
    /// </summary>
    private void UpdateAdjoint(SynapsePlan s, int t)
    {
        if (t + 1 == steps)
        {
            NothingAfter(s);
            return;
        }
        var joining = s.Gradient.Length;
        if (s.Pairs.Length != 1 || joining > 2)
        {
            for (var k = 0; k < joining; k++)
            {
                for (var g = 0; g < count; g++)
                {
                    var (p, q) = s.Gradient[k];
                    SynapseBackward<V>.AddOuter(FastBar(s, g), s.Stride, s.Rows, At(p, g, t + 1), At(q, g, t + 1));
                }
            }
            joining = 0;
        }
        switch (s.Pairs.Length, double.IsPositiveInfinity(s.Source.Bound), joining)
        {
            case (1, true, 0): UpdateAdjoint<No, No, No>(s, t); break;
            case (1, true, 1): UpdateAdjoint<No, Yes, No>(s, t); break;
            case (1, true, _): UpdateAdjoint<No, Yes, Yes>(s, t); break;
            case (1, false, 0): UpdateAdjoint<Yes, No, No>(s, t); break;
            case (1, false, 1): UpdateAdjoint<Yes, Yes, No>(s, t); break;
            case (1, false, _): UpdateAdjoint<Yes, Yes, Yes>(s, t); break;
            default: UpdateAdjointInParts(s, t); break;
        }
    }

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

    private void UpdateAdjoint<TClamp, TFirst, TSecond>(SynapsePlan s, int t)
        where TClamp : struct, IChoice
        where TFirst : struct, IChoice
        where TSecond : struct, IChoice
    {
        int block = BlockRows(s), stride = s.Stride;
        var kept = t - t % interval;
        for (var g = 0; g < count; g++)
        {
            for (var u = kept; u <= t; u++)
            {
                RatedP(s, 0, g, u, workspace.Rated(g, u - kept));
            }
            Zero(Sums(s, g, Column), stride);
            Zero(Sums(s, g, Kept), Lanes.Count);
        }
        for (var i = 0; i < s.Rows; i += block)
        {
            var at = (long)i * stride;
            for (var g = 0; g < count; g++)
            {
                var rows = Math.Min(block, s.Rows - i);
                for (var u = kept; u < t; u++)
                {
                    SynapseForward<V>.Move<TClamp>(
                        Alphas(s) + at, Fast(s, g, u) + at, Fast(s, g, u + 1) + at, stride, rows, *At(s.Keep, g, u),
                        workspace.Rated(g, u - kept) + i, At(s.Pairs[0].Q, g, u), (float)s.Source.Bound);
                }
                var b = new SynapseBackward<V>.Block
                {
                    Alpha = Alphas(s) + at,
                    AlphaBar = shard.AlphaBars + s.MatrixOffset + at,
                    Fast = Fast(s, g, t) + at,
                    FastBar = FastBar(s, g) + at,
                    Stride = stride,
                    Rows = rows,
                    Keep = *At(s.Keep, g, t),
                    Bound = (float)s.Source.Bound,
                    P = At(s.Pairs[0].P, g, t) + i,
                    RatedP = workspace.Rated(g, t - kept) + i,
                    Q = At(s.Pairs[0].Q, g, t),
                    RowSums = Sums(s, g, Row) + i,
                    ColumnSums = Sums(s, g, Column),
                    KeepSums = Sums(s, g, Kept),
                };
                if (TFirst.Taken)
                {
                    b.X0 = At(s.Gradient[0].P, g, t + 1) + i;
                    b.Y0 = At(s.Gradient[0].Q, g, t + 1);
                }
                if (TSecond.Taken)
                {
                    b.X1 = At(s.Gradient[1].P, g, t + 1) + i;
                    b.Y1 = At(s.Gradient[1].Q, g, t + 1);
                }
                SynapseBackward<V>.Adjoint<TClamp, TFirst, TSecond>(b);
            }
        }
        for (var g = 0; g < count; g++)
        {
            HandOver(s, 0, g, t, first: true);
            if (s.KeepBar is { } keepBar)
            {
                Elementwise<V>.Scalar(At(keepBar, g), Lanes.Sum(V.Load(Sums(s, g, Kept))));
            }
        }
    }

    /// <summary>The same for an update of no pair or of several, a pass for each part.</summary>
    private void UpdateAdjointInParts(SynapsePlan s, int t)
    {
        for (var u = t - t % interval + 1; u <= t; u++)
        {
            Update(s, u);
        }
        for (var g = 0; g < count; g++)
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

    private void AddWeightGradient(SynapsePlan s)
    {
        if (s.Gradient.Length == 0 || !plan.Program.Parameters[s.Source.Weight].Trained)
        {
            return;
        }
        var total = s.Gradient.Length * steps * count;
        fixed (nint* pointers = workspace.PairPointers)
        {
            float** p = (float**)pointers, q = p + total;
            var at = 0;
            for (var t = steps - 1; t >= 0; t--)
            {
                for (var g = 0; g < count; g++)
                {
                    foreach (var pair in s.Gradient)
                    {
                        p[at] = At(pair.P, g, t);
                        q[at++] = At(pair.Q, g, t);
                    }
                }
            }
            OuterProducts<V>.Accumulate(shard.WeightBars + s.MatrixOffset, s.Stride, s.Rows, p, q, total);
        }
    }
}
