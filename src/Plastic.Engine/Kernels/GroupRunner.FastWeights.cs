namespace Plastic.Engine;

/// <content>
/// F at the start of step t, stored at checkpoints and otherwise implied by a checkpoint and the pairs since. Synapses with
/// updates of another form have every F stored, in one working copy between checkpoints.
/// </content>
internal sealed unsafe partial class GroupRunner<V>
{
    /// <summary>Sample g's F of a synapse at the start of step t ≥ 1, where it is stored.</summary>
    private float* Stored(SynapsePlan s, int g, int t)
    {
        var slot = t == steps ? history.Slots
            : t % Panels.Depth == 0 ? history.Slot(t / Panels.Depth)
            : history.Slots + 1;
        return workspace.Fast(slot) + s.FastOffset + (long)g * s.Size;
    }

    /// <summary>Where an F starts from that is implied by <paramref name="count"/> pairs: F(0) is zero, or 0·W.</summary>
    private float* Origin(SynapsePlan s, int g, int t, int count) => t == count ? Weights(s) : Stored(s, g, t - count);

    /// <summary>
    /// Gathers the pairs of F(t) since F(t − count), each with all that has decayed since, in the panels from
    /// <see cref="Panels.History"/>; returns what is left of F(t − count).
    /// </summary>
    private float See(SynapsePlan s, int g, int t, int count)
    {
        var panels = workspace.Panels(g);
        var (p, q) = s.Pairs[0];
        var left = 1f;
        for (var k = count - 1; k >= 0; k--)
        {
            var u = t - count + k;
            Elementwise<V>.ZipScalarSecond<Mul>(
                panels.Row(Panels.History + k), At(p, g, u), *At(s.Rate, g, u) * left, p.Length);
            Interleave(panels.Column(Panels.History + k), At(q, g, u), s.Stride);
            left *= *At(s.Keep, g, u);
        }
        return t == count ? 0 : left;
    }

    /// <summary>F(t) as kernels take it that put it together: gathers the pairs since F(t − count).</summary>
    private SynapseForward<V>.Block Implied(SynapsePlan s, int g, int t, int count, Sweep rows) => new()
    {
        Decay = See(s, g, t, count),
        W = Weights(s),
        Alpha = Alphas(s),
        Fast = Origin(s, g, t, count),
        Stride = s.Stride,
        Rows = rows,
        Pairs = workspace.Panels(g),
    };

    /// <summary>Stores F at the start of step t where it has to be stored, for a synapse whose next product does not.</summary>
    private void Update(SynapsePlan s, int t)
    {
        if (t == 0 || (s.IsImplicit && t % Panels.Depth != 0))
        {
            return;
        }
        if (s.IsImplicit)
        {
            StoreImplied(s, t, Panels.Depth);
        }
        else
        {
            UpdateInParts(s, t);
        }
    }

    private void StoreImplied(SynapsePlan s, int t, int pairs)
    {
        for (var g = 0; g < count; g++)
        {
            var to = Stored(s, g, t);
            // No order of rows shows here, and none is used up: what is stored once more must not change what follows.
            var block = Implied(s, g, t, pairs, new Sweep(s.Rows, IsUpward: false));
            switch (pairs)
            {
                case 1: SynapseForward<V>.Store<One>(block, to); break;
                case 2: SynapseForward<V>.Store<Two>(block, to); break;
                case 3: SynapseForward<V>.Store<Three>(block, to); break;
                default: SynapseForward<V>.Store<Four>(block, to); break;
            }
        }
    }

    /// <summary>Stores F after the last step.</summary>
    private void StoreLast(SynapsePlan s)
    {
        if (s.IsImplicit)
        {
            StoreImplied(s, steps, (steps - 1) % Panels.Depth + 1);
        }
        else
        {
            UpdateInParts(s, steps);
        }
    }

    /// <summary>Stores the checkpoints between the one that ends before step t and the one before it again.</summary>
    private void RestoreSegment(int t)
    {
        foreach (var s in plan.Synapses)
        {
            for (var u = t - Panels.Depth * history.Spread + 1; s.IsPlastic && u <= t - Panels.Depth; u++)
            {
                Update(s, u);
            }
        }
    }

    /// <summary>The rows of a synapse, the other way about than the last time.</summary>
    private Sweep Sweep(SynapsePlan s)
    {
        var isUpward = workspace.SweepsUpward[s.Index];
        workspace.SweepsUpward[s.Index] = !isUpward;
        return new Sweep(s.Rows, isUpward);
    }

    private void BeginSweeps() => new Span<bool>(workspace.SweepsUpward, plan.Synapses.Length).Clear();

    /// <summary>Vectors of a column panel, from those of a vector.</summary>
    private static void Interleave(float* to, float* from, int stride)
    {
        for (var j = 0; j < stride; j += Lanes.Count, to += Panels.Width)
        {
            V.Load(from + j).Store(to);
        }
    }
}
