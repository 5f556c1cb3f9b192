namespace Plastic.Engine;

/// <content>
/// Products with the synapses of a group: with W for all samples at once; with F as what is left of the F at the chunk's
/// start and of each pair since, of which the products with α are matrix products like the one with W.
/// </content>
internal sealed unsafe partial class GroupRunner<V>
{
    /// <summary>Where the products of one operand are: with each column of pairs, and with each sample's F of the chunk's start.</summary>
    private readonly struct Parts(float* columns, float* stored)
    {
        public readonly float* Columns = columns, Stored = stored;
    }

    /// <summary>Elements that go into a product and that come out.</summary>
    private static (int Inner, int Width) Shape(SynapsePlan s, bool isTurned) =>
        isTurned ? (s.Stride, s.Height) : (s.Rows, s.Stride);

    /// <summary>y = (W + F)ᵀx, or turned y = (W + F)v.</summary>
    private void Product(Operation o, int t)
    {
        var s = plan.Synapses[o.Synapse];
        var isTurned = o.Kind == Kind.ApplyT;
        var (inner, width) = Shape(s, isTurned);
        var panels = isTurned ? shared.TurnedWeightPanels + s.TurnedOffset : shared.WeightPanels + s.MatrixOffset;
        if (plan.Group == 1)
        {
            PanelProducts<V>.MultiplyOne(panels, inner, width, At(o.A, 0), workspace.Product);
        }
        else
        {
            Interleave(o.A, inner);
            var tiles = (count + Panels.Columns - 1) / Panels.Columns;
            PanelProducts<V>.Multiply(panels, inner, width, workspace.Operand, tiles, workspace.Product);
        }
        if (t > 0 && s.IsImplied)
        {
            if (plan.Group == 1)
            {
                Interleave(o.A, inner);
            }
            var parts = o.Record < 0 ? SpareParts(s, workspace.Spare, width) : Recorded(o.Record, t);
            WithPairs(s, isTurned, t, parts);
            WithStored(s, isTurned, o.A, t, parts);
            Combine(s, isTurned, o.Target, t, parts);
            return;
        }
        for (var g = 0; g < count; g++)
        {
            Elementwise<V>.Copy(At(o.Target, g), workspace.Product + (long)g * width, width);
            if (t > 0 && s.IsStored)
            {
                AddProduct(s, isTurned, Stored(s, g, t), At(o.A, g), At(o.Target, g));
            }
        }
    }

    /// <summary>Where a record has its products of step t. Of those that are kept, the stored F's product is not.</summary>
    private Parts Recorded(int number, int t)
    {
        var record = plan.Records[number];
        var s = plan.Synapses[record.Synapse];
        var spare = SpareParts(s, workspace.Spare, record.Width);
        if (record.IsForward)
        {
            return keepsRecords ? new(Kept(number, t), spare.Stored) : spare;
        }
        return SpareParts(s, workspace.Record(number), record.Width);
    }

    private float* Kept(int number, int t)
    {
        var record = plan.Records[number];
        var columns = Workspace.Columns(plan, plan.Synapses[record.Synapse].Pairs.Length, chunks.Length);
        return workspace.Record(number) + (long)t * columns * record.Width;
    }

    private Parts SpareParts(SynapsePlan s, float* start, int width) =>
        new(start, start + (long)workspace.Pairs(s).Columns * width);

    /// <summary>Interleaves an operand of all samples, four to a tile; of fewer than four samples each comes more than once.</summary>
    private void Interleave(Place operand, int length)
    {
        for (var column = 0; column < Math.Max(plan.Group, Panels.Columns); column += plan.Group)
        {
            Interleave(workspace.Operand, column, At(operand, 0), operand.Stride, length);
        }
    }

    /// <summary>Where the vector of a column is in interleaved tiles.</summary>
    private static float* Lane(float* tiles, int column, int length) =>
        tiles + (long)(column / Panels.Columns) * Panels.Columns * length + column % Panels.Columns;

    /// <summary>The operand's products with all pairs of the chunk before step t, by α: z_c = αᵀ(p_c∘x), or α(q_c∘v).</summary>
    private void WithPairs(SynapsePlan s, bool isTurned, int t, Parts to)
    {
        ref readonly var pairs = ref workspace.Pairs(s);
        var (inner, width) = Shape(s, isTurned);
        var columns = PairsBefore(s, t) * plan.Group;
        var tiles = (columns + Panels.Columns - 1) / Panels.Columns;
        var panels = isTurned ? shared.TurnedAlphaPanels + s.TurnedOffset : shared.AlphaPanels + s.MatrixOffset;
        PanelProducts<V>.Weigh(
            workspace.Weighed, isTurned ? pairs.QTiles : pairs.PTiles, workspace.Operand, Panels.Columns * inner, tiles);
        PanelProducts<V>.Multiply(panels, inner, width, workspace.Weighed, tiles, to.Columns);
    }

    /// <summary>The operand's product with the F at the start of the chunk that step t is in, when there is one.</summary>
    private void WithStored(SynapsePlan s, bool isTurned, Place operand, int t, Parts to)
    {
        var start = chunks.Start(t);
        var (_, width) = Shape(s, isTurned);
        for (var g = 0; g < count && start > 0; g++)
        {
            var product = to.Stored + (long)g * width;
            Zero(product, width);
            AddProduct(s, isTurned, Stored(s, g, start), At(operand, g), product);
        }
    }

    private static void AddProduct(SynapsePlan s, bool isTurned, float* matrix, float* operand, float* to)
    {
        if (isTurned)
        {
            MatrixProducts<V>.ApplyT(matrix, s.Stride, s.Rows, operand, to);
        }
        else
        {
            MatrixProducts<V>.Apply(matrix, s.Stride, s.Rows, operand, to);
        }
    }

    /// <summary>y = Wᵀx + d·F(a)ᵀx + Σ_c k_c·q_c∘z_c, or turned, with p_c.</summary>
    private void Combine(SynapsePlan s, bool isTurned, Place target, int t, Parts parts)
    {
        ref readonly var pairs = ref workspace.Pairs(s);
        var (_, width) = Shape(s, isTurned);
        int start = chunks.Start(t), perStep = s.Pairs.Length, apart = perStep * plan.Group;
        var vectors = isTurned ? pairs.P : pairs.Q;
        for (var g = 0; g < count; g++)
        {
            float* y = At(target, g), x = workspace.Product + (long)g * width;
            if (start > 0)
            {
                PairKernels<V>.AddScaled(x, width, pairs.Decay[g], parts.Stored + (long)g * width);
            }
            if (perStep == 0)
            {
                Elementwise<V>.Copy(y, x, width);
            }
            for (var k = 0; k < perStep; k++, x = y)
            {
                var column = (long)(k * plan.Group + g) * width;
                var separation = (long)apart * width;
                PairKernels<V>.Combine(
                    y, x, width, pairs.K + k * plan.Group + g, apart, new Series(vectors + column, separation),
                    new Series(parts.Columns + column, separation), t - start);
            }
        }
    }

    /// <summary>A vector of sample g from step t on.</summary>
    private Series Over(Place place, int g, int t) =>
        new(At(place, g, t), place.Region == Region.Frame ? plan.FrameSize : 0);
}
