using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Runs a <see cref="StepProgram"/> over batch and time. Executors are interchangeable: the reference
/// interpreter, the CPU engine and, later, a GPU agree up to rounding.
/// </summary>
public interface IExecutor : IDisposable
{
    /// <summary>The step and adjoint that this executor runs.</summary>
    StepProgram Program { get; }

    /// <summary>
    /// Runs one batch and returns everything that can be read of it. Parameters are in the Program's order, each of its shape,
    /// row-major.
    /// </summary>
    /// <exception cref="ShapeException">A parameter or the batch does not fit the Program.</exception>
    Episode Run(double[][] parameters, Batch batch, bool wantGradient);

    /// <summary>
    /// The loss of one batch, and its gradient into <paramref name="gradients"/> (overwritten; same shapes as the
    /// parameters).
    /// </summary>
    /// <exception cref="ShapeException">A parameter or the batch does not fit the Program.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; the gradients are not usable.</exception>
    double Gradient(float[][] parameters, Batch batch, float[][] gradients, CancellationToken stop = default);

    /// <summary>The loss of one batch, from a forward pass only, and the values of named outputs of the step.</summary>
    /// <param name="parameters">The parameters, as for a gradient.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="outputs">Receives the values of each named output: [batch, steps, length].</param>
    /// <param name="stop">Cancels the run between time steps.</param>
    /// <exception cref="ShapeException">A parameter or the batch does not fit the Program.</exception>
    /// <exception cref="ArgumentException">The step has no such output, or the array has the wrong length.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    double Evaluate(
        float[][] parameters, Batch batch, IReadOnlyDictionary<string, double[]>? outputs = null, CancellationToken stop = default);
}
