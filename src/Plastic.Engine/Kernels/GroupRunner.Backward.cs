namespace Plastic.Engine;

/// <content>From the last step to the first: the updates' adjoints, the backward list, the gradients.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    private void Backward()
    {
        bases[(int)Region.Frame] = Frame(steps - 1);
        BeginSweeps();
        Zero(workspace.FastBar, plan.FastSize);
        foreach (var state in plan.States)
        {
            if (state.NextBar is { } bar)
            {
                Zero(At(bar, 0), (long)bar.Stride * count);
            }
        }

        foreach (var synapse in plan.Synapses)
        {
            NothingAfter(synapse);
        }
        for (var t = steps - 1; t >= 0; t--)
        {
            bases[(int)Region.Frame] = Frame(t);
            if (history.EndsSegment(t))
            {
                Profile?.Enter(StepPart.Forward);
                RestoreSegment(t);
            }
            ExecuteAll(backward, t, StepPart.Backward);
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
            if (t > 0)
            {
                foreach (var state in plan.States)
                {
                    CarryBack(state, t);
                }
                Profile?.Enter(StepPart.Backward);
                UpdateAdjoints(t);
                Profile?.Enter(StepPart.Other);
            }
        }

        Profile?.Enter(StepPart.WeightGradients);
        foreach (var synapse in plan.Synapses)
        {
            AddWeightGradient(synapse);
        }
        Profile?.Enter(StepPart.Other);
    }

    /// <summary>The cotangent of a state at the entry of step t becomes that of the step before at exit.</summary>
    private void CarryBack(StatePlan state, int t)
    {
        if (state.NextBar is not { } next)
        {
            return;
        }
        for (var g = 0; g < count; g++)
        {
            if (state.EntryBar is { } entry)
            {
                Elementwise<V>.Copy(At(next, g, t - 1), At(entry, g), state.Length);
            }
            else
            {
                Zero(At(next, g, t - 1), next.Stride);
            }
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
