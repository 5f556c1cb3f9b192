using Plastic.Core;

namespace Plastic.Engine;

/// <summary>A state's places at entry and exit, forward and backward.</summary>
internal sealed record StatePlan(string Name, int Length, Place? Entry, Place Next, Place? NextBar, Place? EntryBar);

/// <summary>Data of the batch whose cotangent was asked for, and where that is after the backward list; nowhere if it is zero.</summary>
internal sealed record InputPlan(string Name, int Length, Place? Bar);

/// <summary>A vector parameter: its values, and what one step adds to its gradient.</summary>
internal sealed record VectorPlan(int Parameter, Place Value, Place? Gradient, int GradientOffset);

/// <summary>
/// A Program laid out in memory for groups of samples: every operand has its place before the first batch arrives, so
/// that running it is dispatch and arithmetic alone.
/// </summary>
internal sealed class Plan
{
    /// <param name="program">What is to be run.</param>
    /// <param name="historyFloats">Floats that the stored fast weights of one group may take.</param>
    /// <param name="longestChunk">Steps of a chunk at most.</param>
    public Plan(StepProgram program, long historyFloats, int longestChunk = Chunks.Longest)
    {
        Program = program;
        HistoryFloats = Math.Max(1, historyFloats);
        var strategies = SynapseLayout.Strategies(program);
        var matrices = SynapseLayout.Matrices(program);
        Group = strategies.Append(SynapseStrategy.Slow).Min(s => s.LargestGroup(program.Batch));
        LongestChunk = strategies.Select(s => s.LongestChunk()).Append(longestChunk).Min();
        var slots = new SlotLayout(program, matrices, Group);
        (Forward, Backward, Data, Constants) = (slots.Forward, slots.Backward, slots.Data, slots.Constants);
        Synapses = SynapseLayout.Place(program, strategies, matrices, slots, Group);
        Saved = ProductReuse.Find(Forward, Backward, Synapses);
        Plastic = [.. Synapses.OfType<PlasticPlan>()];
        Factored = [.. Synapses.OfType<FactoredPlan>()];
        Dense = [.. Synapses.OfType<DensePlan>()];
        States = [.. program.States.Select(s =>
            new StatePlan(s.Name, s.Length, slots.At(s.Entry), slots.At(s.Next), slots.At(s.NextBar), slots.At(s.EntryBar)))];
        Inputs = [.. program.Inputs.Select(i => new InputPlan(i.Name, i.Length, slots.At(i.Bar)))];
        Vectors = new VectorPlan[program.Vectors.Length];
        for (var k = 0; k < Vectors.Length; k++)
        {
            var v = program.Vectors[k];
            Vectors[k] = new VectorPlan(v.Parameter, slots.At(v.Slot), slots.At(v.Gradient), VectorGradientSize);
            VectorGradientSize += Lanes.Padded(Vectors[k].Value.Length);
        }
        Outputs = [.. program.Outputs.Select(o => (o.Name, slots.At(o.Slot)))];
        Loss = slots.At(program.Loss);
        (SharedSize, ScratchSize) = (slots.SharedSize, slots.ScratchSize);
        // An odd number of cache lines: one slot's vectors of many steps then fall into different sets of a cache.
        FrameSize = slots.FrameSize / Lanes.Count % 2 == 0 ? slots.FrameSize + Lanes.Count : slots.FrameSize;
        MatrixSize = matrices.Sum(m => m.Size);
        TransposedSize = matrices.Sum(m => m.TransposedSize);
        FastSize = checked(Plastic.Sum(s => s.StateSize) * Group);
        var entries = States.Select(state => state.EntryBar).OfType<Place>().ToHashSet();
        SharesStateBars = States.Any(state => state.NextBar is { } next && entries.Contains(next));
        StatesSize = checked(States.Sum(state => Lanes.Padded(state.Length)) * Group);
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

    /// <summary>All synapses; those with fast weights; and these by the way their fast weights are held.</summary>
    public SynapsePlan[] Synapses { get; }

    public PlasticPlan[] Plastic { get; }

    public FactoredPlan[] Factored { get; }

    public DensePlan[] Dense { get; }

    /// <summary>Products with pairs that are read again.</summary>
    public SavedProducts[] Saved { get; }

    public StatePlan[] States { get; }

    public InputPlan[] Inputs { get; }

    public VectorPlan[] Vectors { get; }

    public PlannedOperation[] Forward { get; }

    public PlannedOperation[] Backward { get; }

    public (string Name, Place Place)[] Outputs { get; }

    public Place Loss { get; }

    /// <summary>Floats for parameters and constants.</summary>
    public int SharedSize { get; }

    /// <summary>Floats for one step of one group.</summary>
    public int FrameSize { get; }

    /// <summary>Floats for what no later step reads.</summary>
    public int ScratchSize { get; }

    /// <summary>Floats for one matrix per synapse.</summary>
    public int MatrixSize { get; }

    /// <summary>Floats for the fast weights of a group at one step.</summary>
    public int FastSize { get; }

    /// <summary>Floats for one transposed matrix per synapse.</summary>
    public int TransposedSize { get; }

    /// <summary>Floats for the gradients of the vector parameters.</summary>
    public int VectorGradientSize { get; }

    /// <summary>Whether a state's next value is a state's value at entry, so that the two share a cotangent.</summary>
    public bool SharesStateBars { get; }

    /// <summary>Floats for one vector per state.</summary>
    public int StatesSize { get; }

    /// <summary>The number of columns of saved products, given the steps of a chunk.</summary>
    public int Columns(SavedProducts saved, int chunk) => FactoredOf(saved).Columns(Group, chunk);

    /// <summary>The synapse of saved products.</summary>
    public FactoredPlan FactoredOf(SavedProducts saved) => (FactoredPlan)Synapses[saved.Synapse];
}
