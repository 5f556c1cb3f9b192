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
    /// <remarks>Cannot be cancelled while it runs.</remarks>
    public double Gradient(float[][] parameters, Batch batch, float[][] gradients, CancellationToken stop = default)
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
        return episode.Loss;
    }

    /// <inheritdoc/>
    public double Evaluate(
        float[][] parameters, Batch batch, IReadOnlyDictionary<string, double[]>? outputs = null, CancellationToken stop = default)
    {
        stop.ThrowIfCancellationRequested();
        var episode = Run(Widen(parameters), batch, wantGradient: false);
        foreach (var (name, values) in outputs ?? new Dictionary<string, double[]>())
        {
            if (!episode.Outputs.TryGetValue(name, out var found) || found.Length != values.Length)
            {
                throw new ArgumentException($"the step has no output {name} of {values.Length} numbers for this batch", nameof(outputs));
            }
            found.CopyTo(values, 0);
        }
        return episode.Loss;
    }

    /// <inheritdoc/>
    public void EvaluateEach(
        float[][] parameters, ReadOnlySpan<Batch> batches, Span<double> losses,
        ReadOnlySpan<IReadOnlyDictionary<string, double[]>> outputs = default, CancellationToken stop = default)
    {
        IExecutor.RequireRoom(batches.Length, losses.Length, outputs.Length);
        for (var k = 0; k < batches.Length; k++)
        {
            losses[k] = Evaluate(parameters, batches[k], outputs.IsEmpty ? null : outputs[k], stop);
        }
    }

    /// <summary>Does nothing: no resources are held.</summary>
    public void Dispose()
    {
    }

    private static double[][] Widen(float[][] values) =>
        Array.ConvertAll(values, array => Array.ConvertAll(array, value => (double)value));
}
