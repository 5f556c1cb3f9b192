namespace Plastic.Engine;

/// <content>Passes over the synapses of a group: blocks of rows, and within a block every sample.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    private float* Weights(SynapsePlan s) => shared.Weights + s.MatrixOffset;

    private float* Alphas(SynapsePlan s) => shared.Alphas + s.MatrixOffset;

    /// <summary>Sample g's F of a synapse at the start of step t.</summary>
    private float* Fast(SynapsePlan s, int g, int t) => Fast(t) + s.FastOffset + (long)g * s.Size;

    private const int Column = 0, Row = 1, Kept = 2;

    /// <summary>One of the sums of an adjoint pass for sample g: over rows, over columns, or lane by lane for keep̄.</summary>
    private float* Sums(SynapsePlan s, int g, int which)
    {
        var start = workspace.Sums.Pointer + s.SumsOffset + g * s.SumsSize;
        return which switch { Column => start, Row => start + s.Stride, _ => start + s.SumsSize - Lanes.Count };
    }

    /// <summary>rate·p of pair k of the update at the end of step t, into <paramref name="rated"/>.</summary>
    private float* RatedP(SynapsePlan s, int k, int g, int t, float* rated)
    {
        Elementwise<V>.ZipScalarSecond<Mul>(rated, At(s.Pairs[k].P, g, t), *At(s.Rate, g, t), s.Pairs[k].P.Length);
        return rated;
    }

    /// <summary>F at the start of step t from F at the start of step t − 1; at t = 0 it is zero already.</summary>
    private void Update(SynapsePlan s, int t)
    {
        if (t == 0)
        {
            return;
        }
        for (var g = low; g < high; g++)
        {
            var to = Fast(s, g, t);
            SynapseForward<V>.Decay(Fast(s, g, t - 1), to, s.Size, *At(s.Keep, g, t - 1));
            for (var k = 0; k < s.Pairs.Length; k++)
            {
                SynapseForward<V>.AddPair(
                    Alphas(s), to, s.Stride, s.Rows, RatedP(s, k, g, t - 1, workspace.Rated(g, 0)), At(s.Pairs[k].Q, g, t - 1));
            }
            if (!double.IsPositiveInfinity(s.Source.Bound))
            {
                SynapseForward<V>.Clamp(to, s.Size, (float)s.Source.Bound);
            }
        }
    }

    private void UpdateApply(Operation o, int t)
    {
        var s = plan.Synapses[o.Synapse];
        for (var g = low; g < high; g++)
        {
            RatedP(s, 0, g, t - 1, workspace.Rated(g, 0));
            Zero(At(o.Target, g), o.Target.Stride);
        }
        if (double.IsPositiveInfinity(s.Source.Bound))
        {
            UpdateApply<No>(o, s, t);
        }
        else
        {
            UpdateApply<Yes>(o, s, t);
        }
    }

    private void UpdateApply<TClamp>(Operation o, SynapsePlan s, int t) where TClamp : struct, IChoice
    {
        int block = s.BlockRows, stride = s.Stride;
        for (var i = 0; i < s.Rows; i += block)
        {
            var rows = Math.Min(block, s.Rows - i);
            var at = (long)i * stride;
            for (var g = low; g < high; g++)
            {
                SynapseForward<V>.UpdateApply<TClamp>(
                    Weights(s) + at, Alphas(s) + at, Fast(s, g, t - 1) + at, Fast(s, g, t) + at, stride, rows,
                    *At(s.Keep, g, t - 1), workspace.Rated(g, 0) + i, At(s.Pairs[0].Q, g, t - 1), (float)s.Source.Bound,
                    At(o.A, g) + i, At(o.Target, g));
            }
        }
    }

    private void Apply(Operation o, int t)
    {
        var s = plan.Synapses[o.Synapse];
        int block = s.BlockRows, stride = s.Stride;
        var learned = s.IsPlastic && t > 0;
        for (var g = low; g < high; g++)
        {
            Zero(At(o.Target, g), o.Target.Stride);
        }
        for (var i = 0; i < s.Rows; i += block)
        {
            var rows = Math.Min(block, s.Rows - i);
            var at = (long)i * stride;
            for (var g = low; g < high; g++)
            {
                float* x = At(o.A, g) + i, y = At(o.Target, g);
                if (learned)
                {
                    SynapseForward<V>.Apply<Yes>(Weights(s) + at, Fast(s, g, t) + at, stride, rows, x, y);
                }
                else
                {
                    SynapseForward<V>.Apply<No>(Weights(s) + at, null, stride, rows, x, y);
                }
            }
        }
    }

    private void ApplyT(Operation o, int t)
    {
        var s = plan.Synapses[o.Synapse];
        int block = s.BlockRows, stride = s.Stride;
        var learned = s.IsPlastic && t > 0;
        for (var g = low; g < high; g++)
        {
            Zero(At(o.Target, g), o.Target.Stride);
        }
        for (var i = 0; i < s.Rows; i += block)
        {
            var rows = Math.Min(block, s.Rows - i);
            var at = (long)i * stride;
            for (var g = low; g < high; g++)
            {
                float* v = At(o.A, g), u = At(o.Target, g) + i;
                if (learned)
                {
                    SynapseForward<V>.ApplyT<Yes>(Weights(s) + at, Fast(s, g, t) + at, stride, rows, v, u);
                }
                else
                {
                    SynapseForward<V>.ApplyT<No>(Weights(s) + at, null, stride, rows, v, u);
                }
            }
        }
    }
}
