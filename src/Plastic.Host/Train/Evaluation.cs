using Plastic.Core;
using Plastic.Engine;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>What a trained network does on the test set of a task.</summary>
/// <param name="Loss">Mean loss over the batches.</param>
/// <param name="StandardError">Its standard error over the batches.</param>
/// <param name="Measure">The mean of the task's other measure, when it has one.</param>
/// <param name="Rates">η(t), for a network that is plastic.</param>
internal sealed record Evaluation(double Loss, double StandardError, double? Measure, InnerRates? Rates)
{
    /// <summary>Runs the test set of a run's task.</summary>
    /// <exception cref="OperationCanceledException">It was stopped between two batches.</exception>
    public static Evaluation Of(Run run, PlasticNetwork network, float[][] weights, int threads, long historyBytes, CancellationToken stop)
    {
        using var crew = new Crew(threads);
        using var executor = new CpuExecutor(network.Program, crew, historyBytes);
        var batches = new BatchSource(run, crew);
        var parameters = Array.ConvertAll(weights, p => Array.ConvertAll(p, x => (double)x));
        var losses = new double[run.Settings.TestBatches];
        var steps = run.Episodes.Steps;
        double[] sum = new double[steps], squares = new double[steps];
        var samples = 0;
        var measured = 0.0;
        var isPlastic = network.Program.Synapses.Any(synapse => synapse.IsPlastic);
        for (var index = 0; index < losses.Length; index++)
        {
            stop.ThrowIfCancellationRequested();
            var batch = batches.Test(index);
            var episode = executor.Run(parameters, batch, wantGradient: false);
            losses[index] = episode.Loss;
            measured += run.Task.Measure?.Of(batch, episode.Outputs["output"]) ?? 0;
            if (!isPlastic) continue;
            var eta = episode.Outputs["eta"];
            for (var at = 0; at < eta.Length; at++)
            {
                sum[at % steps] += eta[at];
                squares[at % steps] += eta[at] * eta[at];
            }
            samples += eta.Length / steps;
        }
        var loss = Mean.Of(losses);
        return new Evaluation(
            loss.Value, loss.StandardError, run.Task.Measure is null ? null : measured / losses.Length, samples == 0 ? null : RatesOf(sum, squares, samples));
    }

    private static InnerRates RatesOf(double[] sum, double[] squares, int samples)
    {
        var mean = Array.ConvertAll(sum, s => s / samples);
        return new InnerRates(mean, [.. mean.Select((m, t) => Math.Sqrt(Math.Max(0, squares[t] / samples - m * m)))]);
    }
}
