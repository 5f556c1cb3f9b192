using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Runs a <see cref="StepProgram"/> over batch and time. Whatever uses an executor cannot tell which one it has:
/// the reference interpreter, the CPU engine, and later a GPU, agree up to rounding.
/// </summary>
public interface IExecutor : IDisposable
{
    /// <summary>The step and adjoint that this executor runs.</summary>
    StepProgram Program { get; }

    /// <summary>
    /// One batch with everything that can be read of it. Parameters are in the Program's order, each of its shape,
    /// row-major.
    /// </summary>
    /// <exception cref="ShapeException">A parameter or the batch does not fit the Program.</exception>
    Episode Run(double[][] parameters, Batch batch, bool wantGradient);

    /// <summary>
    /// The loss of one batch, and its gradient into <paramref name="gradients"/> (overwritten; same shapes as the
    /// parameters).
    /// </summary>
    /// <exception cref="ShapeException">A parameter or the batch does not fit the Program.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; the gradients are of no use.</exception>
    double Gradient(float[][] parameters, Batch batch, float[][] gradients, CancellationToken stop = default);

    /// <summary>The loss of one batch, forward only, and the values of named outputs of the step.</summary>
    /// <param name="parameters">As for a gradient.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="outputs">Where the values of an output of that name go: [batch, steps, length].</param>
    /// <param name="stop">Asks it to stop on the way.</param>
    /// <exception cref="ShapeException">A parameter or the batch does not fit the Program.</exception>
    /// <exception cref="ArgumentException">The step has no such output, or there is not the room for it.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    double Evaluate(
        float[][] parameters, Batch batch, IReadOnlyDictionary<string, double[]>? outputs = null, CancellationToken stop = default);
}
