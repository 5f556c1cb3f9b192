using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// A network in training: its weights, its optimiser, and training steps, which are begun and ended in the same order. A learner on a
/// device works while the host goes on, so some steps may be begun before the first of them is ended.
/// </summary>
public interface ILearner : IDisposable
{
    /// <summary>
    /// The weights after all steps begun, one array per parameter. The arrays are the learner's own, and valid until a step is begun.
    /// </summary>
    float[][] Weights { get; }

    /// <summary>The optimiser's state of every trained parameter after all steps begun, named by the parameter and the state.</summary>
    IReadOnlyList<(Parameter Parameter, string Memory, float[] Values)> Memory { get; }

    /// <summary>The number of updates made.</summary>
    long Steps { get; }

    /// <summary>The steps that are begun and not ended.</summary>
    int Pending { get; }

    /// <summary>The steps that may be pending when another one is begun.</summary>
    int Ahead { get; }

    /// <summary>
    /// Begins a step: the loss of a batch, its gradient, the gradient's norm, and an update of the trained parameters. If loss or norm is
    /// not finite, this step and those begun after it change nothing.
    /// </summary>
    /// <param name="batch">As many episodes as the Program was built for. It may be overwritten when this returns.</param>
    /// <param name="learningRate">This step's rate, ≥ 0; null to change no weight.</param>
    /// <param name="stop">Cancels the run between time steps where it can; the step is not begun then.</param>
    /// <exception cref="ShapeException">The batch does not fit the Program.</exception>
    /// <exception cref="InvalidOperationException">More steps than <see cref="Ahead"/> are pending.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    void Begin(Batch batch, double? learningRate, CancellationToken stop = default);

    /// <summary>Ends the step that was begun first: its loss, and the norm of its gradient before clipping.</summary>
    /// <remarks>If one of them is not finite, no step is pending any more, and weights and state are those before that step.</remarks>
    /// <exception cref="InvalidOperationException">No step is pending.</exception>
    (double Loss, double Norm) End();

    /// <summary>Continues from what was written to the arrays of the weights and the optimiser's state. No step may be pending.</summary>
    /// <param name="steps">The updates that had been made there.</param>
    void Restore(long steps);

    /// <summary>Counts the passes of an evaluation with the current weights, which an encoder's dropping depends on.</summary>
    /// <param name="passes">One for each step of each batch; below 0 to take back what was counted.</param>
    void CountPasses(long passes);
}
