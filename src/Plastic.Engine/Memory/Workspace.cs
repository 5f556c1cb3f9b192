namespace Plastic.Engine;

/// <summary>
/// One worker's memory: what a group of samples needs while it is in flight, in one piece. Grown when episodes do, then
/// kept.
/// </summary>
internal sealed unsafe class Workspace(Plan plan) : IDisposable
{
    private const int Regions = 3;
    private static readonly Need Nothing = new(0, -1, 0, 0, 0);

    private readonly PairMemory[] pairs = new PairMemory[plan.Synapses.Length];
    private readonly float*[] records = new float*[plan.Records.Length];
    private AlignedBuffer memory = new(0);
    private float* fast, frames;
    private Need room = Nothing;

    /// <summary>
    /// Where the regions of vectors are at the moment. This and the next are written at every step, and stand here lest they
    /// share a cache line with what another worker reads.
    /// </summary>
    public float** Bases { get; private set; }

    /// <summary>The losses of the group's samples so far.</summary>
    public double* Losses { get; private set; }

    public float* Scratch { get; private set; }

    /// <summary>F̄ of the group.</summary>
    public float* FastBar { get; private set; }

    /// <summary>An operand of every sample, interleaved in tiles; its products with W; and it weighed with every pair.</summary>
    public float* Operand { get; private set; }

    public float* Product { get; private set; }

    public float* Weighed { get; private set; }

    /// <summary>Two places for products that no record holds.</summary>
    public float* Spare { get; private set; }

    public float* OtherSpare { get; private set; }

    /// <summary>Vectors of a chunk's pairs, scaled.</summary>
    public float* Scaled { get; private set; }

    /// <summary>A matrix.</summary>
    public float* Matrix { get; private set; }

    /// <summary>A vector for each state of every sample.</summary>
    public float* Carried { get; private set; }

    /// <summary>A stored state of zeros.</summary>
    public float* Zeros { get; private set; }

    /// <summary>The sums of a stored update's adjoint: for each pair a vector of both, so far apart; for keep; for scalars.</summary>
    public float* RowSums { get; private set; }

    public float* ColumnSums { get; private set; }

    public int SumsApart { get; private set; }

    public float* KeepSums { get; private set; }

    public float* ScalarSums { get; private set; }

    public ref readonly PairMemory Pairs(SynapsePlan s) => ref pairs[s.Index];

    /// <summary>
    /// Where a record starts: one forward is a vector for each column of the chunk, step after step; one backward is a vector
    /// for each column that there is room for and, behind them, one for each sample.
    /// </summary>
    public float* Record(int record) => records[record];

    public float* Frame(int slot) => frames + (long)slot * plan.FrameSize;

    /// <summary>Fast weights of the group, by slot.</summary>
    public float* Fast(int slot) => fast + (long)slot * plan.FastSize;

    /// <summary>Columns of so many pairs a step in a chunk of so many steps, in whole tiles.</summary>
    public static int Columns(Plan plan, int pairs, int chunk) =>
        (chunk * pairs * plan.Group + Panels.Columns - 1) / Panels.Columns * Panels.Columns;

    /// <summary>Floats of the records kept for one step in a chunk of so many.</summary>
    public static long KeptFloats(Plan plan, int chunk)
    {
        var sum = 0L;
        foreach (var record in plan.Records)
        {
            sum += record.IsForward ? (long)Columns(plan, plan.Synapses[record.Synapse].Pairs.Length, chunk) * record.Width : 0;
        }
        return sum;
    }

    /// <summary>Bytes that a worker takes for what a run needs.</summary>
    public static long Bytes(Plan plan, Need need)
    {
        using var nowhere = new Workspace(plan);
        var carver = default(Carver);
        nowhere.Lay(ref carver, need);
        return AlignedBuffer.Bytes(carver.Taken);
    }

    /// <summary>Bytes taken.</summary>
    public long Taken => memory.Taken;

