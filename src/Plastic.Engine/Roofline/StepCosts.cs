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
/// What a training step of a <see cref="Plastic.Core.Program"/> asks of a machine at least, counted from the Program alone.
/// Arithmetic: every operation of the two lists, of the updates and of their adjoints. Traffic: every matrix that a sample's
/// pass over time has to read at a step, once, forward W, α and F, backward F̄ too; a W that nothing changes serves a whole
/// batch; every vector that an operation reads or writes.
/// </summary>
public static class StepCosts
{
    /// <summary>The cost of a part, for one sample and one step.</summary>
    public static Cost Of(Plastic.Core.Program program, StepPart part) => part switch
    {
        StepPart.Forward => new(
            Products(program, program.Forward) + program.Synapses.Sum(Update), Traffic(program, plastic: 1)),
        StepPart.Backward => new(
            Products(program, program.Backward) + program.Synapses.Sum(Adjoint), Traffic(program, plastic: 2)),
        StepPart.WeightGradients => new(program.Synapses.Sum(s => 2 * s.Gradient.Length * Size(s)), 0),
        StepPart.Vectors => Vectors(program, program.Forward) + Vectors(program, program.Backward),
        _ => default,
    };

    /// <summary>(W + F)ᵀx or (W + F)v: a sum and a multiply-add for each connection; Wᵀx or Wv: the multiply-add.</summary>
    private static double Products(Plastic.Core.Program program, Instruction[] list) => list.Sum(i => i.Compute switch
    {
        Compute.Apply c => Product(program.Synapses[c.synapse]),
        Compute.ApplyT c => Product(program.Synapses[c.synapse]),
        _ => 0,
    });

    private static double Product(ProgramSynapse s) => (s.IsPlastic ? 3 : 2) * Size(s);

    /// <summary>F' = keep·F + Σ rate·α∘(p ⊗ q).</summary>
    private static double Update(ProgramSynapse s) => s.IsPlastic ? (1 + 3 * s.Pairs.Length) * Size(s) : 0;

    /// <summary>F̄ takes in the step's pairs; ⟨F̄, F⟩; for each pair α∘F̄, its two products, and ᾱ; keep·F̄.</summary>
    private static double Adjoint(ProgramSynapse s) =>
        s.IsPlastic ? (2 * s.Gradient.Length + 3 + 8 * s.Pairs.Length) * Size(s) : 0;

    /// <summary>Of a plastic synapse W, α where it is trained, and so many matrices of the sample's own.</summary>
    private static double Traffic(Plastic.Core.Program program, int plastic) => program.Synapses.Sum(s =>
        s.IsPlastic
            ? sizeof(float) * Size(s) * (1 + (s.Alpha >= 0 ? 1 : 0) + plastic)
            : sizeof(float) * Size(s) / program.Batch);

    /// <summary>An operation for each element; its operands are read, its target is written.</summary>
    private static Cost Vectors(Plastic.Core.Program program, Instruction[] list)
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

    private static double Size(ProgramSynapse s) => (double)s.Matrix.Rows * s.Matrix.Columns;
}
