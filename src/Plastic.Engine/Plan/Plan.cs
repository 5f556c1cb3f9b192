using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Which memory a vector lives in.</summary>
internal enum Region : byte
{
    /// <summary>Parameters and constants: one copy for all samples and steps.</summary>
    Shared,

    /// <summary>What the backward pass reads of each step: one frame per step.</summary>
    Frame,

    /// <summary>What no later step reads: reused as soon as it has been read for the last time.</summary>
    Scratch,
}

/// <summary>
/// Where a vector lives: sample g of the group at Offset + g·Stride floats. Every vector is padded with zeros to whole
/// lanes, and every kernel keeps it so.
/// </summary>
internal readonly record struct Place(Region Region, int Offset, int Stride, int Length);

/// <summary>What the engine's instructions do.</summary>
internal enum Kind : byte
{
    Map,
    Zip,
    Sum,
    Dot,
    Broadcast,
    Slice,
    Concat,
    Apply,
    ApplyT,
}

/// <summary>One instruction with its operands placed.</summary>
internal sealed record Operation(Kind Kind, Place Target, Place A, Place B)
{
    public Unary Unary { get; init; } = Unary.Neg;

    public Binary Binary { get; init; } = Binary.Add;

    public int Synapse { get; init; } = -1;

    /// <summary>The number of the record that the products of its synapse's pairs go to; −1 when nobody reads them again.</summary>
    public int Record { get; init; } = -1;

    /// <summary>First element of a slice.</summary>
    public int Start { get; init; }

    public Place[] Pieces { get; init; } = [];
}

/// <summary>An outer product p ⊗ q by places.</summary>
internal readonly record struct PairPlace(Place P, Place Q);

/// <summary>
/// Products with the pairs of a chunk that are read again, by the adjoint: z_c = αᵀ(p_c∘x) of an Apply, α(q_c∘v) of an
/// ApplyT. Those of the forward list are kept for every step, those of the backward list until the step is done.
/// </summary>
internal readonly record struct Record(int Synapse, bool IsForward, int Width);

/// <summary>
/// A pair x ⊗ y that a step adds to F̄, with the records of αᵀ(p_c∘x) and of α(q_c∘y); −1 where they are to be computed.
/// </summary>
internal readonly record struct GradientPlan(PairPlace Pair, int Applied, int AppliedT);

/// <summary>
/// One synapse's sizes, offsets and slots. Matrices are stored in rows of <see cref="Stride"/> floats, a whole number of
/// vectors, and in <see cref="Rows"/> rows, a multiple of four; what is beyond [n, m] is zero and stays so.
/// </summary>
internal sealed record SynapsePlan(ProgramSynapse Source, int Index, bool KeepsPerOutput)
{
    private Place[]? bars;

    /// <summary>
    /// Whether it is stored with rows and columns exchanged, where that takes less padding: Apply is then ApplyT, and every
    /// pair p ⊗ q is q ⊗ p.
    /// </summary>
    public bool IsTurned { get; } = Turns(Source.Matrix, KeepsPerOutput);

    public int Rows { get; } =
        Fours(Turns(Source.Matrix, KeepsPerOutput) ? Source.Matrix.Columns : Source.Matrix.Rows);

    public int Stride { get; } =
        Plan.Padded(Turns(Source.Matrix, KeepsPerOutput) ? Source.Matrix.Rows : Source.Matrix.Columns);

    public int Size => Rows * Stride;

    /// <summary>Rows as the padded elements of a vector.</summary>
    public int Height => Plan.Padded(Rows);

    /// <summary>Where W, α, W̄ and ᾱ start within their buffers.</summary>
    public required int MatrixOffset { get; init; }

    /// <summary>Where W and α start where they are turned and cut into panels, [Stride, Height].</summary>
    public required int TurnedOffset { get; init; }

    /// <summary>Where one sample's F starts, times the group size; −1 when it does not learn.</summary>
    public required int FastOffset { get; init; }

    public bool IsPlastic => Source.IsPlastic;

    /// <summary>
    /// Whether F is the one at its chunk's start and the pairs since. A bound, a keep of each output's own or an eligibility
    /// trace make it something else, and every F is stored.
    /// </summary>
    public bool IsImplied => Implies(Source, KeepsPerOutput);

    public bool IsStored => IsPlastic && !IsImplied;

    /// <summary>Whether α stands outside, so that a trace H is stored beside F = α∘H.</summary>
    public bool IsOnTrace => Source.Bound.IsOnTrace;

    public bool IsEligible => Source.HasEligibility;

    /// <summary>Floats that are stored of a sample at a step: F, H where it is not F, E.</summary>
    public int StateSize => Size * (1 + (IsOnTrace ? 1 : 0) + (IsEligible ? 1 : 0));

    public Place Keep { get; init; }

    public Place Rate { get; init; }

    public Place EligibilityKeep { get; init; }

    public Place EligibilityRate { get; init; }

    public PairPlace[] Pairs { get; init; } = [];

    public Place? KeepBar { get; init; }

    public Place? RateBar { get; init; }

    public Place? EligibilityKeepBar { get; init; }

    public Place? EligibilityRateBar { get; init; }

    public (Place? P, Place? Q)[] PairBars { get; init; } = [];

    public GradientPlan[] Gradient { get; set; } = [];

    /// <summary>All cotangents of the update that there are.</summary>
    public Place[] Bars => bars ??=
    [
        .. PairBars.SelectMany(x => new[] { x.P, x.Q }).Append(KeepBar).Append(RateBar)
            .Append(EligibilityKeepBar).Append(EligibilityRateBar).OfType<Place>(),
    ];

