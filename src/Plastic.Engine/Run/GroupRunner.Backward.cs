namespace Plastic.Engine;

/// <content>From the last step to the first: the updates' adjoints, the backward list, the gradients.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    private void Backward()
    {
        bases[(int)Region.Frame] = Frame(steps - 1);
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
            stop.ThrowIfCancellationRequested();
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
                CarryBack(t);
                Profile?.Enter(StepPart.Backward);
                UpdateAdjoints(t);
                Profile?.Enter(StepPart.Other);
            }
        }
        Profile?.Enter(StepPart.Backward);
        foreach (var synapse in plan.Synapses)
        {
            if (synapse.IsImplied)
            {
                Settle(synapse, 0);
            }
        }

        Profile?.Enter(StepPart.WeightGradients);
        foreach (var synapse in plan.Synapses)
        {
            AddWeightGradient(synapse);
        }
        Profile?.Enter(StepPart.Other);
    }

    /// <summary>
    /// The cotangents of the states at the entry of step t become those of the step before at exit; by way of a copy where
    /// one state's is another's.
    /// </summary>
    private void CarryBack(int t)
    {
        var carried = workspace.Carried;
        for (var pass = plan.HasPassages ? 0 : 1; pass < 2; pass++)
        {
            var at = 0;
            foreach (var state in plan.States)
            {
                for (var g = 0; g < count; g++, at += Plan.Padded(state.Length))
                {
                    if (state.NextBar is not { } next)
                    {
                        continue;
                    }
                    if (state.EntryBar is not { } entry)
                    {
                        Zero(pass == 0 ? carried + at : At(next, g, t - 1), next.Stride);
                    }
                    else if (pass == 0)
                    {
                        Elementwise<V>.Copy(carried + at, At(entry, g), state.Length);
                    }
                    else
                    {
                        Elementwise<V>.Copy(
                            At(next, g, t - 1), plan.HasPassages ? carried + at : At(entry, g), state.Length);
                    }
                }
            }
        }
    }

    private void AddWeightGradient(SynapsePlan s)
    {
        if (!plan.Program.Parameters[s.Source.Weight].Trained)
        {
            return;
        }
        for (var g = 0; g < count; g++)
        {
            stop.ThrowIfCancellationRequested();
            foreach (var gradient in s.Gradient)
            {
                var (p, q) = gradient.Pair;
                OuterProducts<V>.Sum(
                    new AddedTo<V>(shard.WeightBars + s.MatrixOffset), s.Stride, s.Rows, Over(p, g, 0), Over(q, g, 0), steps);
            }
        }
    }
}
