namespace Plastic.Engine;

/// <summary>
/// Sees what the episodes of a batch carry from step to step, while they run. Several threads call it at a time, each for other episodes.
/// </summary>
public interface IEpisodeWatcher
{
    /// <summary>Whether it wants to see what an episode carries after a step.</summary>
    /// <param name="sample">The episode's place in the batch, from 0.</param>
    /// <param name="step">The step, from 0.</param>
    bool Wants(int sample, int step);

    /// <summary>A state after a step: what the next step begins with.</summary>
    /// <param name="sample">The episode's place in the batch.</param>
    /// <param name="step">The step.</param>
    /// <param name="name">The state's name, such as h.</param>
    /// <param name="values">Its values; valid during the call.</param>
    void SeeState(int sample, int step, string name, ReadOnlySpan<float> values);

    /// <summary>The fast weights F of a synapse after a step's update.</summary>
    /// <param name="sample">The episode's place in the batch.</param>
    /// <param name="step">The step.</param>
    /// <param name="synapse">The synapse's name, such as recurrent.</param>
    /// <param name="values">[n, m], row by row; valid during the call.</param>
    void SeeFastWeights(int sample, int step, string synapse, ReadOnlySpan<float> values);
}