    /// <summary>Where element (i, j) of the matrix is, from the matrix's start.</summary>
    public long At(int i, int j) => IsTurned ? (long)j * Stride + i : (long)i * Stride + j;

    /// <summary>The parts of what is stored.</summary>
    public unsafe StoredState StateAt(float* start) => new()
    {
        Fast = start,
        Trace = start + (IsOnTrace ? Size : 0),
        Eligibility = start + (IsOnTrace ? 2 * Size : Size),
    };

    /// <summary>Whether a synapse's F is implied by its chunk's pairs.</summary>
    public static bool Implies(ProgramSynapse s, bool keepsPerOutput) =>
        s.IsPlastic && s.Bound.IsFree && !s.HasEligibility && !keepsPerOutput;

    /// <summary>Whether a matrix is stored with rows and columns exchanged; not where its columns have keeps of their own.</summary>
    public static bool Turns(Matrix matrix, bool keepsPerOutput) =>
        !keepsPerOutput && (long)Fours(matrix.Columns) * Plan.Padded(matrix.Rows) < (long)Fours(matrix.Rows) * Plan.Padded(matrix.Columns);

    private static int Fours(int rows) => (rows + 3) / 4 * 4;
}

/// <summary>A state's places at entry and exit, forward and backward.</summary>
internal sealed record StatePlan(string Name, int Length, Place? Entry, Place Next, Place? NextBar, Place? EntryBar);

/// <summary>A vector parameter: its values, and what one step adds to its gradient.</summary>
internal sealed record VectorPlan(int Parameter, Place Value, Place? Gradient, int GradientOffset);

/// <summary>
/// A Program laid out in memory for groups of samples: every operand has its place before the first batch arrives, so
/// that running it is dispatch and arithmetic alone.
/// </summary>
internal sealed class Plan
{
    public Plan(StepProgram program, long historyFloats, int longestChunk = Chunks.Longest)
    {
        Program = program;
        HistoryFloats = Math.Max(1, historyFloats);
        var layout = new PlanLayout(program);
        Group = layout.Group;
        Records = layout.Records;
        Data = layout.Data;
        Constants = layout.Constants;
        Synapses = layout.Synapses;
        States = layout.States;
        Vectors = layout.Vectors;
        Forward = layout.Forward;
        Backward = layout.Backward;
        Outputs = layout.Outputs;
        Loss = layout.Loss;
        SharedSize = layout.SharedSize;
        // An odd number of cache lines: one slot's vectors of many steps then fall into different sets of a cache.
        FrameSize = layout.FrameSize / Lanes.Count % 2 == 0 ? layout.FrameSize + Lanes.Count : layout.FrameSize;
        ScratchSize = layout.ScratchSize;
        MatrixSize = Synapses.Sum(s => s.Size);
        FastSize = checked(Synapses.Where(s => s.IsPlastic).Sum(s => s.StateSize) * Group);
        TurnedSize = Synapses.Sum(s => s.Stride * s.Height);
        HasStored = Synapses.Any(s => s.IsStored);
        LongestChunk = HasStored ? Math.Min(longestChunk, Chunks.LongestStored) : longestChunk;
        var entries = States.Select(state => state.EntryBar).OfType<Place>().ToHashSet();
        HasPassages = States.Any(state => state.NextBar is { } next && entries.Contains(next));
        StatesSize = checked(States.Sum(state => Padded(state.Length)) * Group);
        VectorGradientSize = Vectors.Sum(v => Padded(v.Value.Length));
    }

    public StepProgram Program { get; }

    /// <summary>Floats that the stored fast weights of one group may take.</summary>
    public long HistoryFloats { get; }

    /// <summary>Steps of a chunk at most.</summary>
    public int LongestChunk { get; }

    /// <summary>Samples that run together; part of the arithmetic's order, so it depends on the Program alone.</summary>
    public int Group { get; }

    public (string Name, Place Place)[] Data { get; }

    public (double Value, Place Place)[] Constants { get; }

    public SynapsePlan[] Synapses { get; }

    public Record[] Records { get; }

    public StatePlan[] States { get; }

    public VectorPlan[] Vectors { get; }

    public Operation[] Forward { get; }

    public Operation[] Backward { get; }

    public (string Name, Place Place)[] Outputs { get; }

    public Place Loss { get; }

    /// <summary>Floats for parameters and constants.</summary>
    public int SharedSize { get; }

    /// <summary>Floats for one step of one group.</summary>
    public int FrameSize { get; }

    public int ScratchSize { get; }

    /// <summary>Floats for one matrix per synapse.</summary>
    public int MatrixSize { get; }

    /// <summary>Floats for the fast weights of a group at one step.</summary>
    public int FastSize { get; }

    /// <summary>Floats for one turned matrix per synapse.</summary>
    public int TurnedSize { get; }

    /// <summary>Floats for the gradients of the vector parameters.</summary>
    public int VectorGradientSize { get; }

    /// <summary>
    /// Whether a state's next value is a state's value at entry, so that the two share a cotangent.
    /// </summary>
    public bool HasPassages { get; }

    /// <summary>Floats for one vector per state.</summary>
    public int StatesSize { get; }

    /// <summary>Whether there are synapses whose every F is stored.</summary>
    public bool HasStored { get; }

    /// <summary>A length rounded up to whole vectors.</summary>
    public static int Padded(int length) => (length + Lanes.Count - 1) / Lanes.Count * Lanes.Count;
}
