namespace Plastic.Engine;

/// <content>From the last step to the first: the updates' adjoints, the backward list, the gradients.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    private void Backward()
    {
        Array.Clear(sweepsUpward);
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
                    for (var g = low; g < high; g++)
                    {
                        Elementwise<V>.Accumulate(shard.VectorBars + vector.GradientOffset, At(gradient, g), gradient.Length);
                    }
                }
            }
            foreach (var state in plan.States)
            {
                CarryBack(state);
            }
            if (t > 0)
            {
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

    /// <summary>The cotangent of a state at entry becomes that of the step before at exit.</summary>
    private void CarryBack(StatePlan state)
    {
        if (state.NextBar is not { } next)
        {
            return;
        }
        for (var g = low; g < high; g++)
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
                for (var g = low; g < high; g++)
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
