namespace Plastic.Host;

/// <summary>Receives the events of training, in order. All numbers are means over batches.</summary>
internal interface ITrainingWatcher
{
    /// <summary>After an update of the encoder's warm-up, before the first step.</summary>
    /// <param name="done">The updates so far.</param>
    /// <param name="updates">All of them.</param>
    /// <param name="loss">The loss of the update's batch.</param>
    void Warmed(int done, int updates, double loss);

    /// <summary>
    /// Whether it will read the trainer's state when a step begins. Asked once for each step, in order, while earlier ones may still be
    /// computed: training then waits for them.
    /// </summary>
    bool ReadsState(int step) => false;

    /// <summary>
    /// At the start of a step, or, after the last one, before the test. The trainer's state may be read by who said so; for others it may
    /// have gone on.
    /// </summary>
    void Began(int step);

    /// <summary>After a training batch and, unless the weights are frozen, its update.</summary>
    void Updated(int step, double loss);

    /// <summary>The mean loss and gradient norm, before clipping, of the updates since the last call, this step's included.</summary>
    void Logged(int step, double loss, double gradientNorm);

    /// <summary>
    /// A validation. If it is the best so far, the weights are those that would be tested; they may be read until the call
    /// returns.
    /// </summary>
    void Validated(Validation validation, float[][] weights);
}

/// <summary>A validation before the update of a step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Loss">The mean over its batches.</param>
/// <param name="IsBest">Whether it is the best so far.</param>
/// <param name="Measure">The mean of the task's additional metric, if it has one.</param>
internal sealed record Validation(int Step, double Loss, bool IsBest, double? Measure);
