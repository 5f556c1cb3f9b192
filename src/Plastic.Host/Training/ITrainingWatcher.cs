namespace Plastic.Host;

/// <summary>What happens while a network is trained, in order. All numbers are means over batches.</summary>
internal interface ITrainingWatcher
{
    /// <summary>A step begins, or, after the last, the test; nothing of it has been done. The trainer's state may be read.</summary>
    void Began(int step);

    /// <summary>One training batch was seen, and its update made unless training is over.</summary>
    void Updated(int step, double loss);

    /// <summary>Some updates, up to and with that of this step: their mean loss and gradient norm before clipping.</summary>
    void Logged(int step, double loss, double gradientNorm);

    /// <summary>
    /// A validation. When it is the best so far, the weights are those that would be tested; they may be read until the
    /// call returns.
    /// </summary>
    void Validated(Validation validation, float[][] weights);
}

/// <summary>A validation before the update of a step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Loss">Mean over its batches.</param>
/// <param name="IsBest">Whether it is the best so far.</param>
/// <param name="Measure">The mean of the task's other measure, when it has one.</param>
internal sealed record Validation(int Step, double Loss, bool IsBest, double? Measure);
