namespace Plastic.Engine;

/// <content>
/// Updates and adjoints of synapses that are not implied by the pairs of a chunk, as with a bound: every F of a chunk is
/// stored.
/// </content>
internal sealed unsafe partial class GroupRunner<V>
{
    /// <summary>What is stored of sample g's synapse at the start of step t; zero at that of the first.</summary>
    private StoredState StateOf(SynapsePlan s, int g, int t) =>
        s.StateAt(t == 0 ? workspace.Zeros : Stored(s, g, t));

    /// <summary>F at the start of step t ≥ 1, and what goes with it, from that at the start of step t − 1.</summary>
    private void Move(SynapsePlan s, int t)
    {
        for (var g = 0; g < count; g++)
        {
            Update(s, g, t - 1, StateOf(s, g, t), default);
        }
    }

    /// <summary>The update at the end of step t of sample g: gives the state after it or, with cotangents, its adjoint.</summary>
    private void Update(SynapsePlan s, int g, int t, StoredState after, StoredAdjoint bars)
    {
        switch (s.KeepsPerOutput, s.IsOnTrace, s.IsEligible)
        {
            case (false, false, false): Update<No, No, No>(s, g, t, after, bars); break;
            case (false, false, true): Update<No, No, Yes>(s, g, t, after, bars); break;
            case (false, true, false): Update<No, Yes, No>(s, g, t, after, bars); break;
            case (false, true, true): Update<No, Yes, Yes>(s, g, t, after, bars); break;
            case (true, false, false): Update<Yes, No, No>(s, g, t, after, bars); break;
            case (true, false, true): Update<Yes, No, Yes>(s, g, t, after, bars); break;
            case (true, true, false): Update<Yes, Yes, No>(s, g, t, after, bars); break;
            case (true, true, true): Update<Yes, Yes, Yes>(s, g, t, after, bars); break;
        }
    }

    private void Update<TPerOutput, TOnTrace, TEligible>(
        SynapsePlan s, int g, int t, StoredState after, StoredAdjoint bars)
        where TPerOutput : struct, IChoice
        where TOnTrace : struct, IChoice
        where TEligible : struct, IChoice
    {
        Span<nint> p = stackalloc nint[s.Pairs.Length], q = stackalloc nint[s.Pairs.Length];
        for (var k = 0; k < s.Pairs.Length; k++)
        {
            p[k] = (nint)At(s.Pairs[k].P, g, t);
            q[k] = (nint)At(s.Pairs[k].Q, g, t);
        }
        var update = new StoredUpdate<V, TPerOutput, TOnTrace, TEligible>
        {
            Stride = s.Stride,
            Rows = s.Rows,
            Alpha = shared.Alphas + s.MatrixOffset,
            Before = StateOf(s, g, t),
            Keep = At(s.Keep, g, t),
            Rate = *At(s.Rate, g, t),
            EligibilityKeep = s.IsEligible ? *At(s.EligibilityKeep, g, t) : 0,
            EligibilityRate = s.IsEligible ? *At(s.EligibilityRate, g, t) : 0,
            Bound = (float)s.Source.Bound.Limit,
            P = p,
            Q = q,
        };
        if (bars.Trace == null)
        {
            update.Run(after);
        }
        else
        {
            update.Adjoint(bars);
        }
    }

    /// <summary>The adjoint of the update at the end of step t − 1, with what step t adds to F̄.</summary>
    private void Unmove(SynapsePlan s, int t)
    {
        if (t == chunks.Start(t))
        {
            // The chunk before step t is entered; its end is stored, the rest has been written over since.
            for (var u = chunks.Start(t - 1) + 1; u < t; u++)
            {
                Move(s, u);
            }
        }
        Span<nint> x = stackalloc nint[s.Gradient.Length], y = stackalloc nint[s.Gradient.Length];
        for (var g = 0; g < count; g++)
        {
            for (var k = 0; k < s.Gradient.Length; k++)
            {
                x[k] = (nint)At(s.Gradient[k].Pair.P, g, t);
                y[k] = (nint)At(s.Gradient[k].Pair.Q, g, t);
            }
            var cotangents = s.StateAt(FastBar(s, g));
            var bars = new StoredAdjoint
            {
                X = x,
                Y = y,
                After = StateOf(s, g, t).Trace,
                Trace = cotangents.Trace,
                Eligibility = cotangents.Eligibility,
                Alpha = shard.AlphaBars + s.MatrixOffset,
                RowSums = workspace.RowSums,
                ColumnSums = workspace.ColumnSums,
                Apart = workspace.SumsApart,
                KeepSums = workspace.KeepSums,
                Scalars = workspace.ScalarSums,
            };
            Update(s, g, t - 1, default, bars);
            HandOverSums(s, g, t - 1);
        }
    }

    /// <summary>Gives the backward list of step t the sums of the update at its end.</summary>
    private void HandOverSums(SynapsePlan s, int g, int t)
    {
        var pairRate = *At(s.IsEligible ? s.EligibilityRate : s.Rate, g, t);
        for (var k = 0; k < s.Pairs.Length; k++)
        {
            if (s.PairBars[k].P is { } pBar)
            {
                Elementwise<V>.ZipScalarSecond<Mul>(
                    At(pBar, g, t), workspace.RowSums + k * workspace.SumsApart, pairRate, pBar.Length);
            }
            if (s.PairBars[k].Q is { } qBar)
            {
                Elementwise<V>.ZipScalarSecond<Mul>(
                    At(qBar, g, t), workspace.ColumnSums + k * workspace.SumsApart, pairRate, qBar.Length);
            }
        }
        if (s.KeepBar is { } keepBar)
        {
            Elementwise<V>.Copy(At(keepBar, g, t), workspace.KeepSums, keepBar.Length);
        }
        HandOverScalar(s.RateBar, g, t, 0);
        HandOverScalar(s.EligibilityKeepBar, g, t, 1);
        HandOverScalar(s.EligibilityRateBar, g, t, 2);
    }

    private void HandOverScalar(Place? bar, int g, int t, int sum)
    {
        if (bar is { } place)
        {
            Elementwise<V>.Scalar(At(place, g, t), workspace.ScalarSums[sum]);
        }
    }
}
