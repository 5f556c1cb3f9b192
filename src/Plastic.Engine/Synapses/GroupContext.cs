namespace Plastic.Engine;

/// <summary>
/// What a group of samples needs while it runs: which samples, on what schedule, with which memory. It is the same from the first step to the
/// last; only the current frame changes, and it is in the workspace.
/// </summary>
/// <param name="plan">What is run.</param>
/// <param name="schedule">How it goes through the episode.</param>
/// <param name="workspace">The worker's memory, reserved for that.</param>
/// <param name="parameters">The parameters.</param>
/// <param name="gradients">Where the shard adds up its gradient.</param>
/// <param name="first">The group's first sample in the batch.</param>
/// <param name="count">Samples in the group.</param>
/// <param name="stop">Asks the run to stop.</param>
internal readonly unsafe struct GroupContext(
    Plan plan, EpisodeSchedule schedule, Workspace workspace, SharedParameters parameters, ShardGradients gradients, int first, int count,
    CancellationToken stop)
{
    public readonly Plan Plan = plan;
    public readonly EpisodeSchedule Schedule = schedule;
    public readonly Workspace Workspace = workspace;
    public readonly SharedParameters Parameters = parameters;
    public readonly ShardGradients Gradients = gradients;
    public readonly int First = first, Count = count;
    public readonly CancellationToken Stop = stop;

    private readonly float** bases = workspace.Bases;

    public int Steps => Schedule.Steps;

    public Chunks Chunks => Schedule.Chunks;

    /// <summary>From here on vectors of frames are those of step t.</summary>
    public void EnterFrame(int t) => bases[(int)Region.Frame] = Frame(t);

    /// <summary>Sample g of a vector of the step in force.</summary>
    public float* At(Place place, int g) => bases[(int)place.Region] + place.Offset + g * place.Stride;

    /// <summary>Sample g of a vector of step t; what is not in a frame is the same at every step.</summary>
    public float* At(Place place, int g, int t) =>
        (place.Region == Region.Frame ? Frame(t) : bases[(int)place.Region]) + place.Offset + g * place.Stride;

    /// <summary>Sample g of a vector of every step from t on.</summary>
    public VectorSeries From(Place place, int g, int t) =>
        new(At(place, g, t), place.Region == Region.Frame ? Plan.FrameSize : 0);

    /// <summary>Sample g of a pair of every step from t on.</summary>
    public PairSeries From(PairPlace pair, int g, int t) => new(From(pair.P, g, t), From(pair.Q, g, t));

    /// <summary>A vector of every sample of the step in force.</summary>
    public VectorSeries Samples(Place place) => new(At(place, 0), place.Stride);

    /// <summary>A vector of every sample of step t.</summary>
    public VectorSeries Samples(Place place, int t) => new(At(place, 0, t), place.Stride);

    /// <summary>Sample g's F of a synapse, or the state that it is made from, at the start of step t ≥ 1, if it is stored.</summary>
    public float* Fast(PlasticPlan s, int g, int t) =>
        Workspace.Fast(Schedule.FastSlot(t)) + s.FastOffset + (long)g * s.StateSize;

    /// <summary>Sample g's F of a synapse, or the state that it is made from, as the update that an observer reads leaves it.</summary>
    public float* FastAfter(PlasticPlan s, int g) =>
        Workspace.Fast(Schedule.SlotApart) + s.FastOffset + (long)g * s.StateSize;

    /// <summary>Sample g's F̄, or the cotangent of the state that F is made from.</summary>
    public float* FastBar(PlasticPlan s, int g) => Workspace.FastBar + s.FastOffset + (long)g * s.StateSize;

    /// <summary>α of a synapse, row by row.</summary>
    public float* Alpha(PlasticPlan s) => Parameters.Alphas + s.MatrixOffset;

    /// <summary>Clears a vector of every sample of the step in force.</summary>
    public void Clear(Place place) => Clear(At(place, 0), (long)place.Stride * Count);

    /// <summary>Zeros.</summary>
    public static void Clear(float* start, long length) => new Span<float>(start, checked((int)length)).Clear();

    private float* Frame(int t) => Workspace.Frame(Schedule.Frame(t));
}
