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
internal readonly record struct Place(Region Region, int Offset, int Stride, int Length)
{
    public int Vectors => Plan.Padded(Length) / Lanes.Count;
}

/// <summary>What the engine's instructions do; all but the last three as the Program's.</summary>
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

    /// <summary>The pending update of the step before, and nothing else.</summary>
    Update,

    /// <summary>A step's first Apply, which stores F where the step is a checkpoint.</summary>
    UpdateApply,

    /// <summary>A step's last ApplyT backward, in one pass with the adjoint of the update before the step.</summary>
    ApplyTAdjoint,
}

/// <summary>One instruction with its operands placed.</summary>
internal sealed record Operation(Kind Kind, Place Target, Place A, Place B)
{
    public Unary Unary { get; init; } = Unary.Neg;

    public Binary Binary { get; init; } = Binary.Add;

    public int Synapse { get; init; } = -1;

    /// <summary>First element of a slice.</summary>
    public int Start { get; init; }

    public Place[] Pieces { get; init; } = [];
}

/// <summary>An outer product p ⊗ q by places.</summary>
internal readonly record struct PairPlace(Place P, Place Q);

/// <summary>
/// One synapse's sizes, offsets and slots. Matrices are stored in rows of <see cref="Stride"/> floats, a whole number of
/// vectors, and in <see cref="Rows"/> rows, a multiple of four; what is beyond [n, m] is zero and stays so.
/// </summary>
internal sealed record SynapsePlan(ProgramSynapse Source, int Index, int Group)
{
    private const int BlockFloats = 1024;
    private Place[]? bars;

    /// <summary>
    /// Whether it is stored with rows and columns exchanged, where that takes less padding: Apply is then ApplyT, and every
    /// pair p ⊗ q is q ⊗ p.
    /// </summary>
    public bool IsTurned { get; } = Turns(Source.Matrix);

    public int Rows { get; } = Fours(Turns(Source.Matrix) ? Source.Matrix.Columns : Source.Matrix.Rows);

    public int Stride { get; } = Plan.Padded(Turns(Source.Matrix) ? Source.Matrix.Rows : Source.Matrix.Columns);

    public int Size => Rows * Stride;

    /// <summary>Rows of W that stay in the first-level cache while the samples of a group pass over them; all for one sample.</summary>
    public int BlockRows => Group == 1 ? Rows : Math.Max(4, BlockFloats / Stride / 4 * 4);

    /// <summary>Where W, α, W̄ and ᾱ start within their buffers.</summary>
    public required int MatrixOffset { get; init; }

    /// <summary>Where one sample's F starts, times the group size; −1 when it does not learn.</summary>
    public required int FastOffset { get; init; }

    public bool IsPlastic => Source.IsPlastic;

    /// <summary>
    /// Whether F is implied by a stored one and the pairs since, instead of stored at every step: one pair in the update, no
    /// clamp, one or two pairs in the step's gradient.
    /// </summary>
    public bool IsImplicit =>
        Pairs.Length == 1 && Gradient.Length is 1 or 2 && double.IsPositiveInfinity(Source.Bound);

    /// <summary>Whether the adjoint pass is part of an ApplyT of the backward list.</summary>
    public bool IsClosedByApplyT { get; set; }

    /// <summary>Where the sums of its adjoint pass start, for the whole group.</summary>
    public required int SumsOffset { get; init; }

    /// <summary>Floats of one sample's sums: over rows, over columns, and lane by lane for keep̄.</summary>
    public int SumsSize => Plan.Padded(Rows) + Stride + Lanes.Count;

    public Place Keep { get; init; }

    public Place Rate { get; init; }

    public PairPlace[] Pairs { get; init; } = [];

    public Place? KeepBar { get; init; }

    public Place? RateBar { get; init; }

    public (Place? P, Place? Q)[] PairBars { get; init; } = [];

    public PairPlace[] Gradient { get; init; } = [];

    /// <summary>All cotangents of the update that there are.</summary>
    public Place[] Bars => bars ??=
    [
        .. PairBars.SelectMany(x => new[] { x.P, x.Q }).Append(KeepBar).Append(RateBar).OfType<Place>(),
    ];

    /// <summary>Where element (i, j) of the matrix is, from the matrix's start.</summary>
    public long At(int i, int j) => IsTurned ? (long)j * Stride + i : (long)i * Stride + j;

    /// <summary>Whether a matrix is stored with rows and columns exchanged.</summary>
    public static bool Turns(Matrix matrix) =>
        (long)Fours(matrix.Columns) * Plan.Padded(matrix.Rows) < (long)Fours(matrix.Rows) * Plan.Padded(matrix.Columns);

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
    public Plan(Plastic.Core.Program program, long historyFloats)
    {
        Program = program;
        HistoryFloats = Math.Max(1, historyFloats);
        var layout = new PlanLayout(program);
        Group = layout.Group;
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
        FrameSize = layout.FrameSize;
        ScratchSize = layout.ScratchSize;
        MatrixSize = Synapses.Sum(s => s.Size);
        FastSize = Synapses.Where(s => s.IsPlastic).Sum(s => s.Size) * Group;
        SumsSize = Synapses.Sum(s => s.SumsSize) * Group;
        HasParts = Synapses.Any(s => s.IsPlastic && !s.IsImplicit);
        MostPairs = Synapses.Select(s => s.Gradient.Length).DefaultIfEmpty(0).Max();
        VectorGradientSize = Vectors.Sum(v => Padded(v.Value.Length));
    }

    public Plastic.Core.Program Program { get; }

    /// <summary>Floats that the stored fast weights of one group may take.</summary>
    public long HistoryFloats { get; }

    /// <summary>Samples that run together; part of the arithmetic's order, so it depends on the Program alone.</summary>
    public int Group { get; }

    public (string Name, Place Place)[] Data { get; }

    public (double Value, Place Place)[] Constants { get; }

    public SynapsePlan[] Synapses { get; }

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

    /// <summary>Floats for the sums of a group's adjoint passes.</summary>
    public int SumsSize { get; }

    /// <summary>Floats for the gradients of the vector parameters.</summary>
    public int VectorGradientSize { get; }

    /// <summary>Whether there are synapses whose every F is stored.</summary>
    public bool HasParts { get; }

    /// <summary>The most pairs that a synapse's gradient has at one step.</summary>
    public int MostPairs { get; }

    /// <summary>A length rounded up to whole vectors.</summary>
    public static int Padded(int length) => (length + Lanes.Count - 1) / Lanes.Count * Lanes.Count;
}
