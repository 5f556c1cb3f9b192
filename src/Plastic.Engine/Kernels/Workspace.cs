namespace Plastic.Engine;

/// <summary>
/// One worker's memory: what a group of samples needs while it is in flight, in one piece. Grown when episodes do, then
/// kept.
/// </summary>
internal sealed unsafe class Workspace(Plan plan) : IDisposable
{
    private const int Regions = 3;

    private readonly int rowFloats = plan.Synapses.Select(s => Plan.Padded(s.Rows)).DefaultIfEmpty(0).Max();
    private readonly int strideFloats = plan.Synapses.Select(s => s.Stride).DefaultIfEmpty(0).Max();
    private AlignedBuffer memory = new(0);
    private float* scratch, panels, moved, fast, frames;
    private int frameSlots, historySlots = -1;

    /// <summary>
    /// Where the regions of vectors are at the moment. This and the next two are written at every step, and stand here lest
    /// they share a cache line with what another worker reads.
    /// </summary>
    public float** Bases { get; private set; }

    /// <summary>The losses of the group's samples so far.</summary>
    public double* Losses { get; private set; }

    /// <summary>Which way each synapse is swept next.</summary>
    public bool* SweepsUpward { get; private set; }

    public float* Scratch => scratch;

    /// <summary>F̄ of the group.</summary>
    public float* FastBar { get; private set; }

    /// <summary>The sums of the adjoint passes.</summary>
    public float* Sums { get; private set; }

    /// <summary>Fast weights before the clamp, for updates in parts.</summary>
    public float* Moved => moved;

    /// <summary>Pointers to the vectors of the pairs of one synapse: p and q for every step, sample and pair.</summary>
    public nint[] PairPointers { get; private set; } = [];

    public float* Frame(int slot) => frames + (long)slot * plan.FrameSize;

    /// <summary>Fast weights of the group, by slot.</summary>
    public float* Fast(int slot) => fast + (long)slot * plan.FastSize;

    /// <summary>What sample g's kernel in hand reads of pairs.</summary>
    public Panels Panels(int g)
    {
        var rows = panels + g * PanelSize;
        return new(rows, rowFloats, rows + Engine.Panels.RowSlots * rowFloats);
    }

    /// <summary>Makes room for so many frames and stored fast weights, and for the pairs of so many steps.</summary>
    public void Reserve(int frameCount, int historyCount, int steps)
    {
        if (frameSlots < frameCount || historySlots < historyCount)
        {
            Lay(Math.Max(frameSlots, frameCount), Math.Max(historySlots, historyCount));
        }
        if (PairPointers.Length < 2 * plan.MostPairs * steps * plan.Group)
        {
            PairPointers = GC.AllocateArray<nint>(2 * plan.MostPairs * steps * plan.Group, pinned: true);
        }
    }

    public void Dispose() => memory.Dispose();

    private int PanelSize => Engine.Panels.RowSlots * rowFloats + strideFloats / Lanes.Count * Engine.Panels.Width;

    private void Lay(int frameCount, int historyCount)
    {
        var movedSize = plan.Synapses.Where(s => s.IsPlastic && !s.IsImplicit).Select(s => s.Size).DefaultIfEmpty(0).Max();
        long[] sizes =
        [
            Plan.Padded(Regions * sizeof(nint) / sizeof(float)), Plan.Padded(plan.Group * sizeof(double) / sizeof(float)),
            Plan.Padded(plan.Synapses.Length),
            plan.ScratchSize, plan.SumsSize, (long)PanelSize * plan.Group, plan.FastSize, movedSize,
            (long)frameCount * plan.FrameSize, (long)historyCount * plan.FastSize,
        ];
        // The new one first: when there is no room for it, the old one is still there.
        var larger = new AlignedBuffer(sizes.Sum());
        memory.Dispose();
        memory = larger;
        (frameSlots, historySlots) = (frameCount, historyCount);
        var at = memory.Pointer;
        float* Take(long size)
        {
            var start = at;
            at += size;
            return start;
        }
        Bases = (float**)Take(sizes[0]);
        Losses = (double*)Take(sizes[1]);
        SweepsUpward = (bool*)Take(sizes[2]);
        scratch = Take(sizes[3]);
        Sums = Take(sizes[4]);
        panels = Take(sizes[5]);
        FastBar = Take(sizes[6]);
        moved = Take(sizes[7]);
        frames = Take(sizes[8]);
        fast = Take(sizes[9]);
    }
}
