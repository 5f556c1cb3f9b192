using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// What the engine's method asks of a machine for a training step, counted from the <see cref="StepProgram"/> and the
/// length of an episode (docs/adr/0006). Arithmetic: the operations of the two lists, the products with W, with the pairs of a
/// chunk and with stored fast weights, the updates and their adjoints; without what is computed again where the history is bounded,
/// and without the passes over vectors that put products together. Traffic: W and α once for the samples that run together, a stored F
/// once for each product with it, the products with pairs once written and once read; every vector that an operation reads or writes.
/// </summary>
public sealed class StepCosts
{
    private readonly Plan plan;
    private readonly SynapseCosts[] synapses;

    /// <param name="program">The network's step.</param>
    /// <param name="steps">Steps of an episode, at least 1.</param>
    /// <param name="profile">
    /// A profile of at least one gradient: operations with a zero, as behind a rectifier, are then not counted. Null counts all.
    /// </param>
    public StepCosts(StepProgram program, int steps, StepProfile? profile = null)
        : this(new Plan(program, 1), null, steps, profile)
    {
    }

    private StepCosts(Plan plan, int? group, int steps, StepProfile? profile)
    {
        this.plan = plan;
        var chunks = new Chunks(steps, plan.LongestChunk);
        var since = Enumerable.Range(0, steps).Average(t => t - chunks.Start(t));
        var withStart = Enumerable.Range(0, steps).Average(t => chunks.Start(t) > 0 ? 1.0 : 0);
        synapses = Array.ConvertAll(
            plan.Synapses, s => SynapseCosts.Of(s, group ?? plan.Group, since, withStart, profile?.Densities?[s.Index] ?? (1, 1)));
    }

    /// <summary>The same of the kernels of a device, where each sample reads W and α by itself, and chunks are shorter.</summary>
    /// <param name="program">The network's step.</param>
    /// <param name="steps">Steps of an episode, at least 1.</param>
    public static StepCosts OnDevice(StepProgram program, int steps) =>
        new(new Plan(program, 1, FactoredLayout.LongestChunk), group: 1, steps, profile: null);

    /// <summary>The cost of a whole training step, for one sample and one step, but the optimiser's.</summary>
    public Cost Whole => Of(StepPart.Forward) + Of(StepPart.Backward) + Of(StepPart.WeightGradients) + Of(StepPart.Vectors);

    /// <summary>The cost of a part, for one sample and one step; zero for <see cref="StepPart.Other"/>.</summary>
    public Cost Of(StepPart part) => part switch
    {
        StepPart.Forward => Products(plan.Forward, d => d.Operand) + Sum(synapses, s => s.Update),
        StepPart.Backward => Products(plan.Backward, d => d.Cotangent) + Sum(synapses, s => s.Adjoint),
        StepPart.WeightGradients => Sum(synapses, s => s.WeightGradient),
        StepPart.Vectors => Sum(plan.Forward.OfType<VectorOperation>(), Vector) + Sum(plan.Backward.OfType<VectorOperation>(), Vector),
        _ => default,
    };

    private Cost Products(PlannedOperation[] list, Func<(double Operand, double Cotangent), double> density) =>
        Sum(list.OfType<SynapseProduct>(), product =>
            synapses[product.Synapse].Product(product.Target.Length, density(synapses[product.Synapse].Densities)));

    /// <summary>An operation for each element; its operands are read, its target is written.</summary>
    private static Cost Vector(VectorOperation o)
    {
        int[] lengths = [o.Target.Length, .. o.Operation.Operands.Select(operand => operand.Length)];
        return new Cost(lengths.Max(), sizeof(float) * lengths.Sum());
    }

    private static Cost Sum<T>(IEnumerable<T> items, Func<T, Cost> cost) =>
        items.Aggregate(default(Cost), (sum, item) => sum + cost(item));
}
