using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Runs weights on many batches without a gradient, several batches side by side.</summary>
internal sealed class Evaluator
{
    private readonly IExecutor executor;
    private readonly BatchSource batches;
    private readonly double[] losses;
    private readonly IReadOnlyDictionary<string, double[]>[] outputs;

    /// <param name="run">The run.</param>
    /// <param name="executor">Runs its network.</param>
    /// <param name="batches">Its batches.</param>
    /// <param name="outputs">The outputs that are read, and their lengths.</param>
    public Evaluator(Run run, IExecutor executor, BatchSource batches, params IEnumerable<(string Name, int Length)> outputs)
    {
        this.executor = executor;
        this.batches = batches;
        losses = new double[Memory.BatchesTogether(run)];
        var steps = run.Settings.Batch * run.Episodes.Steps;
        this.outputs = [.. losses.Select(_ => outputs.ToDictionary(o => o.Name, o => new double[steps * o.Length]))];
    }

    /// <summary>How many batches run side by side.</summary>
    public int Most => losses.Length;

    /// <summary>Hands over every batch in order with its loss and its outputs, which are valid for that call.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(
        float[][] weights, BatchRange range, Action<Batch, double, IReadOnlyDictionary<string, double[]>> see, CancellationToken stop)
    {
        for (var first = 0; first < range.Count; first += losses.Length)
        {
            stop.ThrowIfCancellationRequested();
            var drawn = batches.Draw(range.Part(first, losses.Length));
            executor.EvaluateEach(weights, drawn, losses, outputs[0].Count == 0 ? default : outputs.AsSpan(0, drawn.Length), stop);
            for (var k = 0; k < drawn.Length; k++) see(drawn[k], losses[k], outputs[k]);
        }
    }
}