    /// <summary>Makes room for what a run needs beside what runs before it needed.</summary>
    public void Reserve(Need need)
    {
        var grown = room.And(need);
        if (grown == room)
        {
            return;
        }
        // Until all is laid out there is no room: where memory is refused, the next run begins here again.
        room = Nothing;
        var carver = default(Carver);
        Lay(ref carver, grown);
        memory.Dispose();
        memory = new AlignedBuffer(carver.Taken);
        carver = new Carver(memory.Pointer);
        Lay(ref carver, grown);
        room = grown;
    }

    public void Dispose() => memory.Dispose();

    private void Lay(ref Carver carver, Need room)
    {
        Bases = (float**)carver.Take(Regions * sizeof(nint) / sizeof(float));
        Losses = (double*)carver.Take(plan.Group * sizeof(double) / sizeof(float));
        Scratch = carver.Take(plan.ScratchSize);

        int longest = 0, columns = 0, matrix = 0, state = 0, pairsStored = 0;
        foreach (var s in plan.Synapses)
        {
            longest = Math.Max(longest, Math.Max(s.Height, s.Stride));
            if (s.IsPlastic)
            {
                matrix = Math.Max(matrix, s.Size);
                columns = Math.Max(columns, Columns(plan, s.Pairs.Length, room.Chunk));
                state = Math.Max(state, s.IsStored ? s.StateSize : 0);
                pairsStored = Math.Max(pairsStored, s.IsStored ? s.Pairs.Length : 0);
            }
        }
        var tiles = (plan.Group + Panels.Columns - 1) / Panels.Columns;
        Operand = carver.Take((long)tiles * Panels.Columns * longest);
        Product = carver.Take((long)tiles * Panels.Columns * longest);
        Weighed = carver.Take((long)columns * longest);
        Spare = carver.Take((long)(columns + plan.Group) * longest);
        OtherSpare = carver.Take((long)(columns + plan.Group) * longest);
        Scaled = carver.Take((long)room.Chunk * longest);
        Zeros = carver.Take(state);
        SumsApart = longest;
        RowSums = carver.Take((long)pairsStored * longest);
        ColumnSums = carver.Take((long)pairsStored * longest);
        KeepSums = carver.Take(state > 0 ? longest : 0);
        ScalarSums = carver.Take(state > 0 ? Lanes.Count : 0);
        foreach (var s in plan.Synapses)
        {
            if (s.IsImplied)
            {
                Lay(ref carver, ref pairs[s.Index], s, room.Chunk);
            }
        }
        for (var k = 0; k < records.Length; k++)
        {
            var record = plan.Records[k];
            var s = plan.Synapses[record.Synapse];
            records[k] = carver.Take(
                record.Width * (record.IsForward ? room.Kept * s.Pairs.Length : (long)pairs[s.Index].Columns + plan.Group));
        }
        Carried = carver.Take(plan.HasPassages ? plan.StatesSize : 0);
        Matrix = carver.Take(room.Bars > 0 ? matrix : 0);
        FastBar = carver.Take(room.Bars > 0 ? plan.FastSize : 0);
        frames = carver.Take((long)room.Frames * plan.FrameSize);
        fast = carver.Take((long)room.Fasts * plan.FastSize);
    }

    private void Lay(ref Carver carver, ref PairMemory memory, SynapsePlan s, int chunk)
    {
        var columns = Columns(plan, s.Pairs.Length, chunk);
        memory.Columns = columns;
        memory.P = carver.Take((long)columns * s.Height);
        memory.Q = carver.Take((long)columns * s.Stride);
        memory.PTiles = carver.Take((long)columns * s.Rows);
        memory.QTiles = carver.Take((long)columns * s.Stride);
        memory.K = carver.Take(columns);
        memory.Decay = carver.Take(plan.Group);
        memory.PBar = carver.Take((long)columns * s.Height);
        memory.QBar = carver.Take((long)columns * s.Stride);
        memory.KBar = carver.Take(columns);
        memory.DecayBar = carver.Take(plan.Group);
    }
}
