using System.Diagnostics;
using Plastic.Core;

namespace Plastic.Engine;

/// <summary>How long a network's training takes on a device.</summary>
/// <param name="Kernels">Each kernel of a training step, alone.</param>
/// <param name="StepSeconds">A whole training step, where one follows the other: batch, forward, backward, clip, optimiser.</param>
public sealed record TrainingTimes(IReadOnlyList<KernelTime> Kernels, double StepSeconds)
{
    /// <summary>Measures them.</summary>
    /// <param name="program">The network's step.</param>
    /// <param name="device">The device.</param>
    /// <param name="initial">Initial values of all parameters.</param>
    /// <param name="batch">What is trained on.</param>
    /// <param name="optimiser">The optimiser's settings.</param>
    /// <param name="least">Seconds that each measurement takes at least.</param>
    /// <exception cref="DeviceException">The device lacks memory, or stops working.</exception>
    public static TrainingTimes Measure(
        StepProgram program, IDevice device, double[][] initial, Batch batch, OptimiserSettings optimiser, double least)
    {
        const double learningRate = 1e-4;
        using var crew = new Crew(Environment.ProcessorCount);
        var timed = new TimedDevice(device, least);
        Train(timed, learner =>
        {
            learner.Begin(batch, learningRate);
            learner.End();
        });
        var seconds = 0.0;
        Train(device, learner =>
        {
            for (var count = 1; seconds * count < least; count *= 2)
            {
                var start = Stopwatch.GetTimestamp();
                for (var k = 0; k < count; k++)
                {
                    learner.Begin(batch, learningRate);
                    if (learner.Pending > learner.Ahead) learner.End();
                }
                while (learner.Pending > 0) learner.End();
                seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / count;
            }
        });
        return new TrainingTimes(timed.Times, seconds);

        void Train(IDevice on, Action<GpuLearner> run)
        {
            using var executor = new GpuExecutor(program, on);
            using var learner = new GpuLearner(executor, batch.Steps, initial, optimiser, maxGradientNorm: 5, crew);
            run(learner);
        }
    }
}
