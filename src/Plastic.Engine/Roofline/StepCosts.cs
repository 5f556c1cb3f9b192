using Plastic.Core;

namespace Plastic.Engine;

/// <summary>Arithmetic and traffic of a part of a training step.</summary>
/// <param name="Flops">Additions and multiplications.</param>
/// <param name="Bytes">Bytes of float32 read and written.</param>
public readonly record struct Cost(double Flops, double Bytes)
{
    /// <summary>Both together.</summary>
    public static Cost operator +(Cost a, Cost b) => new(a.Flops + b.Flops, a.Bytes + b.Bytes);

    /// <summary>So many times the same.</summary>
    public static Cost operator *(double times, Cost a) => new(times * a.Flops, times * a.Bytes);
}

/// <summary>
/// What the engine's method asks of a machine for a training step, counted from the <see cref="StepProgram"/> and the
/// length of an episode (docs/adr/0006). Arithmetic: the operations of the two lists, the products with W, with the pairs of a
/// chunk and with stored fast weights, the updates and their adjoints; not what is computed again where the history is bounded,
/// nor the passes over vectors that put products together. Traffic: W and α once for the samples that run together, a stored F once for
/// each product with it, the products with pairs once written and once read; every vector that an operation reads or writes.
/// </summary>
public sealed class StepCosts
{
    private readonly Plan plan;

    /// <summary>Pairs that a product meets on average, for one pair in each update; share of the steps whose chunk starts from a stored F.</summary>
    private readonly double pairs, stored;

    /// <param name="program">What is run.</param>
    /// <param name="steps">Steps of an episode.</param>
    public StepCosts(StepProgram program, int steps)
    {
        plan = new Plan(program, 1);
        var chunks = new Chunks(steps, plan.LongestChunk);
        pairs = Enumerable.Range(0, steps).Average(t => t - chunks.Start(t));
        stored = Enumerable.Range(0, steps).Average(t => chunks.Start(t) > 0 ? 1.0 : 0);
    }

    /// <summary>The cost of a part, for one sample and one step.</summary>
    public Cost Of(StepPart part) => part switch
    {
        StepPart.Forward => Products(plan.Forward) + plan.Synapses.Aggregate(default(Cost), (sum, s) => sum + Update(s)),
        StepPart.Backward => Products(plan.Backward) + plan.Synapses.Aggregate(default(Cost), (sum, s) => sum + Adjoint(s)),
        StepPart.WeightGradients => new(plan.Synapses.Sum(s => 2 * s.Gradient.Length * Size(s)), 0),
        StepPart.Vectors => Vectors(plan.Program, plan.Program.Forward) + Vectors(plan.Program, plan.Program.Backward),
        _ => default,
    };

    private Cost Products(Operation[] list)
    {
        var sum = default(Cost);
        foreach (var o in list)
        {
            if (o.Synapse >= 0)
            {
                sum += Product(plan.Synapses[o.Synapse], o.Target.Length);
            }
        }
        return sum;
    }

    /// <summary>A multiply-add for each connection: with W, with α and each pair, with a stored F.</summary>
    private Cost Product(SynapsePlan s, int width)
    {
        if (s.IsStored)
        {
            return new Cost(4 * Size(s), sizeof(float) * Size(s) * (1 + 1.0 / plan.Group));
        }
        var met = s.IsPlastic ? pairs * s.Pairs.Length : 0;
        var fast = s.IsPlastic ? stored : 0;
        return new Cost(
            2 * Size(s) * (1 + met + fast),
            sizeof(float) * (Size(s) * ((s.IsPlastic ? 2.0 : 1) / plan.Group + fast) + 2 * met * width));
    }

    /// <summary>F' = keep·F + Σ rate·α∘(p ⊗ q): at every step where it is stored, else in one sum where a chunk ends.</summary>
    private Cost Update(SynapsePlan s) =>
        s.IsStored ? new Cost((6 + 2 * s.Pairs.Length) * Size(s), sizeof(float) * (Size(s) + 2.0 * s.StateSize * Size(s) / s.Size))
        : s.IsPlastic ? new Cost(stored * 2 * s.Pairs.Length * Size(s), 0)
        : default;

    /// <summary>
    /// F̄ takes in the step's pairs, is weighed with those of the update for ᾱ, and decays; a stored F̄ is multiplied with both
    /// vectors of every pair.
    /// </summary>
    private Cost Adjoint(SynapsePlan s) =>
        s.IsStored ? new Cost(
            (2 * s.Gradient.Length + 11 + 6 * s.Pairs.Length) * Size(s),
            sizeof(float) * (3 * Size(s) + 3.0 * s.StateSize * Size(s) / s.Size))
        : s.IsPlastic ? new Cost(
            (Settles(s) ? 2 * s.Gradient.Length + 1 + 3 * s.Pairs.Length : 0) * Size(s)
            + stored * 4 * s.Pairs.Length * Size(s) + s.Gradient.Sum(g => Unrecorded(s, g)), 0)
        : default;

    /// <summary>Whether a chunk's F̄ is formed at all: for ᾱ, or for the chunk before.</summary>
    private bool Settles(SynapsePlan s) =>
        stored > 0 || (s.Source.Alpha is { } alpha && plan.Program.Parameters[alpha].Trained);

    /// <summary>Products that neither list computes and the adjoint asks for: z always, w for p̄ or for a stored F.</summary>
    private double Unrecorded(SynapsePlan s, GradientPlan gradient)
    {
        var met = pairs * s.Pairs.Length;
        var z = gradient.Applied < 0 ? met : 0;
        var w = gradient.AppliedT >= 0 ? 0 : s.PairBars.Any(bars => bars.P is not null) ? met + stored : stored * (met + 1);
        return 2 * Size(s) * (z + w);
    }

    /// <summary>An operation for each element; its operands are read, its target is written.</summary>
    private static Cost Vectors(StepProgram program, Instruction[] list)
    {
        var sum = default(Cost);
        foreach (var i in list)
        {
            if (i.Compute is not (Compute.Apply or Compute.ApplyT))
            {
                var lengths = i.Compute.Operands.Append(i.Target).Select(slot => program.Slots[slot].Length).ToArray();
                sum += new Cost(lengths.Max(), sizeof(float) * lengths.Sum());
            }
        }
        return sum;
    }

    private static double Size(SynapsePlan s) => (double)s.Source.Matrix.Rows * s.Source.Matrix.Columns;
}
