using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// A synapse whose fast weights are held by their factors (docs/adr/0006): F(t) is that of its chunk's start a and the pairs since,
/// F(t) = d·F(a) + Σ_c k_c·α∘(p_c ⊗ q_c). What a frame holds of it: the coefficients k and d after the step, and the products
/// z_c = αᵀ(p_c∘x) of the forward list that the adjoint reads again.
/// </summary>
internal sealed class FactoredLayout
{
    /// <summary>Steps of a chunk at most: two vectors of four pairs.</summary>
    public const int LongestChunk = 8;

    private readonly Dictionary<(int Slot, bool IsTransposed), int> saved = [];

    /// <param name="program">The Program.</param>
    /// <param name="index">The synapse.</param>
    /// <param name="start">Where its F, and its F transposed, lie among those of a chunk's start.</param>
    /// <param name="frame">Where its part of a frame begins.</param>
    public FactoredLayout(StepProgram program, int index, int start, int frame)
    {
        (Index, Synapse, Start, Coefficients) = (index, program.Synapses[index], start, frame);
        FrameSize = LongestChunk + 1;
        foreach (var operation in program.Forward.Select(x => x.Operation))
        {
            var (slot, isTransposed) = operation switch
            {
                Operation<int, int>.Apply product when product.matrix == index => (product.x, false),
                Operation<int, int>.ApplyT product when product.matrix == index => (product.v, true),
                _ => (-1, false),
            };
            if (!Synapse.Gradient.Any(pair => (isTransposed ? pair.Q : pair.P) == slot)) continue;
            if (saved.TryAdd((slot, isTransposed), frame + FrameSize)) FrameSize += ProductSize(isTransposed);
        }
    }

    /// <summary>The synapse's number.</summary>
    public int Index { get; }

    public ProgramSynapse Synapse { get; }

    /// <summary>Inputs.</summary>
    public int Rows => Synapse.Matrix.Rows;

    /// <summary>Outputs.</summary>
    public int Columns => Synapse.Matrix.Columns;

    /// <summary>What the update reads.</summary>
    public UpdateOperands<int> Operands => Synapse.Update.Value.Operands;

    /// <summary>Pairs of one update.</summary>
    public int Pairs => Operands.Pairs.Length;

    /// <summary>Where F, and behind it Fᵀ, lie among those of a chunk's start.</summary>
    public int Start { get; }

    /// <summary>Where a frame holds the coefficients k_c after its step, and behind them d.</summary>
    public int Coefficients { get; }

    /// <summary>Floats of a frame.</summary>
    public int FrameSize { get; }

    /// <summary>
    /// F is factored where it is the sum of a chunk's pairs: no bound, no keep of its own for each output, no eligibility trace; and where
    /// its products are vectors.
    /// </summary>
    public static bool Suits(StepProgram program, ProgramSynapse s) =>
        s.IsPlastic && s.Matrix is { Rows: > 1, Columns: > 1 }
        && SynapseStrategies.Of(s, program.Slots[s.Update.Value.Operands.Keep].Length > 1) == SynapseStrategy.Factored;

    /// <summary>Where a frame holds the products of a slot with the pairs, and with F(a), if the forward list makes them.</summary>
    public int? Saved(int slot, bool isTransposed) => saved.TryGetValue((slot, isTransposed), out var at) ? at : null;

    /// <summary>Floats of all products of a vector: with each pair of a chunk, and with F(a).</summary>
    public int ProductSize(bool isTransposed) => (LongestChunk * Pairs + 1) * (isTransposed ? Rows : Columns);
}
