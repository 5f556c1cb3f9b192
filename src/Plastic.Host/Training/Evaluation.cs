using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The results of a trained network on the test set of a task.</summary>
/// <param name="Loss">Mean loss over the batches.</param>
/// <param name="StandardError">Its standard error over the batches; null for a single batch.</param>
/// <param name="Measure">The task's additional metric over the batches, if it has one.</param>
/// <param name="Rates">η(t), for a plastic network.</param>
internal sealed record Evaluation(double Loss, double? StandardError, Mean? Measure, InnerRates? Rates)
{
    /// <summary>Runs the test set of a run's task.</summary>
    /// <exception cref="DeviceException">The device cannot run it.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Evaluation Of(
        Run run, PlasticNetwork network, float[][] weights, int threads, long historyBytes, IDevice? device, CancellationToken stop)
    {
        using var crew = new Crew(threads);
        using var executor = Placement.Executor(network, crew, run.Seed, historyBytes, device);
        var batches = new BatchSource(run, crew);
        var losses = new List<double>();
        var steps = run.Episodes.Steps;
        double[] sum = new double[steps], squares = new double[steps];
        var counts = new int[steps];
        var measures = new List<double>();
        var isPlastic = network.PlasticSynapses.Count > 0;
        var read = new List<(string, int)>();
        if (run.Task.Measure is not null) read.Add(("output", run.Episodes.Outputs));
        if (isPlastic) read.Add(("eta", 1));
        new Evaluator(run, executor, batches, read).Run(weights, batches.Tests(run.Settings.TestBatches), See, stop);
        var loss = Mean.Of(losses);
        return new Evaluation(
            loss.Value, loss.StandardError, run.Task.Measure is null ? null : Mean.Of(measures), counts[0] == 0 ? null : RatesOf(sum, squares, counts));

        void See(Batch batch, double of, IReadOnlyDictionary<string, double[]> outputs)
        {
            losses.Add(of);
            if (run.Task.Measure is { } measure) measures.Add(measure.Of(batch, outputs["output"]));
            if (!isPlastic) return;
            var eta = outputs["eta"];
            for (var sample = 0; sample < batch.Size; sample++)
            {
                for (var t = 0; t < batch.Lengths[sample]; t++)
                {
                    var rate = eta[sample * steps + t];
                    sum[t] += rate;
                    squares[t] += rate * rate;
                    counts[t]++;
                }
            }
        }
    }

    private static InnerRates RatesOf(double[] sum, double[] squares, int[] counts)
    {
        var steps = Array.IndexOf(counts, 0) is var end and > 0 ? end : counts.Length;
        var mean = new double[steps];
        for (var t = 0; t < steps; t++) mean[t] = sum[t] / counts[t];
        return new InnerRates(mean, [.. mean.Select((m, t) => Math.Sqrt(Math.Max(0, squares[t] / counts[t] - m * m)))]);
    }
}
