namespace Plastic.Engine;

/// <summary>The slow weights W of a synapse, which every strategy has.</summary>
internal static unsafe class SlowWeights<V> where V : struct, ILanes<V>
{
    /// <summary>Wᵀx or Wx of every sample, to the workspace.</summary>
    public static void Multiply(in GroupContext run, SynapsePlan s, SynapseProduct product)
    {
        var (inner, width) = s.Layout.Product(product.IsTransposed);
        var panels = run.Parameters.Weights(s, product.IsTransposed);
        if (run.Plan.Group == 1)
        {
            PanelProducts<V>.MultiplyOne(panels, inner, width, run.At(product.Operand, 0), run.Workspace.Product);
        }
        else
        {
            Interleave(run, run.Samples(product.Operand), inner);
            PanelProducts<V>.Multiply(panels, inner, width, run.Workspace.Operand, Panels.Tiles(run.Count), run.Workspace.Product);
        }
    }

    /// <summary>The products with W become the result.</summary>
    public static void Copy(in GroupContext run, SynapsePlan s, SynapseProduct product)
    {
        var (_, width) = s.Layout.Product(product.IsTransposed);
        for (var g = 0; g < run.Count; g++)
        {
            Elementwise<V>.Copy(run.At(product.Target, g), run.Workspace.Product + (long)g * width, width);
        }
    }

    /// <summary>Interleaves an operand of all samples, four to a tile; with fewer than four samples each appears more than once.</summary>
    public static void Interleave(in GroupContext run, VectorSeries operand, int length)
    {
        for (var column = 0; column < Math.Max(run.Plan.Group, Panels.Columns); column += run.Plan.Group)
        {
            Panels.Interleave(run.Workspace.Operand, column, operand, run.Count, length);
        }
    }

    /// <summary>W̄ += Σ_t x ⊗ y of the whole episode, one matrix product for each sample.</summary>
    public static void AddGradient(in GroupContext run, SynapsePlan s)
    {
        if (!s.IsWeightTrained)
        {
            return;
        }
        for (var g = 0; g < run.Count; g++)
        {
            run.Stop.ThrowIfCancellationRequested();
            foreach (var pair in s.Gradient)
            {
                var series = run.From(pair, g, 0);
                V.Run(new OuterProducts<AddTo>(
                    new(run.Gradients.WeightBars + s.MatrixOffset), s.Layout.Stride, s.Layout.Rows, series.P, series.Q, run.Steps));
            }
        }
    }
}
