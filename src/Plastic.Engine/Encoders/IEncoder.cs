using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Runs an image encoder on the images of episodes. A forward pass keeps what its adjoint needs; neither changes a buffer until
/// <see cref="Commit"/>, so a batch that was stopped has changed nothing.
/// </summary>
public interface IEncoder : IDisposable
{
    /// <summary>What it runs.</summary>
    Encoder Encoder { get; }

    /// <summary>
    /// The features of images. Each step goes through by itself: in training, batch norms see that step's images alone.
    /// </summary>
    /// <param name="parameters">One array for each of the encoder's parameters.</param>
    /// <param name="buffers">One array for each of its buffers; only read.</param>
    /// <param name="images">[episodes, steps, 3, side, side], normalised.</param>
    /// <param name="steps">Steps of an episode, at least 1.</param>
    /// <param name="mode">Training, with the statistics of the batch and dropping; or evaluation, with the running ones.</param>
    /// <param name="features">Takes the features, [episodes, steps, features].</param>
    /// <param name="stop">Cancels the run between layers.</param>
    /// <exception cref="ArgumentException">An array has the wrong length.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    void Forward(
        float[][] parameters, float[][] buffers, float[] images, int steps, EncoderMode mode, float[] features,
        CancellationToken stop = default);

    /// <summary>
    /// The gradient of Σ cotangent·feature with respect to the parameters, of the forward pass made last. A forward pass has one backward
    /// pass, which uses up what it kept; a call that was cancelled was one too.
    /// </summary>
    /// <param name="cotangents">[episodes, steps, features].</param>
    /// <param name="gradients">Takes the gradients, one array for each of the encoder's parameters.</param>
    /// <param name="stop">Cancels the run between layers.</param>
    /// <exception cref="InvalidOperationException">No forward pass was completed since the last call, or the last one was cancelled.</exception>
    /// <exception cref="ArgumentException">An array has the wrong length.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    void Backward(float[] cotangents, float[][] gradients, CancellationToken stop = default);

    /// <summary>
    /// Folds the statistics of the forward pass made last into the running ones, in the order of its steps, and counts its steps as passes.
    /// In evaluation, passes alone are counted.
    /// </summary>
    /// <param name="buffers">One array for each of the encoder's buffers.</param>
    /// <exception cref="InvalidOperationException">No forward pass was completed since the last call, or the last one was cancelled.</exception>
    void Commit(float[][] buffers);
}
