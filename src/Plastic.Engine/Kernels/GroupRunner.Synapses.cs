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
        ZeroTarget(o);
        if (!s.IsPlastic || t == 0)
        {
            ApplyFixed(o, s);
            return;
        }
        var implied = s.IsImplicit ? t % Panels.Depth : 0;
        for (var g = 0; g < count; g++)
        {
            float* x = At(o.A, g), y = At(o.Target, g);
            if (implied == 0)
            {
                SynapseForward<V>.Apply<Yes>(Weights(s), Stored(s, g, t), s.Stride, s.Rows, x, y);
                continue;
            }
            var block = Implied(s, g, t, implied, Sweep(s));
            switch (implied)
            {
                case 1: SynapseForward<V>.ApplyMoved<One, No>(block, null, x, y); break;
                case 2: SynapseForward<V>.ApplyMoved<Two, No>(block, null, x, y); break;
                default: SynapseForward<V>.ApplyMoved<Three, No>(block, null, x, y); break;
            }
        }
    }

    private void ApplyT(Operation o, int t)
    {
        var s = plan.Synapses[o.Synapse];
        ZeroTarget(o);
        if (!s.IsPlastic || t == 0)
        {
            ApplyTFixed(o, s);
            return;
        }
        var implied = s.IsImplicit ? t % Panels.Depth : 0;
        for (var g = 0; g < count; g++)
        {
            float* v = At(o.A, g), u = At(o.Target, g);
            switch (implied)
            {
                case 0: SynapseForward<V>.ApplyT<Yes>(Weights(s), Stored(s, g, t), s.Stride, s.Rows, v, u); break;
                case 1: SynapseForward<V>.ApplyTMoved<One>(Implied(s, g, t, 1, Sweep(s)), v, u); break;
                case 2: SynapseForward<V>.ApplyTMoved<Two>(Implied(s, g, t, 2, Sweep(s)), v, u); break;
                default: SynapseForward<V>.ApplyTMoved<Three>(Implied(s, g, t, 3, Sweep(s)), v, u); break;
            }
        }
    }

    /// <summary>The step's first product with a synapse at a checkpoint: stores F as it goes.</summary>
    private void StoreApply(Operation o, int t)
    {
        var s = plan.Synapses[o.Synapse];
        ZeroTarget(o);
        for (var g = 0; g < count; g++)
        {
            var block = Implied(s, g, t, Panels.Depth, Sweep(s));
            SynapseForward<V>.ApplyMoved<Four, Yes>(block, Stored(s, g, t), At(o.A, g), At(o.Target, g));
        }
    }

    /// <summary>Wᵀx: blocks of rows, and past each block all samples, by fours.</summary>
    private void ApplyFixed(Operation o, SynapsePlan s)
    {
        for (var i = 0; i < s.Rows; i += s.BlockRows)
        {
            var rows = Math.Min(s.BlockRows, s.Rows - i);
            var w = Weights(s) + (long)i * s.Stride;
            var g = 0;
            for (; g + 4 <= count; g += 4)
            {
                SynapseForward<V>.ApplyFour(
                    w, s.Stride, rows, At(o.A, g) + i, o.A.Stride, At(o.Target, g), o.Target.Stride);
            }
            for (; g < count; g++)
            {
                SynapseForward<V>.Apply<No>(w, null, s.Stride, rows, At(o.A, g) + i, At(o.Target, g));
            }
        }
    }

    /// <summary>Wv, likewise.</summary>
    private void ApplyTFixed(Operation o, SynapsePlan s)
    {
        for (var i = 0; i < s.Rows; i += s.BlockRows)
        {
            var rows = Math.Min(s.BlockRows, s.Rows - i);
            var w = Weights(s) + (long)i * s.Stride;
            var g = 0;
            for (; g + 4 <= count; g += 4)
            {
                SynapseForward<V>.ApplyTFour(
                    w, s.Stride, rows, At(o.A, g), o.A.Stride, At(o.Target, g) + i, o.Target.Stride);
            }
            for (; g < count; g++)
            {
                SynapseForward<V>.ApplyT<No>(w, null, s.Stride, rows, At(o.A, g), At(o.Target, g) + i);
            }
        }
    }

    private void ZeroTarget(Operation o)
    {
        for (var g = 0; g < count; g++)
        {
            Zero(At(o.Target, g), o.Target.Stride);
        }
    }
}
