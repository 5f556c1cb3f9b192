namespace Plastic.Engine;

/// <content>The adjoints of the updates of a group's fast weights.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    private float* FastBar(SynapsePlan s, int g) => workspace.FastBar + s.FastOffset + (long)g * s.Size;

    /// <summary>Nothing depends on the update at the end of the last step.</summary>
    private void NothingAfter(SynapsePlan s)
    {
        foreach (var place in s.Bars)
        {
            Zero(At(place, 0), (long)place.Stride * count);
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
            if (!s.IsImplicit)
            {
                AdjointInParts(s, t);
                continue;
            }
            if (!s.IsClosedByApplyT)
            {
                Adjoint(s, null, t);
            }
            for (var g = 0; g < count; g++)
            {
                HandOver(s, 0, g, t - 1, first: true);
                if (s.KeepBar is { } keepBar)
                {
                    Elementwise<V>.Scalar(At(keepBar, g, t - 1), Lanes.Sum(V.Load(Sums(s, g, Kept))));
                }
            }
            if (MovesBefore(t) == 0)
            {
                Settle(s, t);
            }
        }
    }

    /// <summary>Updates between the checkpoint that F(t − 1) starts from and F(t − 1).</summary>
    private static int MovesBefore(int t) => (t - 1) % Panels.Depth;

    /// <summary>Steps between F̄(t) and the F̄ that is stored: one is stored whenever F(t − 1) is.</summary>
    private int JoinsAfter(int t) => Math.Min(Panels.Depth - MovesBefore(t), steps - t);

    /// <summary>The one pass from step t to the update at the end of step t − 1, with the product of an ApplyT or without.</summary>
    private void Adjoint(SynapsePlan s, Operation? product, int t)
    {
        switch (MovesBefore(t))
        {
            case 0: Adjoint<Zero>(s, product, t); break;
            case 1: Adjoint<One>(s, product, t); break;
            case 2: Adjoint<Two>(s, product, t); break;
            default: Adjoint<Three>(s, product, t); break;
        }
    }

    private void Adjoint<TMoves>(SynapsePlan s, Operation? product, int t) where TMoves : struct, ICount
    {
        switch (JoinsAfter(t))
        {
            case 1: Adjoint<TMoves, One>(s, product, t); break;
            case 2: Adjoint<TMoves, Two>(s, product, t); break;
            case 3: Adjoint<TMoves, Three>(s, product, t); break;
            default: Adjoint<TMoves, Four>(s, product, t); break;
        }
    }

    private void Adjoint<TMoves, TJoins>(SynapsePlan s, Operation? product, int t)
        where TMoves : struct, ICount
        where TJoins : struct, ICount
    {
        switch (s.Gradient.Length, product)
        {
            case (1, null): Adjoint<TMoves, TJoins, No, No>(s, default, t); break;
            case (1, _): Adjoint<TMoves, TJoins, No, Yes>(s, product, t); break;
            case (_, null): Adjoint<TMoves, TJoins, Yes, No>(s, default, t); break;
            default: Adjoint<TMoves, TJoins, Yes, Yes>(s, product, t); break;
        }
    }

    private void Adjoint<TMoves, TJoins, TSecond, TProduct>(SynapsePlan s, Operation? product, int t)
        where TMoves : struct, ICount
        where TJoins : struct, ICount
        where TSecond : struct, IChoice
        where TProduct : struct, IChoice
    {
        for (var g = 0; g < count; g++)
        {
            var decay = See(s, g, t - 1, TMoves.Value);
            var barDecay = SeeBar<TSecond>(s, g, t, TJoins.Value);
            var (panels, (p, q)) = (workspace.Panels(g), s.Pairs[0]);
            Elementwise<V>.Copy(panels.Row(Panels.P), At(p, g, t - 1), p.Length);
            Elementwise<V>.ZipScalarSecond<Mul>(panels.Row(Panels.Rated), At(p, g, t - 1), *At(s.Rate, g, t - 1), p.Length);
            Interleave(panels.Column(Panels.Q), At(q, g, t - 1), s.Stride);
            Zero(Sums(s, g, Column), s.Stride);
            Zero(Sums(s, g, Kept), Lanes.Count);
            if (TProduct.Taken)
            {
                Interleave(panels.Column(Panels.V), At(product!.A, g), s.Stride);
                Zero(At(product.Target, g), product.Target.Stride);
            }
            SynapseBackward<V>.Adjoint<TMoves, TJoins, TSecond, TProduct>(new SynapseBackward<V>.Block
            {
                W = Weights(s),
                Alpha = Alphas(s),
                Fast = Origin(s, g, t - 1, TMoves.Value),
                FastBar = FastBar(s, g),
                Stride = s.Stride,
                Rows = Sweep(s),
                Decay = decay,
                Keep = *At(s.Keep, g, t - 1),
                BarDecay = barDecay,
                Pairs = panels,
                U = TProduct.Taken ? At(product!.Target, g) : null,
                RowSums = Sums(s, g, Row),
                ColumnSums = Sums(s, g, Column),
                KeepSums = Sums(s, g, Kept),
            });
        }
    }

    /// <summary>
    /// Gathers the pairs of F̄(t) before the F̄ that is stored, each with all that has decayed on the way, in the panels from
    /// <see cref="Panels.Joins"/> and <see cref="Panels.Second"/>; returns what is left of the stored one.
    /// </summary>
    private float SeeBar<TSecond>(SynapsePlan s, int g, int t, int count) where TSecond : struct, IChoice
    {
        var panels = workspace.Panels(g);
        var left = 1f;
        for (var k = 0; k < count; k++)
        {
            Join(panels, s.Gradient[0], Panels.Joins + k, g, t + k, left, s.Stride);
            if (TSecond.Taken)
            {
                Join(panels, s.Gradient[1], Panels.Second + k, g, t + k, left, s.Stride);
            }
            left *= *At(s.Keep, g, t + k);
        }
        return left;
    }

    private void Join(Panels panels, PairPlace pair, int slot, int g, int t, float left, int stride)
    {
        Elementwise<V>.ZipScalarSecond<Mul>(panels.Row(slot), At(pair.P, g, t), left, pair.P.Length);
        Interleave(panels.Column(slot), At(pair.Q, g, t), stride);
    }

    /// <summary>Brings the stored F̄ to step t, and ᾱ with it.</summary>
    private void Settle(SynapsePlan s, int t)
    {
        var second = s.Gradient.Length > 1;
        switch (JoinsAfter(t))
        {
            case 1 when second: Settle<One, Yes>(s, t); break;
            case 1: Settle<One, No>(s, t); break;
            case 2 when second: Settle<Two, Yes>(s, t); break;
            case 2: Settle<Two, No>(s, t); break;
            case 3 when second: Settle<Three, Yes>(s, t); break;
            case 3: Settle<Three, No>(s, t); break;
            case 4 when second: Settle<Four, Yes>(s, t); break;
            default: Settle<Four, No>(s, t); break;
        }
    }

    private void Settle<TJoins, TSecond>(SynapsePlan s, int t)
        where TJoins : struct, ICount
        where TSecond : struct, IChoice
    {
        var (p, q) = s.Pairs[0];
        for (var g = 0; g < count; g++)
        {
            var panels = workspace.Panels(g);
            for (var k = 0; k < TJoins.Value; k++)
            {
                var u = t + k;
                Join(panels, s.Gradient[0], Panels.Joins + k, g, u, 1, s.Stride);
                if (TSecond.Taken)
                {
                    Join(panels, s.Gradient[1], Panels.Second + k, g, u, 1, s.Stride);
                }
                Elementwise<V>.ZipScalarSecond<Mul>(
                    panels.Row(Panels.History + k), At(p, g, u - 1), *At(s.Rate, g, u - 1), p.Length);
                Interleave(panels.Column(Panels.History + k), At(q, g, u - 1), s.Stride);
            }
            var arrears = new SynapseBackward<V>.Arrears
            {
                AlphaBar = shard.AlphaBars + s.MatrixOffset,
                FastBar = FastBar(s, g),
                Stride = s.Stride,
                Rows = Sweep(s),
                Pairs = panels,
            };
            for (var k = 0; k < TJoins.Value; k++)
            {
                arrears.Keeps[k] = *At(s.Keep, g, t + k);
            }
            SynapseBackward<V>.Settle<TJoins, TSecond>(arrears);
        }
    }

    /// <summary>Gives the backward list of step t the sums of pair k: p̄, q̄, and its share of ratē.</summary>
    private void HandOver(SynapsePlan s, int k, int g, int t, bool first)
    {
        var (p, q) = s.Pairs[k];
        var rate = *At(s.Rate, g, t);
        if (s.RateBar is { } rateBar)
        {
            var share = Elementwise<V>.Dot(At(p, g, t), Sums(s, g, Row), p.Length);
            Elementwise<V>.Scalar(At(rateBar, g, t), first ? share : *At(rateBar, g, t) + share);
        }
        if (s.PairBars[k].P is { } pBar)
        {
            Elementwise<V>.ZipScalarSecond<Mul>(At(pBar, g, t), Sums(s, g, Row), rate, p.Length);
        }
        if (s.PairBars[k].Q is { } qBar)
        {
            Elementwise<V>.ZipScalarSecond<Mul>(At(qBar, g, t), Sums(s, g, Column), rate, q.Length);
        }
    }
}
