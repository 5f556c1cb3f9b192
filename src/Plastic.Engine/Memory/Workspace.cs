namespace Plastic.Engine;

/// <summary>
/// One worker's memory: what a group of samples needs while it runs, in one block. It grows with the episodes and never shrinks.
/// </summary>
internal sealed unsafe class Workspace(Plan plan) : IDisposable
{
    private const int Regions = 3;
    private static readonly RoomNeeded None = new(0, -1, false, 0, 0);

    private readonly PairMemory[] pairs = new PairMemory[plan.Synapses.Length];
    private readonly float*[] saved = new float*[plan.Saved.Length];
    private AlignedBuffer memory = new(0);
    private float* fast, frames;
    private RoomNeeded room = None;

    /// <summary>
    /// Where the regions of vectors are at the moment. This and the losses are written at every step; here they share no cache line with
    /// what another worker reads.
    /// </summary>
    public float** Bases { get; private set; }

    /// <summary>The losses of the group's samples so far.</summary>
    public double* Losses { get; private set; }

    /// <summary>Vectors that no later step reads.</summary>
    public float* Scratch { get; private set; }

    /// <summary>An operand of every sample, interleaved in tiles; and its products with W.</summary>
    public float* Operand { get; private set; }

    public float* Product { get; private set; }

    /// <summary>For the products of factored synapses, and for the updates of dense ones.</summary>
    public FactoredScratch Factored { get; private set; }

    public DenseScratch Dense { get; private set; }

    /// <summary>A vector for each state of every sample.</summary>
    public float* StateBars { get; private set; }

    /// <summary>A matrix of a synapse.</summary>
    public float* Matrix { get; private set; }

    /// <summary>F̄ of the group.</summary>
    public float* FastBar { get; private set; }

    /// <summary>The pairs of a factored synapse.</summary>
    public ref readonly PairMemory Pairs(FactoredPlan s) => ref pairs[s.Index];

    /// <summary>
    /// Saved products. Of a forward product: a vector for each column of the chunk, step after step. Of a backward product: a vector
    /// for each available column and, after them, one for each sample.
    /// </summary>
    public float* Saved(int number) => saved[number];

    /// <summary>A frame of vectors.</summary>
    public float* Frame(int slot) => frames + (long)slot * plan.FrameSize;

    /// <summary>Fast weights of the group, by slot.</summary>
    public float* Fast(int slot) => fast + (long)slot * plan.FastSize;

    /// <summary>Bytes that a worker takes for what a run needs.</summary>
    public static long BytesFor(Plan plan, RoomNeeded room)
    {
        using var nowhere = new Workspace(plan);
        var sizes = default(BumpAllocator);
        nowhere.Allot(ref sizes, room);
        return AlignedBuffer.BytesFor(sizes.Floats);
    }

    /// <summary>Bytes allotted.</summary>
    public long Bytes => memory.Bytes;

    /// <summary>Makes room for what a run needs, in addition to what earlier runs needed.</summary>
    public void Reserve(RoomNeeded needed)
    {
        var grown = room.And(needed);
        if (grown == room)
        {
            return;
        }
        // Until everything is allotted there is no room: if memory is refused, the next run starts here again.
        room = None;
        var sizes = default(BumpAllocator);
        Allot(ref sizes, grown);
        memory.Dispose();
        memory = new AlignedBuffer(sizes.Floats);
        var pieces = new BumpAllocator(memory.Pointer);
        Allot(ref pieces, grown);
        room = grown;
    }

    public void Dispose() => memory.Dispose();

    private void Allot(ref BumpAllocator from, RoomNeeded room)
    {
        Bases = (float**)from.Allot(Regions * sizeof(nint) / sizeof(float));
        Losses = (double*)from.Allot(plan.Group * sizeof(double) / sizeof(float));
        Scratch = from.Allot(plan.ScratchSize);

        int longest = 0, matrix = 0;
        foreach (var s in plan.Synapses)
        {
            longest = Math.Max(longest, Math.Max(s.Layout.PaddedRows, s.Layout.Stride));
        }
        foreach (var s in plan.Plastic)
        {
            matrix = Math.Max(matrix, s.Layout.Size);
        }
        var operand = (long)Panels.Tiles(plan.Group) * Panels.Columns * longest;
        Operand = from.Allot(operand);
        Product = from.Allot(operand);
        Factored = FactoredScratch.Allot(ref from, plan.Factored, longest, plan.Group, room.Chunk);
        Dense = DenseScratch.Allot(ref from, plan.Dense, longest);
        foreach (var s in plan.Factored)
        {
            pairs[s.Index] = PairMemory.Allot(ref from, s, plan.Group, room.Chunk);
        }
        for (var k = 0; k < saved.Length; k++)
        {
            var products = plan.Saved[k];
            saved[k] = from.Allot(
                products.Width * (products.IsForward
                    ? room.SavedColumns * plan.FactoredOf(products).PairsPerStep
                    : (long)plan.Columns(products, room.Chunk) + plan.Group));
        }
        StateBars = from.Allot(plan.SharesStateBars ? plan.StatesSize : 0);
        Matrix = from.Allot(room.HasFastBar ? matrix : 0);
        FastBar = from.Allot(room.HasFastBar ? plan.FastSize : 0);
        frames = from.Allot((long)room.Frames * plan.FrameSize);
        fast = from.Allot((long)room.FastSlots * plan.FastSize);
    }
}
