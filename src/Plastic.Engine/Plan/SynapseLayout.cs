using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Plans the synapses of a Program: a strategy for each, offsets, and the places of what its update reads and writes.</summary>
internal static class SynapseLayout
{
    /// <summary>How the fast weights of every synapse are to be held.</summary>
    public static SynapseStrategy[] Strategies(StepProgram program) =>
        Array.ConvertAll(program.Synapses, s => SynapseStrategies.Of(s, KeepsPerOutput(program, s)));

    /// <summary>How the matrices of every synapse lie in memory.</summary>
    public static MatrixLayout[] Matrices(StepProgram program) =>
        Array.ConvertAll(
            program.Synapses, s => new MatrixLayout(s.Matrix.Rows, s.Matrix.Columns, mayTranspose: !KeepsPerOutput(program, s)));

    /// <summary>The plans of all synapses.</summary>
    public static SynapsePlan[] Place(StepProgram program, SynapseStrategy[] strategies, MatrixLayout[] matrices, SlotLayout slots, int group)
    {
        int matrixOffset = 0, transposedOffset = 0, fastOffset = 0;
        var plans = new SynapsePlan[program.Synapses.Length];
        for (var k = 0; k < plans.Length; k++)
        {
            var s = program.Synapses[k];
            var synapse = new SynapsePlan(
                k, s.Matrix.Name, matrices[k], s.Weight, program.Parameters[s.Weight].Trained, matrixOffset, transposedOffset,
                Pairs(s.Gradient, matrices[k], slots));
            plans[k] = s.Update.IsSome
                ? Plastic(program, s.Update.Value, strategies[k], synapse, AlphaOf(program, s), fastOffset, slots)
                : synapse;
            matrixOffset += matrices[k].Size;
            transposedOffset += matrices[k].TransposedSize;
            fastOffset = checked(fastOffset + (plans[k] is PlasticPlan plastic ? plastic.StateSize * group : 0));
        }
        return plans;
    }

    private static PlasticPlan Plastic(
        StepProgram program, SynapseUpdate update, SynapseStrategy strategy, SynapsePlan synapse, AlphaPlan alpha, int fastOffset,
        SlotLayout slots)
    {
        var (operands, layout) = (update.Operands, synapse.Layout);
        var places = new UpdatePlaces(slots.At(operands.Keep), slots.At(operands.Rate), Pairs(operands.Pairs, layout, slots));
        var bars = new UpdateBars(
            slots.At(update.Bars.Keep), slots.At(update.Bars.Rate),
            Array.ConvertAll(update.Bars.Pairs, pair => layout.Pair(slots.At(pair.P), slots.At(pair.Q))));
        if (strategy == SynapseStrategy.Factored)
        {
            return new FactoredPlan(synapse, alpha, fastOffset, places, bars);
        }
        return new DensePlan(synapse, alpha, fastOffset, places, bars)
        {
            KeepsPerOutput = KeepsPerOutput(program, update),
            IsOnTrace = update.Bound.IsOnTrace,
            Bound = (float)update.Bound.Limit,
            Eligibility = operands.Eligibility.IsSome
                ? Eligibility(operands.Eligibility.Value, update.Bars.Eligibility.Value, slots)
                : null,
        };
    }

    private static EligibilityPlaces Eligibility(EligibilityOperands<int> operands, EligibilityOperands<int?> bars, SlotLayout slots) =>
        new(slots.At(operands.Keep), slots.At(operands.Rate), slots.At(bars.Keep), slots.At(bars.Rate));

    private static AlphaPlan AlphaOf(StepProgram program, ProgramSynapse s) =>
        s.Alpha is { } alpha ? new AlphaPlan(alpha, program.Parameters[alpha].Trained) : default;

    private static PairPlace[] Pairs(Pair<int>[] pairs, MatrixLayout layout, SlotLayout slots) =>
        Array.ConvertAll(pairs, pair =>
        {
            var (p, q) = layout.Pair(slots.At(pair.P), slots.At(pair.Q));
            return new PairPlace(p, q);
        });

    /// <summary>Whether a synapse's keep has a value for each output.</summary>
    private static bool KeepsPerOutput(StepProgram program, ProgramSynapse s) =>
        s.Update.IsSome && KeepsPerOutput(program, s.Update.Value);

    private static bool KeepsPerOutput(StepProgram program, SynapseUpdate update) => program.Slots[update.Operands.Keep].Length > 1;
}
