using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The float64 reference interpreter as an executor: slow, simple, and correct by definition.</summary>
public sealed class ReferenceExecutor(StepProgram program) : IExecutor
{
    /// <inheritdoc/>
    public StepProgram Program => program;

    /// <inheritdoc/>
    public Episode Run(double[][] parameters, Batch batch, bool wantGradient) =>
        Interpreter.run(program, parameters, batch, wantGradient);

    /// <inheritdoc/>
    /// <remarks>Runs the episodes again up to each step that is watched.</remarks>
    public Episode Watch(double[][] parameters, Batch batch, IEpisodeWatcher watcher, CancellationToken stop = default)
    {
        for (var step = 0; step < batch.Steps; step++)
        {
            stop.ThrowIfCancellationRequested();
            int[] samples = [.. Enumerable.Range(0, batch.Size).Where(sample => watcher.Wants(sample, step))];
            if (samples.Length == 0) continue;
            var ended = Run(parameters, batch.First(step + 1), wantGradient: false);
            foreach (var sample in samples)
            {
                foreach (var (name, values) in ended.States) watcher.SeeState(sample, step, name, Of(values, sample));
                foreach (var (name, values) in ended.FastWeights) watcher.SeeFastWeights(sample, step, name, Of(values, sample));
            }
        }
        return Run(parameters, batch, wantGradient: false);

        float[] Of(double[] values, int sample)
        {
            var length = values.Length / batch.Size;
            return Array.ConvertAll(values[(sample * length)..((sample + 1) * length)], x => (float)x);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Cannot be cancelled while it runs.</remarks>
    public double Gradient(
        float[][] parameters, Batch batch, float[][] gradients, IReadOnlyDictionary<string, double[]>? inputGradients = null,
        CancellationToken stop = default)
    {
        stop.ThrowIfCancellationRequested();
        var episode = Run(Widen(parameters), batch, wantGradient: true);
        for (var k = 0; k < gradients.Length; k++)
        {
            for (var i = 0; i < gradients[k].Length; i++)
            {
                gradients[k][i] = (float)episode.Gradients[k][i];
            }
        }
        Copy(nameof(inputGradients), episode.InputGradients, inputGradients);
        return episode.Loss;
    }

    /// <inheritdoc/>
    public double Evaluate(
        float[][] parameters, Batch batch, IReadOnlyDictionary<string, double[]>? outputs = null, CancellationToken stop = default)
    {
        stop.ThrowIfCancellationRequested();
        var episode = Run(Widen(parameters), batch, wantGradient: false);
        Copy(nameof(outputs), episode.Outputs, outputs);
        return episode.Loss;
    }

    /// <inheritdoc/>
    public void EvaluateEach(
        float[][] parameters, ReadOnlySpan<Batch> batches, Span<double> losses,
        ReadOnlySpan<IReadOnlyDictionary<string, double[]>> outputs = default, CancellationToken stop = default) =>
        IExecutor.EvaluateInTurn(this, parameters, batches, losses, outputs, stop);

    /// <summary>Does nothing: no resources are held.</summary>
    public void Dispose()
    {
    }

    /// <summary>Hands out what was asked for.</summary>
    private static void Copy(
        string argument, IReadOnlyDictionary<string, double[]> from, IReadOnlyDictionary<string, double[]>? to)
    {
        foreach (var (name, values) in to ?? new Dictionary<string, double[]>())
        {
            IExecutor.RequireArray(argument, name, values, from.TryGetValue(name, out var found) ? found.Length : -1);
            found!.CopyTo(values, 0);
        }
    }

    private static double[][] Widen(float[][] values) =>
        Array.ConvertAll(values, array => Array.ConvertAll(array, value => (double)value));
}
