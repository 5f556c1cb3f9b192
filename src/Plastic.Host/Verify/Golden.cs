namespace Plastic.Host;

/// <summary>A small case, and what a published implementation computed from it in float64.</summary>
internal abstract class Golden
{
    /// <summary>The file it was read from, as given.</summary>
    public required string File { get; init; }

    /// <summary>How far the reference may differ: as far as the file's numbers are rounded.</summary>
    public abstract Tolerance Rounding { get; }

    /// <summary>What the reference computes, in float64 throughout, beside what is expected.</summary>
    public abstract IEnumerable<Compared> Reference();

    /// <summary>What the float32 engine computes, beside what is expected.</summary>
    public abstract IEnumerable<Compared> Engine(int threads);
}

/// <summary>A tensor, as an executor computed it and as the golden case has it.</summary>
/// <param name="Quantity">The column of the report that it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Actual">As computed.</param>
/// <param name="Expected">As published.</param>
internal readonly record struct Compared(Quantity Quantity, string Name, double[] Actual, double[] Expected);

/// <summary>The columns of the report.</summary>
internal enum Quantity
{
    /// <summary>Outputs of every step, inner loss, loss; features of an encoder.</summary>
    Forward,

    /// <summary>Gradients of parameters and of what an encoder made, and their norm.</summary>
    Gradient,

    /// <summary>States and fast weights after the last step; an encoder's buffers after the batch.</summary>
    Final,

    /// <summary>The same batch in evaluation, with the running statistics of an encoder.</summary>
    Evaluate,

    /// <summary>Consecutive optimiser steps on the batch.</summary>
    Training,
}
