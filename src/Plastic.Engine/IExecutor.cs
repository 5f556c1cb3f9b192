using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Runs a <see cref="Plastic.Core.Program"/> over batch and time. Whatever uses an executor cannot tell which one it has:
/// the reference interpreter, the CPU engine, and later a GPU, agree up to rounding.
/// </summary>
public interface IExecutor : IDisposable
{
    /// <summary>The step and adjoint that this executor runs.</summary>
    Plastic.Core.Program Program { get; }

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
    double Gradient(float[][] parameters, Batch batch, float[][] gradients);

    /// <summary>The loss of one batch, forward only.</summary>
    double Evaluate(float[][] parameters, Batch batch);

    /// <summary>The same, with the values of one named output of the step, [batch, steps, length].</summary>
    /// <exception cref="ArgumentException">The step has no such output, or there is not the room for it.</exception>
    double Evaluate(float[][] parameters, Batch batch, string output, double[] values);
}
