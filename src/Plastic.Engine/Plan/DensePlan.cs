namespace Plastic.Engine;

/// <summary>The places of the operands of an eligibility trace's update, and of their cotangents.</summary>
internal sealed record EligibilityPlaces(Place Keep, Place Rate, Place? KeepBar, Place? RateBar);

/// <summary>
/// A synapse whose F, or the trace H that it is made of, is stored as a matrix at every step of a chunk, with the eligibility trace E if it
/// has one.
/// </summary>
internal sealed record DensePlan : PlasticPlan
{
    public DensePlan(SynapsePlan synapse, AlphaPlan alpha, int fastOffset, UpdatePlaces update, UpdateBars bars)
        : base(synapse, alpha, fastOffset, update, bars)
    {
    }

    /// <summary>Whether keep has a value for each output.</summary>
    public required bool KeepsPerOutput { get; init; }

    /// <summary>Whether α is outside, so that a trace H is stored, and F = α∘H is not.</summary>
    public required bool IsOnTrace { get; init; }

    /// <summary>The bound on the magnitude of an element of F, or of H; infinity for none.</summary>
    public required float Bound { get; init; }

    /// <summary>Whether there is a bound.</summary>
    public bool IsBounded => !float.IsPositiveInfinity(Bound);

    /// <summary>Of the eligibility trace, if there is one.</summary>
    public required EligibilityPlaces? Eligibility { get; init; }

    /// <inheritdoc/>
    public override int StateSize => Layout.Size * (Eligibility is null ? 1 : 2);

    /// <inheritdoc/>
    protected override IEnumerable<Place?> AllBars() => base.AllBars().Append(Eligibility?.KeepBar).Append(Eligibility?.RateBar);

    /// <summary>The parts of what is stored.</summary>
    public unsafe DenseState StateAt(float* start) => new()
    {
        Trace = start,
        Eligibility = start + Layout.Size,
    };
}
