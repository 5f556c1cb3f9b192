using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// Trains a run's encoder alone before the first step, as a prototypical network (Snell et al. 2017): `encoder_warmup` updates with the
/// optimiser and the learning rate of the run, on its first training batches. It starts from the run's initial values, whatever was done
/// before, so a run that is stopped within it or resumed from step 0 trains the same.
/// </summary>
internal static class EncoderWarmup
{
    /// <summary>Trains the encoder, and writes its parameters and buffers among the weights.</summary>
    /// <param name="run">The run, with an encoder.</param>
    /// <param name="network">Its network.</param>
    /// <param name="weights">Its weights, one array per parameter of the network; all but the encoder's stay as they are.</param>
    /// <param name="batches">Its batches.</param>
    /// <param name="crew">The threads that share the work; the result does not depend on their number.</param>
    /// <param name="watcher">Told of every update.</param>
    /// <param name="stop">Cancels it; the weights are then as before.</param>
    /// <exception cref="PlasticException">A loss or gradient is not finite.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static void Train(
        Run run, PlasticNetwork network, float[][] weights, BatchSource batches, Crew crew, ITrainingWatcher watcher, CancellationToken stop)
    {
        var settings = run.Settings;
        var prototypes = RunNetwork.prototypes(settings);
        using var executor = Executor.Create(prototypes, crew, run.Seed);
        var check = new NumberCheck(executor, run);
        var learner = new Learner(executor, prototypes.InitialValues(run.Seed), settings.Optimiser(), settings.MaxGradientNorm, crew);
        for (var step = 0; step < settings.EncoderWarmup; step++)
        {
            var batch = batches.Train(step);
            learner.Measure(batch, stop);
            check.Require(learner.Loss, "loss of the encoder's warm-up", step, learner.Weights, batch, wantGradient: true, stop);
            check.Require(learner.Norm, "gradient of the encoder's warm-up", step, learner.Weights, batch, wantGradient: true, stop);
            learner.Update(settings.LearningRate);
            watcher.Warmed(step + 1, settings.EncoderWarmup, learner.Loss);
        }
        // Both networks end in the encoder's parameters and its buffers, whose initial values depend on the seed and their names alone.
        var last = network.Encoder.Parameters.Count + network.Encoder.Buffers.Count;
        for (var k = 1; k <= last; k++) learner.Weights[^k].CopyTo(weights[^k], 0);
    }
}
