namespace Plastic.Engine;

/// <summary>
/// Where the parts of an operand's product with a factored F are: its products with each column of pairs, and with each sample's F of the
/// chunk's start.
/// </summary>
internal readonly unsafe struct ProductParts(float* columns, float* start)
{
    public readonly float* Columns = columns, Start = start;
}

/// <summary>Products of a group's operands with a factored F.</summary>
internal static unsafe class FactoredProduct<V> where V : struct, ILanes<V>
{
    /// <summary>y = Wᵀx + d·F(a)ᵀx + Σ_c k_c·q_c∘z_c or, transposed, with p_c; Wᵀx is in the workspace.</summary>
    public static void AddFast(in GroupContext run, FactoredPlan s, SynapseProduct product, int t)
    {
        if (run.Plan.Group == 1)
        {
            // The product with W took the operand as it is.
            SlowWeights<V>.Interleave(run, run.Samples(product.Operand), s.Layout.Product(product.IsTransposed).Inner);
        }
        var parts = product.Saved is { } number
            ? Saved(run, s, number, t)
            : Spare(run, s, run.Workspace.Factored.Products, s.Layout.Product(product.IsTransposed).Width);
        MultiplyPairs(run, s, product.IsTransposed, t, parts);
        MultiplyStart(run, s, product.IsTransposed, run.Samples(product.Operand), t, parts);
        Combine(run, s, product.IsTransposed, product.Target, t, parts);
    }

    /// <summary>The products of a pair's vector at step t: the saved ones, or computed now.</summary>
    /// <param name="run">The run.</param>
    /// <param name="s">The synapse.</param>
    /// <param name="saved">The number of the saved products, if there are any.</param>
    /// <param name="isTransposed">Whether F is transposed.</param>
    /// <param name="operand">The vector.</param>
    /// <param name="t">The step.</param>
    /// <param name="withStart">Whether the product with the F of the chunk's start is wanted too.</param>
    /// <param name="spare">Room for what is computed.</param>
    public static ProductParts Parts(
        in GroupContext run, FactoredPlan s, int? saved, bool isTransposed, Place operand, int t, bool withStart, float* spare)
    {
        if (saved is { } number && (run.Schedule.SavesProducts || !run.Plan.Saved[number].IsForward))
        {
            return Saved(run, s, number, t);
        }
        var (inner, width) = s.Layout.Product(isTransposed);
        var parts = Spare(run, s, spare, width);
        SlowWeights<V>.Interleave(run, run.Samples(operand), inner);
        MultiplyPairs(run, s, isTransposed, t, parts);
        if (withStart)
        {
            MultiplyStart(run, s, isTransposed, run.Samples(operand), t, parts);
        }
        return parts;
    }

    /// <summary>Where saved products of step t are. Of those that are kept, the product with the start's F is not.</summary>
    private static ProductParts Saved(in GroupContext run, FactoredPlan s, int number, int t)
    {
        var saved = run.Plan.Saved[number];
        var start = run.Workspace.Saved(number);
        if (!saved.IsForward)
        {
            return Spare(run, s, start, saved.Width);
        }
        var spare = Spare(run, s, run.Workspace.Factored.Products, saved.Width);
        return run.Schedule.SavesProducts
            ? new ProductParts(start + (long)t * s.Columns(run.Plan.Group, run.Chunks.Length) * saved.Width, spare.Start)
            : spare;
    }

    private static ProductParts Spare(in GroupContext run, FactoredPlan s, float* start, int width) =>
        new(start, start + (long)run.Workspace.Pairs(s).Columns * width);

    /// <summary>The operand's products with all pairs of the chunk before step t: z_c = αᵀ(p_c∘x), or α(q_c∘x).</summary>
    private static void MultiplyPairs(in GroupContext run, FactoredPlan s, bool isTransposed, int t, ProductParts to)
    {
        ref readonly var pairs = ref run.Workspace.Pairs(s);
        var (inner, width) = s.Layout.Product(isTransposed);
        FactoredProducts<V>.Multiply(
            run.Parameters.AlphasInPanels(s, isTransposed), inner, width, isTransposed ? pairs.QTiles : pairs.PTiles,
            run.Workspace.Operand, run.Workspace.Factored.Scaled, Panels.Tiles(ChunkPairs<V>.Before(run, s, t) * run.Plan.Group),
            to.Columns);
    }

    /// <summary>The operand's product with the F at the start of the chunk that step t is in; F(0) is zero and not stored.</summary>
    private static void MultiplyStart(in GroupContext run, FactoredPlan s, bool isTransposed, VectorSeries operand, int t, ProductParts to)
    {
        var start = run.Chunks.Start(t);
        var (_, width) = s.Layout.Product(isTransposed);
        for (var g = 0; g < run.Count && start > 0; g++)
        {
            var product = to.Start + (long)g * width;
            GroupContext.Clear(product, width);
            MatrixProducts<V>.Add(
                new StoredMatrix(run.Fast(s, g, start)), s.Layout.Stride, s.Layout.Rows, isTransposed, operand[g], product);
        }
    }

    private static void Combine(in GroupContext run, FactoredPlan s, bool isTransposed, Place target, int t, ProductParts parts)
    {
        ref readonly var pairs = ref run.Workspace.Pairs(s);
        var (_, width) = s.Layout.Product(isTransposed);
        int start = run.Chunks.Start(t), group = run.Plan.Group, stride = s.PairsPerStep * group;
        var vectors = isTransposed ? pairs.P : pairs.Q;
        for (var g = 0; g < run.Count; g++)
        {
            float* y = run.At(target, g), x = run.Workspace.Product + (long)g * width;
            if (start > 0)
            {
                FactoredProducts<V>.AddScaled(x, width, pairs.Decay[g], parts.Start + (long)g * width);
            }
            if (s.PairsPerStep == 0)
            {
                Elementwise<V>.Copy(y, x, width);
            }
            for (var k = 0; k < s.PairsPerStep; k++, x = y)
            {
                var column = (long)(k * group + g) * width;
                FactoredProducts<V>.Combine(
                    y, x, width, pairs.K + k * group + g, stride, new VectorSeries(vectors + column, (long)stride * width),
                    new VectorSeries(parts.Columns + column, (long)stride * width), t - start);
            }
        }
    }
}
