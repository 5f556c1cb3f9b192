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
/// What a training step of a <see cref="Plastic.Core.Program"/> asks of a machine, counted from the Program alone, an
/// operation at a time: every matrix that an operation on an n × m synapse reads or writes counts once, 4nm bytes, and
/// every vector likewise. An engine that fuses operations, or stores less, moves fewer bytes than this.
/// </summary>
public static class StepCosts
{
    /// <summary>The cost of a part, for one sample and one step.</summary>
    public static Cost Of(Plastic.Core.Program program, StepPart part) => part switch
    {
        StepPart.Forward => Products(program, program.Forward) + Updates(program),
        StepPart.Backward => Products(program, program.Backward) + Adjoints(program),
        StepPart.WeightGradients => Sum(program.Synapses, s => s.Gradient.Length * Matrix(s, 2, 0)),
        StepPart.Vectors => Vectors(program, program.Forward) + Vectors(program, program.Backward),
        _ => default,
    };

    /// <summary>(W + F)ᵀx or (W + F)v: a sum and a multiply-add for each connection; W and F are read.</summary>
    private static Cost Products(Plastic.Core.Program program, Instruction[] list) => Sum(list, i => i.Compute switch
    {
        Compute.Apply c => Product(program.Synapses[c.synapse]),
        Compute.ApplyT c => Product(program.Synapses[c.synapse]),
        _ => default,
    });

    private static Cost Product(ProgramSynapse s) => s.IsPlastic ? Matrix(s, 3, 2) : Matrix(s, 2, 1);

    /// <summary>F' = keep·F + Σ rate·α∘(p ⊗ q): F and α are read, F' is written.</summary>
    private static Cost Updates(Plastic.Core.Program program) =>
        Sum(program.Synapses, s => s.IsPlastic ? Matrix(s, 1 + 3 * s.Pairs.Length, 3) : default);

    /// <summary>
    /// F̄ takes in the step's pairs; then ⟨F̄, F⟩, and for each pair α∘F̄, its two products, and ᾱ; and keep·F̄. F and α are
    /// read, F̄ and ᾱ read and written.
    /// </summary>
    private static Cost Adjoints(Plastic.Core.Program program) =>
        Sum(program.Synapses, s => s.IsPlastic ? Matrix(s, 2 * s.Gradient.Length + 3 + 8 * s.Pairs.Length, 6) : default);

    /// <summary>An operation for each element; its operands are read, its target is written.</summary>
    private static Cost Vectors(Plastic.Core.Program program, Instruction[] list) => Sum(list, i =>
        i.Compute is Compute.Apply or Compute.ApplyT
            ? default
            : new Cost(
                i.Compute.Operands.Append(i.Target).Max(slot => program.Slots[slot].Length),
                4.0 * i.Compute.Operands.Append(i.Target).Sum(slot => program.Slots[slot].Length)));

    private static Cost Matrix(ProgramSynapse s, int flops, int matrices)
    {
        var size = (double)s.Matrix.Rows * s.Matrix.Columns;
        return new Cost(flops * size, 4 * matrices * size);
    }

    private static Cost Sum<T>(IEnumerable<T> items, Func<T, Cost> cost) =>
        items.Aggregate(default(Cost), (sum, item) => sum + cost(item));
}
