namespace Plastic.Engine;

/// <summary>One worker's memory: what a group of samples needs while it is in flight. Grown when steps grow, then kept.</summary>
internal sealed unsafe class Workspace(Plan plan) : IDisposable
{
    private readonly int rowFloats = plan.Synapses.Select(s => Plan.Padded(s.Rows)).DefaultIfEmpty(0).Max();
    private AlignedBuffer? frames, history, rated;
    private int frameSlots, historySlots, ratedSlots;

    public AlignedBuffer Scratch { get; } = new(plan.ScratchSize);

    public AlignedBuffer FastBar { get; } = new(plan.FastSize);

    /// <summary>The sums of the adjoint passes.</summary>
    public AlignedBuffer Sums { get; } = new(plan.SumsSize);

    /// <summary>A block of rows of F, in the first-level cache.</summary>
    public AlignedBuffer Rows { get; } = new(plan.Synapses.Select(s => s.BlockRows * s.Stride).DefaultIfEmpty(0).Max());

    /// <summary>Fast weights before the clamp, for updates that are not of exactly one pair.</summary>
    public AlignedBuffer Moved { get; } = new(
        plan.Synapses.Where(s => s.Pairs.Length != 1 && double.IsFinite(s.Source.Bound)).Select(s => s.Size)
            .DefaultIfEmpty(0).Max());

    /// <summary>Pointers to the vectors of the pairs of one synapse: p and q for every step, sample and pair.</summary>
    public nint[] PairPointers { get; private set; } = [];

    public float* Frame(int slot) => frames!.Pointer + (long)slot * plan.FrameSize;

    /// <summary>Fast weights of the group, by slot. Slot 0 is F at the start of an episode: zero, and never written.</summary>
    public float* Fast(int slot) => history!.Pointer + (long)slot * plan.FastSize;

    /// <summary>rate·p of sample g at a step of the interval in hand.</summary>
    public float* Rated(int g, int step) =>
        rated!.Pointer + ((long)step * plan.Group + g) * rowFloats;

    /// <summary>Makes room for so many frames and kept fast weights.</summary>
    public void Reserve(int frameCount, int historyCount, int interval, int steps)
    {
        Grow(ref frames, ref frameSlots, frameCount, plan.FrameSize);
        Grow(ref history, ref historySlots, historyCount, plan.FastSize);
        Grow(ref rated, ref ratedSlots, interval, (long)rowFloats * plan.Group);
        var pairs = plan.Synapses.Select(s => s.Gradient.Length).DefaultIfEmpty(0).Max();
        if (PairPointers.Length < 2 * pairs * steps * plan.Group)
        {
            PairPointers = GC.AllocateArray<nint>(2 * pairs * steps * plan.Group, pinned: true);
        }
    }

    public void Dispose()
    {
        frames?.Dispose();
        history?.Dispose();
        rated?.Dispose();
        Scratch.Dispose();
        FastBar.Dispose();
        Sums.Dispose();
        Rows.Dispose();
        Moved.Dispose();
    }

    private static void Grow(ref AlignedBuffer? buffer, ref int have, int want, long size)
    {
        if (have < want)
        {
            buffer?.Dispose();
            buffer = new AlignedBuffer(want * size);
            have = want;
        }
    }
}
