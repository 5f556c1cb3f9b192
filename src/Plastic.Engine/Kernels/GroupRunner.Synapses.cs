namespace Plastic.Engine;

/// <content>Products with the synapses of a group: blocks of rows, and within a block every sample.</content>
internal sealed unsafe partial class GroupRunner<V>
{
    private const int Column = 0, Row = 1, Kept = 2;

    private float* Weights(SynapsePlan s) => shared.Weights + s.MatrixOffset;

    private float* Alphas(SynapsePlan s) => shared.Alphas + s.MatrixOffset;

    /// <summary>One of the sums of an adjoint pass for sample g: over rows, over columns, or lane by lane for keep̄.</summary>
    private float* Sums(SynapsePlan s, int g, int which)
    {
        var start = workspace.Sums + s.SumsOffset + g * s.SumsSize;
        return which switch { Column => start, Row => start + s.Stride, _ => start + s.SumsSize - Lanes.Count };
    }

    private void Apply(Operation o, int t)
    {
        var s = plan.Synapses[o.Synapse];
        var implied = Begin(o, s, t);
        for (var i = 0; i < s.Rows; i += s.BlockRows)
        {
            var rows = Math.Min(s.BlockRows, s.Rows - i);
            var at = (long)i * s.Stride;
            var g = low;
            for (; !s.IsPlastic && g + 4 <= high; g += 4)
            {
                SynapseForward<V>.ApplyFour(
                    Weights(s) + at, s.Stride, rows, At(o.A, g) + i, o.A.Stride, At(o.Target, g), o.Target.Stride);
            }
            for (; g < high; g++)
            {
                float* x = At(o.A, g) + i, y = At(o.Target, g);
                switch (implied)
                {
                    case 0 when s.IsPlastic && t > 0:
                        SynapseForward<V>.Apply<Yes>(Weights(s) + at, Stored(s, g, t) + at, s.Stride, rows, x, y);
                        break;
                    case 0:
                        SynapseForward<V>.Apply<No>(Weights(s) + at, null, s.Stride, rows, x, y);
                        break;
                    case 1:
                        SynapseForward<V>.ApplyMoved<One, No>(Implied(s, g, t, 1, i), null, x, y);
                        break;
                    case 2:
                        SynapseForward<V>.ApplyMoved<Two, No>(Implied(s, g, t, 2, i), null, x, y);
                        break;
                    default:
                        SynapseForward<V>.ApplyMoved<Three, No>(Implied(s, g, t, 3, i), null, x, y);
                        break;
                }
            }
        }
    }

    private void ApplyT(Operation o, int t)
    {
        var s = plan.Synapses[o.Synapse];
        var implied = Begin(o, s, t);
        for (var i = 0; i < s.Rows; i += s.BlockRows)
        {
            var rows = Math.Min(s.BlockRows, s.Rows - i);
            var at = (long)i * s.Stride;
            var g = low;
            for (; !s.IsPlastic && g + 4 <= high; g += 4)
            {
                SynapseForward<V>.ApplyTFour(
                    Weights(s) + at, s.Stride, rows, At(o.A, g), o.A.Stride, At(o.Target, g) + i, o.Target.Stride);
            }
            for (; g < high; g++)
            {
                float* v = At(o.A, g), u = At(o.Target, g) + i;
                switch (implied)
                {
                    case 0 when s.IsPlastic && t > 0:
                        SynapseForward<V>.ApplyT<Yes>(Weights(s) + at, Stored(s, g, t) + at, s.Stride, rows, v, u);
                        break;
                    case 0:
                        SynapseForward<V>.ApplyT<No>(Weights(s) + at, null, s.Stride, rows, v, u);
                        break;
                    case 1:
                        SynapseForward<V>.ApplyTMoved<One>(Implied(s, g, t, 1, i), v, u);
                        break;
                    case 2:
                        SynapseForward<V>.ApplyTMoved<Two>(Implied(s, g, t, 2, i), v, u);
                        break;
                    default:
                        SynapseForward<V>.ApplyTMoved<Three>(Implied(s, g, t, 3, i), v, u);
                        break;
                }
            }
        }
    }

    /// <summary>The step's first product with a synapse at a checkpoint: stores F as it goes.</summary>
    private void StoreApply(Operation o, int t)
    {
        var s = plan.Synapses[o.Synapse];
        for (var g = low; g < high; g++)
        {
            Zero(At(o.Target, g), o.Target.Stride);
            See(s, g, t, Panels.Depth);
        }
        for (var i = 0; i < s.Rows; i += s.BlockRows)
        {
            for (var g = low; g < high; g++)
            {
                var to = Stored(s, g, t) + (long)i * s.Stride;
                SynapseForward<V>.ApplyMoved<Four, Yes>(
                    Implied(s, g, t, Panels.Depth, i), to, At(o.A, g) + i, At(o.Target, g));
            }
        }
    }

    /// <summary>Zeroes the product; gathers the pairs that F is implied by, and says how many.</summary>
    private int Begin(Operation o, SynapsePlan s, int t)
    {
        var implied = s.IsImplicit ? t % Panels.Depth : 0;
        for (var g = low; g < high; g++)
        {
            Zero(At(o.Target, g), o.Target.Stride);
            if (implied > 0)
            {
                See(s, g, t, implied);
            }
        }
        return implied;
    }
}
