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

    /// <summary>The parameters that gradients are given for: the Program's, and those of what runs before it.</summary>
    IReadOnlyList<Parameter> Parameters => Program.Parameters;

    /// <summary>
    /// Runs one batch and returns everything that can be read of it: losses, the outputs of every step, and the states and fast
    /// weights after the last one.
    /// </summary>
    /// <param name="parameters">One array per parameter of the Program, in its order, each row-major and of the parameter's size.</param>
    /// <param name="batch">As many episodes as the Program was built for.</param>
    /// <param name="wantGradient">Whether gradients are computed too; without them there are none in the result.</param>
    /// <exception cref="ShapeException">A parameter or the batch does not fit the Program.</exception>
    Episode Run(double[][] parameters, Batch batch, bool wantGradient);

    /// <summary>Runs one batch forward, with a watcher who sees states and fast weights after the steps that it wants.</summary>
    /// <param name="parameters">As for <see cref="Run"/>.</param>
    /// <param name="batch">As many episodes as the Program was built for.</param>
    /// <param name="watcher">The watcher. It changes no bit of the result.</param>
    /// <param name="stop">Checked between time steps.</param>
    /// <exception cref="ShapeException">A parameter or the batch does not fit the Program.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    Episode Watch(double[][] parameters, Batch batch, IEpisodeWatcher watcher, CancellationToken stop = default);

    /// <summary>
    /// The loss of one batch and its gradient. Parameters that are not trained get zeros.
    /// </summary>
    /// <param name="parameters">One array per parameter of the Program, in its order, each row-major and of the parameter's size.</param>
    /// <param name="batch">As many episodes as the Program was built for.</param>
    /// <param name="gradients">Arrays of the parameters' sizes, which are overwritten.</param>
    /// <param name="inputGradients">
    /// Receives the gradient with respect to data of the batch that the Program was asked for, by name: [batch, steps, length].
    /// </param>
    /// <param name="stop">Checked between time steps.</param>
    /// <returns>The loss: the sum over time steps of the step's loss, which is a mean over the episodes.</returns>
    /// <exception cref="ShapeException">A parameter or the batch does not fit the Program.</exception>
    /// <exception cref="ArgumentException">The Program was not asked for such a gradient, or an array has the wrong length.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; the gradients are not usable.</exception>
    double Gradient(
        float[][] parameters, Batch batch, float[][] gradients, IReadOnlyDictionary<string, double[]>? inputGradients = null,
        CancellationToken stop = default);

    /// <summary>The loss of one batch, from a forward pass only, and the values of named outputs of the step.</summary>
    /// <param name="parameters">The parameters, as for a gradient.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="outputs">Receives the values of each named output: [batch, steps, length].</param>
    /// <param name="stop">Cancels the run between time steps.</param>
    /// <exception cref="ShapeException">A parameter or the batch does not fit the Program.</exception>
    /// <exception cref="ArgumentException">The step has no such output, or the array has the wrong length.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <returns>The loss.</returns>
    double Evaluate(
        float[][] parameters, Batch batch, IReadOnlyDictionary<string, double[]>? outputs = null, CancellationToken stop = default);

    /// <summary>
    /// The losses of several batches, as evaluating one after the other gives them. An executor may run them side by side.
    /// </summary>
    /// <param name="parameters">The parameters, as for a gradient.</param>
    /// <param name="batches">The batches.</param>
    /// <param name="losses">Receives the loss of each batch; at least as long as the batches.</param>
    /// <param name="outputs">
    /// Receives for each batch the values of named outputs: [batch, steps, length]. None if it is empty. No array may stand for two batches.
    /// </param>
    /// <param name="stop">Cancels the run between time steps.</param>
    /// <exception cref="ShapeException">A parameter or a batch does not fit the Program.</exception>
    /// <exception cref="ArgumentException">The step has no such output, an array has the wrong length, or a span is too short.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    void EvaluateEach(
        float[][] parameters, ReadOnlySpan<Batch> batches, Span<double> losses,
        ReadOnlySpan<IReadOnlyDictionary<string, double[]>> outputs = default, CancellationToken stop = default);

    /// <summary>
    /// Changes what a gradient leaves behind in parameters that are not trained: an encoder's running statistics, by those of the batch
    /// whose gradient was computed last, and its passes. Does nothing where there is no encoder.
    /// </summary>
    /// <param name="parameters">The parameters.</param>
    void Commit(float[][] parameters)
    {
    }

    /// <summary>Counts an encoder's passes of evaluation: one for each step of each batch. Does nothing where there is no encoder.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="passes">How many.</param>
    void CountPasses(float[][] parameters, long passes)
    {
    }

    /// <summary><see cref="EvaluateEach"/> for an executor that does one batch after the other.</summary>
    internal static void EvaluateInTurn(
        IExecutor executor, float[][] parameters, ReadOnlySpan<Batch> batches, Span<double> losses,
        ReadOnlySpan<IReadOnlyDictionary<string, double[]>> outputs, CancellationToken stop)
    {
        RequireRoom(batches.Length, losses.Length, outputs.Length);
        for (var k = 0; k < batches.Length; k++)
        {
            losses[k] = executor.Evaluate(parameters, batches[k], outputs.IsEmpty ? null : outputs[k], stop);
        }
    }

    /// <summary>Refuses spans that are too short for the results of so many batches.</summary>
    internal static void RequireRoom(int batches, int losses, int outputs)
    {
        if (losses < batches || (outputs > 0 && outputs < batches))
        {
            throw new ArgumentException($"{batches} batches need as many losses, and as many outputs or none", nameof(losses));
        }
    }

    /// <summary>Refuses an array that is asked for by a name that does not exist (expected &lt; 0), or has another length than expected.</summary>
    internal static void RequireArray(string argument, string name, double[] values, long expected)
    {
        if (expected < 0)
        {
            throw new ArgumentException($"there is no {name} among what the Program computes", argument);
        }
        if (values.Length != expected)
        {
            throw new ArgumentException($"{name} has {expected} numbers for this batch, not {values.Length}", argument);
        }
    }
}
