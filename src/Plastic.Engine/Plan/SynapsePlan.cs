namespace Plastic.Engine;

/// <summary>One synapse: its sizes, offsets and the pairs of its gradient. By itself, one without fast weights.</summary>
/// <param name="Index">Its number in the plan.</param>
/// <param name="Name">Its name in the Program.</param>
/// <param name="Layout">How its matrices lie in memory.</param>
/// <param name="Weight">The parameter W.</param>
/// <param name="IsWeightTrained">Whether W is trained.</param>
/// <param name="MatrixOffset">Where W, α, W̄ and ᾱ start within their buffers.</param>
/// <param name="TransposedOffset">Where W and α start where they are transposed and cut into panels.</param>
/// <param name="Gradient">The pairs x ⊗ y that a step adds to W̄, and to F̄ where there is an F.</param>
internal record SynapsePlan(
    int Index, string Name, MatrixLayout Layout, int Weight, bool IsWeightTrained, int MatrixOffset, int TransposedOffset,
    PairPlace[] Gradient);

/// <summary>The places of the operands of an update: keep, rate and the pairs p ⊗ q.</summary>
internal sealed record UpdatePlaces(Place Keep, Place Rate, PairPlace[] Pairs);

/// <summary>The places of their cotangents, of those that are needed.</summary>
internal sealed record UpdateBars(Place? Keep, Place? Rate, (Place? P, Place? Q)[] Pairs)
{
    /// <summary>Whether p̄ of any pair is needed.</summary>
    public bool NeedsP { get; } = Array.Exists(Pairs, pair => pair.P is not null);
}

/// <summary>α of a synapse: the parameter, none for α = 1, and whether it is trained.</summary>
internal readonly record struct AlphaPlan(int? Parameter, bool IsTrained);

/// <summary>A synapse with fast weights.</summary>
internal abstract record PlasticPlan : SynapsePlan
{
    private Place[]? neededBars;

    protected PlasticPlan(SynapsePlan synapse, AlphaPlan alpha, int fastOffset, UpdatePlaces update, UpdateBars bars)
        : base(synapse) => (Alpha, FastOffset, Update, Bars) = (alpha, fastOffset, update, bars);

    public AlphaPlan Alpha { get; }

    /// <summary>Where the group's F starts among the fast weights.</summary>
    public int FastOffset { get; }

    public UpdatePlaces Update { get; }

    public UpdateBars Bars { get; }

    /// <summary>Floats that are stored of a sample at a step.</summary>
    public abstract int StateSize { get; }

    /// <summary>All cotangents of the update that are needed.</summary>
    public Place[] NeededBars => neededBars ??= [.. AllBars().OfType<Place>()];

    protected virtual IEnumerable<Place?> AllBars() =>
        Bars.Pairs.SelectMany(pair => new[] { pair.P, pair.Q }).Append(Bars.Keep).Append(Bars.Rate);
}
