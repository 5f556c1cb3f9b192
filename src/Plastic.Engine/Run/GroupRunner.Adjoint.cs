namespace Plastic.Engine;

/// <content>The adjoints of the updates of a group's fast weights.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    private float* FastBar(SynapsePlan s, int g) => workspace.FastBar + s.FastOffset + (long)g * s.StateSize;

    /// <summary>Nothing depends on the update at the end of the last step.</summary>
    private void NothingAfter(SynapsePlan s)
    {
        foreach (var place in s.Bars)
        {
            Zero(At(place, 0), (long)place.Stride * count);
        }
        if (s.IsStored)
        {
            Zero(FastBar(s, 0), (long)s.StateSize * count);
        }
        if (s.IsImplied)
        {
            Open(s, steps);
            Weigh(s, chunks.Start(steps - 1), steps - 1);
        }
    }

    /// <summary>Between steps t and t − 1 of the backward pass: what step t adds to F̄, and the cotangents of the update between them.</summary>
    private void UpdateAdjoints(int t)
    {
        foreach (var s in plan.Synapses)
        {
            if (s.IsStored)
            {
                Unmove(s, t);
            }
            else if (s.IsImplied)
            {
                if (t == chunks.Start(t))
                {
                    Settle(s, t);
                    Open(s, t);
                }
                else
                {
                    Gather(s, t);
                }
                Weigh(s, chunks.Start(t - 1), t - 1);
                HandOver(s, t - 1);
            }
        }
    }

    /// <summary>
    /// Enters the chunk that ends where step t starts, backward: takes its pairs, and sets their cotangents to what F̄(t) asks.
    /// </summary>
    private void Open(SynapsePlan s, int t)
    {
        var start = chunks.Start(t - 1);
        ref readonly var pairs = ref workspace.Pairs(s);
        Zero(pairs.PBar, (long)pairs.Columns * s.Height);
        Zero(pairs.QBar, (long)pairs.Columns * s.Stride);
        Zero(pairs.KBar, pairs.Columns);
        Zero(pairs.DecayBar, plan.Group);
        if (t == steps)
        {
            // The last chunk's pairs are still there from the forward pass.
            return;
        }
        for (var u = start; u < t; u++)
        {
            TakePairs(s, u);
        }
        Weigh(s, start, t);
        for (var g = 0; g < count; g++)
        {
            var bar = FastBar(s, g);
            Elementwise<V>.Zip<Mul>(workspace.Matrix, shared.Alphas + s.MatrixOffset, bar, s.Size);
            for (var k = 0; k < s.Pairs.Length; k++)
            {
                OpenPairs(s, k, g, t - start);
            }
            pairs.DecayBar[g] = start == 0 ? 0 : Elementwise<V>.Dot(bar, Stored(s, g, start), s.Size);
        }
    }

    /// <summary>p̄ = k·(α∘F̄)q, q̄ = k·(α∘F̄)ᵀp and k̄ = p·(α∘F̄)q for one pair of every step, with α∘F̄ in the matrix in hand.</summary>
    private void OpenPairs(SynapsePlan s, int k, int g, int length)
    {
        ref readonly var pairs = ref workspace.Pairs(s);
        int column = k * plan.Group + g, apart = s.Pairs.Length * plan.Group;
        Series p = new(pairs.P + (long)column * s.Height, (long)apart * s.Height);
        Series q = new(pairs.Q + (long)column * s.Stride, (long)apart * s.Stride);
        Series pBar = new(pairs.PBar + (long)column * s.Height, (long)apart * s.Height);
        Series qBar = new(pairs.QBar + (long)column * s.Stride, (long)apart * s.Stride);
        var u = 0;
        for (; u + 4 <= length; u += 4)
        {
            MatrixProducts<V>.ApplyTFour(workspace.Matrix, s.Stride, s.Rows, q.From(u), pBar.From(u));
            MatrixProducts<V>.ApplyFour(workspace.Matrix, s.Stride, s.Rows, p.From(u), qBar.From(u));
        }
        for (; u < length; u++)
        {
            MatrixProducts<V>.ApplyT(workspace.Matrix, s.Stride, s.Rows, q[u], pBar[u]);
            MatrixProducts<V>.Apply(workspace.Matrix, s.Stride, s.Rows, p[u], qBar[u]);
        }
        for (u = 0; u < length; u++, column += apart)
        {
            pairs.KBar[column] = Elementwise<V>.Dot(p[u], pBar[u], s.Height);
            Elementwise<V>.ZipScalarSecond<Mul>(pBar[u], pBar[u], pairs.K[column], s.Height);
            Elementwise<V>.ZipScalarSecond<Mul>(qBar[u], qBar[u], pairs.K[column], s.Stride);
        }
    }

    /// <summary>What the pairs x ⊗ y that step t adds to F̄ ask of the chunk's pairs, their coefficients and what is left of F(a).</summary>
    private void Gather(SynapsePlan s, int t)
    {
        ref readonly var pairs = ref workspace.Pairs(s);
        int start = chunks.Start(t), perStep = s.Pairs.Length, apart = perStep * plan.Group;
        for (var g = 0; g < count; g++)
        {
            var keep = *At(s.Keep, g, t);
            pairs.DecayBar[g] *= keep;
            for (var column = 0; column < (t - start) * apart; column += plan.Group)
            {
                pairs.KBar[column + g] *= keep;
            }
        }
        foreach (var gradient in s.Gradient)
        {
            var (x, y) = gradient.Pair;
            // A record kept from the forward pass has no product with F(a): the other one is to have it.
            var isStoredInZ = gradient.AppliedT >= 0 && plan.Records[gradient.AppliedT].IsForward;
            // Where p comes from the data nobody asks for p̄, and z tells the rest.
            var hasW = start > 0 || gradient.AppliedT >= 0 || Array.Exists(s.PairBars, bars => bars.P is not null);
            var z = PartsOf(s, gradient.Applied, isTurned: false, x, t, isStoredInZ, workspace.Spare);
            var w = hasW ? PartsOf(s, gradient.AppliedT, isTurned: true, y, t, !isStoredInZ, workspace.OtherSpare) : default;
            for (var g = 0; g < count; g++)
            {
                float* xg = At(x, g, t), yg = At(y, g, t);
                if (start > 0)
                {
                    pairs.DecayBar[g] += isStoredInZ
                        ? Elementwise<V>.Dot(yg, z.Stored + (long)g * s.Stride, s.Stride)
                        : Elementwise<V>.Dot(xg, w.Stored + (long)g * s.Height, s.Height);
                }
                for (var k = 0; k < perStep; k++)
                {
                    var column = k * plan.Group + g;
                    float* coefficients = pairs.K + column, bars = pairs.KBar + column;
                    Series Of(float* vectors, int length) => new(vectors + (long)column * length, (long)apart * length);
                    Series qBar = Of(pairs.QBar, s.Stride), zs = Of(z.Columns, s.Stride);
                    if (hasW)
                    {
                        PairKernels<V>.SpreadAndWeigh(
                            Of(pairs.PBar, s.Height), s.Height, coefficients, bars, apart, xg, Of(w.Columns, s.Height),
                            Of(pairs.P, s.Height), t - start);
                        PairKernels<V>.Spread(qBar, s.Stride, coefficients, apart, yg, zs, t - start);
                    }
                    else
                    {
                        PairKernels<V>.SpreadAndWeigh(
                            qBar, s.Stride, coefficients, bars, apart, yg, zs, Of(pairs.Q, s.Stride), t - start);
                    }
                }
            }
        }
    }

    /// <summary>The products of a pair's vector: those of its record, or computed now.</summary>
    private Parts PartsOf(SynapsePlan s, int number, bool isTurned, Place operand, int t, bool withStored, float* spare)
    {
        if (number >= 0 && (keepsRecords || !plan.Records[number].IsForward))
        {
            return Recorded(number, t);
        }
        var (inner, width) = Shape(s, isTurned);
        var parts = SpareParts(s, spare, width);
        Interleave(operand, inner);
        WithPairs(s, isTurned, t, parts);
        if (withStored)
        {
            WithStored(s, isTurned, operand, t, parts);
        }
        return parts;
    }

    /// <summary>Brings ᾱ, and F̄ where the chunk has one before it, from the chunk's end to its start at step t.</summary>
    private void Settle(SynapsePlan s, int t)
    {
        var isAlphaTrained = s.Source.Alpha is { } alpha && plan.Program.Parameters[alpha].Trained;
        if (t == 0 && !isAlphaTrained)
        {
            return;
        }
        var end = Math.Min(t + chunks.Length, steps);
        Span<float> kept = stackalloc float[end - t], rates = stackalloc float[end - t];
        Span<PairSeries> updates = stackalloc PairSeries[s.Pairs.Length], gradients = stackalloc PairSeries[s.Gradient.Length];
        for (var g = 0; g < count; g++)
        {
            for (var u = t; u < end; u++)
            {
                kept[u - t] = *At(s.Keep, g, u);
                rates[u - t] = *At(s.Rate, g, u);
            }
            for (var k = 0; k < updates.Length; k++)
            {
                updates[k] = new PairSeries(Over(s.Pairs[k].P, g, t), Over(s.Pairs[k].Q, g, t));
            }
            for (var k = 0; k < gradients.Length; k++)
            {
                var (p, q) = s.Gradient[k].Pair;
                gradients[k] = new PairSeries(Over(p, g, t), Over(q, g, t));
            }
            new Settlement<V>
            {
                AlphaBar = shard.AlphaBars + s.MatrixOffset,
                From = end == steps ? null : FastBar(s, g),
                To = t == 0 ? null : FastBar(s, g),
                Stride = s.Stride,
                Rows = s.Rows,
                Count = end - t,
                Keeps = kept,
                Rates = rates,
                Updates = updates,
                Gradients = gradients,
            }.Run();
        }
    }

    /// <summary>Gives the backward list of step t the cotangents of the update at its end.</summary>
    private void HandOver(SynapsePlan s, int t)
    {
        ref readonly var pairs = ref workspace.Pairs(s);
        var first = PairsBefore(s, t);
        for (var g = 0; g < count; g++)
        {
            var rateBar = 0f;
            for (var k = 0; k < s.Pairs.Length; k++)
            {
                var column = (first + k) * plan.Group + g;
                rateBar += pairs.KBar[column];
                if (s.PairBars[k].P is { } pBar)
                {
                    Elementwise<V>.Copy(At(pBar, g, t), pairs.PBar + (long)column * s.Height, pBar.Length);
                }
                if (s.PairBars[k].Q is { } qBar)
                {
                    Elementwise<V>.Copy(At(qBar, g, t), pairs.QBar + (long)column * s.Stride, qBar.Length);
                }
            }
            if (s.RateBar is { } rate)
            {
                Elementwise<V>.Scalar(At(rate, g, t), rateBar);
            }
            if (s.KeepBar is { } keep)
            {
                var sum = pairs.Decay[g] * pairs.DecayBar[g];
                for (var r = 0; r < first; r++)
                {
                    sum = MathF.FusedMultiplyAdd(pairs.K[r * plan.Group + g], pairs.KBar[r * plan.Group + g], sum);
                }
                Elementwise<V>.Scalar(At(keep, g, t), sum);
            }
        }
    }
}
