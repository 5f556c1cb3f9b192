namespace Plastic.Engine;

/// <summary>
/// Products with the pairs of a chunk that the adjoint reads again: z_c = αᵀ(p_c∘x) or, transposed, α(q_c∘v). Those of the forward
/// list are saved for every step if there is room, those of the backward list until the step is done.
/// </summary>
/// <param name="Synapse">Of which synapse.</param>
/// <param name="IsForward">Of which list.</param>
/// <param name="Width">Elements of a product.</param>
internal readonly record struct SavedProducts(int Synapse, bool IsForward, int Width);

/// <summary>
/// A pair x ⊗ y that a step adds to F̄, with the numbers of the saved products z_c = αᵀ(p_c∘x) and w_c = α(q_c∘y), if the Program computes
/// them anyway.
/// </summary>
internal readonly record struct FactoredGradient(PairPlace Pair, int? Z, int? W);

/// <summary>
/// A synapse whose F is held by its factors: that of its chunk's start, which is stored, and the pairs of the updates since
/// (docs/adr/0006).
/// </summary>
internal sealed record FactoredPlan : PlasticPlan
{
    public FactoredPlan(SynapsePlan synapse, AlphaPlan alpha, int fastOffset, UpdatePlaces update, UpdateBars bars)
        : base(synapse, alpha, fastOffset, update, bars)
    {
    }

    /// <summary>The pairs of the gradient, with their products, as ProductReuse finds them.</summary>
    public FactoredGradient[] SavedGradient { get; init; } = [];

    /// <summary>Pairs in one update.</summary>
    public int PairsPerStep => Update.Pairs.Length;

    /// <inheritdoc/>
    public override int StateSize => Layout.Size;

    /// <summary>The number of columns for the pairs of a chunk, in whole tiles, given its steps and the samples of the group.</summary>
    public int Columns(int group, int steps) => Columns(group, steps, PairsPerStep);

    /// <summary>The number of columns, given the pairs per step.</summary>
    public static int Columns(int group, int steps, int pairs) => Panels.Tiles(steps * pairs * group) * Panels.Columns;
}
