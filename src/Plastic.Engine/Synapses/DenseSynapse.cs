namespace Plastic.Engine;

/// <summary>
/// A synapse whose F, or whose H where α is outside, is stored as a matrix at every step of a chunk, as a bound, a keep for each output or
/// an eligibility trace require. Each update and each adjoint of one is a pass over the matrices of one sample (<see cref="DenseUpdate"/>).
/// </summary>
internal sealed unsafe class DenseSynapse<V>(DensePlan plan) : ISynapse where V : struct, ILanes<V>
{
    private readonly DenseKernels<V> kernels = DenseKernels<V>.Of(
        plan.IsOnTrace, plan.Eligibility is not null, plan.IsBounded, plan.Update.Pairs.Length > 1 || plan.Gradient.Length > 1);

    public void Multiply(in GroupContext run, SynapseProduct product, int t)
    {
        SlowWeights<V>.Multiply(run, plan, product);
        SlowWeights<V>.Copy(run, plan, product);
        var layout = plan.Layout;
        for (var g = 0; g < run.Count && t > 0; g++)
        {
            float* stored = run.Fast(plan, g, t), from = run.At(product.Operand, g), to = run.At(product.Target, g);
            if (plan.IsOnTrace)
            {
                MatrixProducts<V>.Add(
                    new StoredTrace(run.Alpha(plan), stored), layout.Stride, layout.Rows, product.IsTransposed, from, to);
            }
            else
            {
                MatrixProducts<V>.Add(new StoredMatrix(stored), layout.Stride, layout.Rows, product.IsTransposed, from, to);
            }
        }
    }

    public void Advance(in GroupContext run, int t) => Advance(run, t, isApart: false);

    public void StoreAfter(in GroupContext run, int t) => Advance(run, t + 1, isApart: true);

    public void BeginBackward(in GroupContext run)
    {
        foreach (var place in plan.NeededBars)
        {
            run.Clear(place);
        }
        GroupContext.Clear(run.FastBar(plan, 0), (long)plan.StateSize * run.Count);
    }

    public void Recompute(in GroupContext run, int t)
    {
        for (var u = t - run.Chunks.Length * run.Schedule.History.Interval + 1; u <= t - run.Chunks.Length; u++)
        {
            run.Stop.ThrowIfCancellationRequested();
            Advance(run, u);
        }
    }

    public void AdvanceBackward(in GroupContext run, int t)
    {
        if (run.Chunks.Starts(t))
        {
            // The chunk before step t is entered; its end is stored, the rest has been overwritten since.
            for (var u = run.Chunks.Start(t - 1) + 1; u < t; u++)
            {
                Advance(run, u);
            }
        }
        Span<nint> p = stackalloc nint[Math.Max(1, plan.Update.Pairs.Length)], q = stackalloc nint[p.Length];
        Span<nint> x = stackalloc nint[Math.Max(1, plan.Gradient.Length)], y = stackalloc nint[x.Length];
        var scratch = run.Workspace.Dense;
        for (var g = 0; g < run.Count; g++)
        {
            Find(run, plan.Gradient, g, t, x, y);
            var cotangents = plan.StateAt(run.FastBar(plan, g));
            var bars = new DenseBars
            {
                X = x,
                Y = y,
                Trace = cotangents.Trace,
                Eligibility = cotangents.Eligibility,
                Alpha = run.Gradients.AlphaBars + plan.MatrixOffset,
                RowLanes = scratch.RowLanes,
                LaneStride = scratch.SumStride * Lanes.Count,
                ColumnSums = scratch.ColumnSums,
                SumStride = scratch.SumStride,
                KeepSums = plan.Bars.Keep is null ? null : scratch.KeepSums,
                RateSums = scratch.RateSums,
                EligibilityKeepSums = scratch.EligibilityKeepSums,
            };
            kernels.AdvanceBackward(UpdateTo(run, g, t, p, q), bars);
            DenseSums<V>.Write(run, plan, g, t - 1);
        }
    }

    public void EndBackward(in GroupContext run)
    {
    }

    private void Advance(in GroupContext run, int t, bool isApart)
    {
        Span<nint> p = stackalloc nint[Math.Max(1, plan.Update.Pairs.Length)], q = stackalloc nint[p.Length];
        for (var g = 0; g < run.Count; g++)
        {
            var update = UpdateTo(run, g, t, p, q);
            kernels.Advance(isApart ? update with { After = plan.StateAt(run.FastAfter(plan, g)) } : update);
        }
    }

    /// <summary>The state of sample g's synapse at the start of step t; zero at that of the first.</summary>
    private DenseState StateAt(in GroupContext run, int g, int t) =>
        plan.StateAt(t == 0 ? run.Workspace.Dense.Zeros : run.Fast(plan, g, t));

    /// <summary>The update of sample g at the end of step t − 1, given room for its vectors.</summary>
    private DenseUpdate UpdateTo(in GroupContext run, int g, int t, Span<nint> p, Span<nint> q)
    {
        Find(run, plan.Update.Pairs, g, t - 1, p, q);
        var keep = run.At(plan.Update.Keep, g, t - 1);
        if (!plan.KeepsPerOutput)
        {
            new Span<float>(run.Workspace.Dense.Keep, plan.Layout.Stride).Fill(*keep);
            keep = run.Workspace.Dense.Keep;
        }
        return new DenseUpdate
        {
            Stride = plan.Layout.Stride,
            Rows = plan.Layout.Rows,
            Alpha = run.Alpha(plan),
            Before = StateAt(run, g, t - 1),
            After = StateAt(run, g, t),
            Keep = keep,
            Rate = *run.At(plan.Update.Rate, g, t - 1),
            EligibilityKeep = plan.Eligibility is { } e ? *run.At(e.Keep, g, t - 1) : 0,
            EligibilityRate = plan.Eligibility is { } f ? *run.At(f.Rate, g, t - 1) : 0,
            Bound = plan.Bound,
            P = p,
            Q = q,
        };
    }

    /// <summary>The vectors of pairs at step t; no pair is a pair of zeros.</summary>
    private static void Find(in GroupContext run, PairPlace[] pairs, int g, int t, Span<nint> p, Span<nint> q)
    {
        p[0] = q[0] = (nint)run.Workspace.Dense.Zeros;
        for (var k = 0; k < pairs.Length; k++)
        {
            p[k] = (nint)run.At(pairs[k].P, g, t);
            q[k] = (nint)run.At(pairs[k].Q, g, t);
        }
    }
}
