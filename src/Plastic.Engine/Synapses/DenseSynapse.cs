namespace Plastic.Engine;

/// <summary>
/// A synapse whose F is stored as a matrix at every step of a chunk, as a bound, a keep for each output or an eligibility trace
/// require. Each update and each adjoint of one is a pass over the matrices of one sample (<see cref="DenseUpdate{V, P, T, E}"/>).
/// </summary>
internal sealed unsafe class DenseSynapse<V>(DensePlan plan) : ISynapse where V : struct, ILanes<V>
{
    public void Multiply(in GroupContext run, SynapseProduct product, int t)
    {
        SlowWeights<V>.Multiply(run, plan, product);
        SlowWeights<V>.Copy(run, plan, product);
        for (var g = 0; g < run.Count && t > 0; g++)
        {
            MatrixProducts<V>.Add(
                run.Fast(plan, g, t), plan.Layout.Stride, plan.Layout.Rows, product.IsTransposed, run.At(product.Operand, g),
                run.At(product.Target, g));
        }
    }

    public void Advance(in GroupContext run, int t)
    {
        for (var g = 0; g < run.Count; g++)
        {
            Update(run, g, t - 1, StateAt(run, g, t), default);
        }
    }

    public void StoreEnd(in GroupContext run) => Advance(run, run.Steps);

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
        Span<nint> x = stackalloc nint[plan.Gradient.Length], y = stackalloc nint[plan.Gradient.Length];
        for (var g = 0; g < run.Count; g++)
        {
            for (var k = 0; k < plan.Gradient.Length; k++)
            {
                x[k] = (nint)run.At(plan.Gradient[k].P, g, t);
                y[k] = (nint)run.At(plan.Gradient[k].Q, g, t);
            }
            var cotangents = plan.StateAt(run.FastBar(plan, g));
            var scratch = run.Workspace.Dense;
            var bars = new DenseAdjoint
            {
                X = x,
                Y = y,
                After = StateAt(run, g, t).Trace,
                Trace = cotangents.Trace,
                Eligibility = cotangents.Eligibility,
                Alpha = run.Gradients.AlphaBars + plan.MatrixOffset,
                RowSums = scratch.RowSums,
                ColumnSums = scratch.ColumnSums,
                SumStride = scratch.SumStride,
                KeepSums = scratch.KeepSums,
                Scalars = scratch.ScalarSums,
            };
            Update(run, g, t - 1, default, bars);
            WriteUpdateBars(run, g, t - 1);
        }
    }

    public void EndBackward(in GroupContext run)
    {
    }

    /// <summary>The state of sample g's synapse at the start of step t; zero at that of the first.</summary>
    private DenseState StateAt(in GroupContext run, int g, int t) =>
        plan.StateAt(t == 0 ? run.Workspace.Dense.Zeros : run.Fast(plan, g, t));

    /// <summary>The update at the end of step t of sample g: gives the state after it or, with cotangents, its adjoint.</summary>
    private void Update(in GroupContext run, int g, int t, DenseState after, DenseAdjoint bars)
    {
        switch (plan.KeepsPerOutput, plan.IsOnTrace, plan.Eligibility is not null)
        {
            case (false, false, false): Update<No, No, No>(run, g, t, after, bars); break;
            case (false, false, true): Update<No, No, Yes>(run, g, t, after, bars); break;
            case (false, true, false): Update<No, Yes, No>(run, g, t, after, bars); break;
            case (false, true, true): Update<No, Yes, Yes>(run, g, t, after, bars); break;
            case (true, false, false): Update<Yes, No, No>(run, g, t, after, bars); break;
            case (true, false, true): Update<Yes, No, Yes>(run, g, t, after, bars); break;
            case (true, true, false): Update<Yes, Yes, No>(run, g, t, after, bars); break;
            case (true, true, true): Update<Yes, Yes, Yes>(run, g, t, after, bars); break;
        }
    }

    private void Update<TPerOutput, TOnTrace, TEligible>(in GroupContext run, int g, int t, DenseState after, DenseAdjoint bars)
        where TPerOutput : struct, IFlag
        where TOnTrace : struct, IFlag
        where TEligible : struct, IFlag
    {
        var pairs = plan.Update.Pairs;
        Span<nint> p = stackalloc nint[pairs.Length], q = stackalloc nint[pairs.Length];
        for (var k = 0; k < pairs.Length; k++)
        {
            p[k] = (nint)run.At(pairs[k].P, g, t);
            q[k] = (nint)run.At(pairs[k].Q, g, t);
        }
        var update = new DenseUpdate<V, TPerOutput, TOnTrace, TEligible>
        {
            Stride = plan.Layout.Stride,
            Rows = plan.Layout.Rows,
            Alpha = run.Alpha(plan),
            Before = StateAt(run, g, t),
            Keep = run.At(plan.Update.Keep, g, t),
            Rate = *run.At(plan.Update.Rate, g, t),
            EligibilityKeep = plan.Eligibility is { } e ? *run.At(e.Keep, g, t) : 0,
            EligibilityRate = plan.Eligibility is { } f ? *run.At(f.Rate, g, t) : 0,
            Bound = plan.Bound,
            P = p,
            Q = q,
        };
        if (bars.Trace == null)
        {
            update.Advance(after);
        }
        else
        {
            update.AdvanceBackward(bars);
        }
    }

    /// <summary>Gives the backward list of step t the sums of the update at its end.</summary>
    private void WriteUpdateBars(in GroupContext run, int g, int t)
    {
        var scratch = run.Workspace.Dense;
        var pairRate = *run.At(plan.Eligibility?.Rate ?? plan.Update.Rate, g, t);
        for (var k = 0; k < plan.Update.Pairs.Length; k++)
        {
            if (plan.Bars.Pairs[k].P is { } pBar)
            {
                Elementwise<V>.ZipScalarSecond<Mul>(
                    run.At(pBar, g, t), scratch.RowSums + k * scratch.SumStride, pairRate, pBar.Length);
            }
            if (plan.Bars.Pairs[k].Q is { } qBar)
            {
                Elementwise<V>.ZipScalarSecond<Mul>(
                    run.At(qBar, g, t), scratch.ColumnSums + k * scratch.SumStride, pairRate, qBar.Length);
            }
        }
        if (plan.Bars.Keep is { } keepBar)
        {
            Elementwise<V>.Copy(run.At(keepBar, g, t), scratch.KeepSums, keepBar.Length);
        }
        WriteScalar(run, plan.Bars.Rate, g, t, scratch.ScalarSums[0]);
        WriteScalar(run, plan.Eligibility?.KeepBar, g, t, scratch.ScalarSums[1]);
        WriteScalar(run, plan.Eligibility?.RateBar, g, t, scratch.ScalarSums[2]);
    }

    private static void WriteScalar(in GroupContext run, Place? bar, int g, int t, float value)
    {
        if (bar is { } place)
        {
            Elementwise<V>.Scalar(run.At(place, g, t), value);
        }
    }
}
