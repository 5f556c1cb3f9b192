namespace Plastic.Engine;

/// <content>
/// F at the start of step t: stored where a chunk starts, and otherwise implied by that and the pairs since; or stored at
/// every step of the chunk.
/// </content>
internal sealed unsafe partial class GroupRunner<V>
{
    /// <summary>Sample g's F of a synapse at the start of step t ≥ 1, where it is stored.</summary>
    private float* Stored(SynapsePlan s, int g, int t)
    {
        var within = t % chunks.Length;
        var slot = t == steps ? history.Slots
            : within == 0 ? history.Slot(t / chunks.Length)
            : history.Slots + within;
        return workspace.Fast(slot) + s.FastOffset + (long)g * s.StateSize;
    }

    /// <summary>Pairs of a synapse from its chunk's start to the start of step t.</summary>
    private int PairsBefore(SynapsePlan s, int t) => (t - chunks.Start(t)) * s.Pairs.Length;

    /// <summary>After the end of step t − 1: the fast weights at the start of step t, as far as they are kept.</summary>
    private void Learn(int t)
    {
        foreach (var s in plan.Synapses)
        {
            if (s.IsStored)
            {
                Move(s, t);
            }
            else if (s.IsImplied)
            {
                if (t == chunks.Start(t))
                {
                    StoreImplied(s, t);
                }
                else
                {
                    TakePairs(s, t - 1);
                }
                Weigh(s, chunks.Start(t), t);
            }
        }
    }

    /// <summary>Puts the pairs of the update at the end of step t with those before them.</summary>
    private void TakePairs(SynapsePlan s, int t)
    {
        ref readonly var pairs = ref workspace.Pairs(s);
        for (var k = 0; k < s.Pairs.Length; k++)
        {
            var (p, q) = s.Pairs[k];
            var column = (PairsBefore(s, t) + k) * plan.Group;
            for (var g = 0; g < count; g++)
            {
                Elementwise<V>.Copy(pairs.P + (long)(column + g) * s.Height, At(p, g, t), s.Height);
                Elementwise<V>.Copy(pairs.Q + (long)(column + g) * s.Stride, At(q, g, t), s.Stride);
            }
            Interleave(pairs.PTiles, column, At(p, 0, t), p.Stride, s.Rows);
            Interleave(pairs.QTiles, column, At(q, 0, t), q.Stride, s.Stride);
        }
    }

    /// <summary>Interleaves the vectors of all samples into the columns from the given one on.</summary>
    private void Interleave(float* tiles, int column, float* vectors, int apart, int length)
    {
        var g = 0;
        for (; g + Panels.Columns <= count; g += Panels.Columns)
        {
            var first = vectors + g * apart;
            Panels.Interleave(
                Lane(tiles, column + g, length), first, first + apart, first + 2 * apart, first + 3 * apart, length);
        }
        for (; g < count; g++)
        {
            Panels.Interleave(Lane(tiles, column + g, length), vectors + g * apart, length);
        }
    }

    /// <summary>
    /// The coefficients of F(t) = d·F(a) + Σ_c k_c·α∘(p_c ⊗ q_c), a the chunk's start: k is the rate of its update times every
    /// keep since.
    /// </summary>
    private void Weigh(SynapsePlan s, int start, int t)
    {
        ref readonly var pairs = ref workspace.Pairs(s);
        var perStep = s.Pairs.Length;
        for (var g = 0; g < count; g++)
        {
            var left = 1f;
            for (var u = t - 1; u >= start; u--)
            {
                var coefficient = *At(s.Rate, g, u) * left;
                for (var k = 0; k < perStep; k++)
                {
                    pairs.K[((u - start) * perStep + k) * plan.Group + g] = coefficient;
                }
                left *= *At(s.Keep, g, u);
            }
            pairs.Decay[g] = start == 0 ? 0 : left;
        }
    }

    /// <summary>Stores F at the start of step t, the end of a chunk or of the episode.</summary>
    private void StoreImplied(SynapsePlan s, int t)
    {
        var start = chunks.Start(t - 1);
        Weigh(s, start, t);
        ref readonly var pairs = ref workspace.Pairs(s);
        var perStep = s.Pairs.Length;
        for (var g = 0; g < count; g++)
        {
            var to = Stored(s, g, t);
            float* from = start == 0 ? null : Stored(s, g, start);
            var decay = pairs.Decay[g];
            if (perStep == 0)
            {
                Zero(to, s.Size);
            }
            for (var k = 0; k < perStep; k++)
            {
                var (p, q) = s.Pairs[k];
                for (var u = start; u < t; u++)
                {
                    Elementwise<V>.ZipScalarSecond<Mul>(
                        workspace.Scaled + (u - start) * s.Height, At(p, g, u),
                        pairs.K[((u - start) * perStep + k) * plan.Group + g], p.Length);
                }
                OuterProducts<V>.Sum(
                    new MovedTo<V>(to, decay, from, shared.Alphas + s.MatrixOffset), s.Stride, s.Rows,
                    new Series(workspace.Scaled, s.Height), Over(q, g, start), t - start);
                from = to;
                decay = 1;
            }
        }
    }

    /// <summary>Stores F after the last step.</summary>
    private void StoreLast(SynapsePlan s)
    {
        if (s.IsStored)
        {
            Move(s, steps);
        }
        else
        {
            StoreImplied(s, steps);
        }
    }

    /// <summary>Stores the checkpoints between the one that ends before step t and the one before it again.</summary>
    private void RestoreSegment(int t)
    {
        foreach (var s in plan.Synapses)
        {
            for (var u = t - chunks.Length * history.Spread + 1; u <= t - chunks.Length; u++)
            {
                stop.ThrowIfCancellationRequested();
                if (s.IsStored)
                {
                    Move(s, u);
                }
                else if (s.IsImplied && u == chunks.Start(u))
                {
                    StoreImplied(s, u);
                }
            }
            if (s.IsImplied)
            {
                Weigh(s, chunks.Start(t), t);
            }
        }
    }
}
