namespace Plastic.Host;

/// <summary>What happens while a network is trained, in order. All numbers are means over batches.</summary>
internal interface ITrainingWatcher
{
    /// <summary>One update was made.</summary>
    void Updated(int step, double loss);

    /// <summary>Some updates, up to and with that of this step: their mean loss and gradient norm before clipping.</summary>
    void Logged(int step, double loss, double gradientNorm);

    /// <summary>
    /// A validation before the update of this step. When it is the best so far, the weights are those that would be
    /// tested; they may be read until the call returns.
    /// </summary>
    void Validated(int step, double loss, bool best, float[][] weights);
}
