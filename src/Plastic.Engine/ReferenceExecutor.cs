using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The float64 reference interpreter behind the executors' seam: slow, obvious, and right by definition.</summary>
public sealed class ReferenceExecutor(Plastic.Core.Program program) : IExecutor
{
    /// <inheritdoc/>
    public Plastic.Core.Program Program => program;

    /// <inheritdoc/>
    public Episode Run(double[][] parameters, Batch batch, bool wantGradient) =>
        Interpreter.run(program, parameters, batch, wantGradient);

    /// <inheritdoc/>
    public double Gradient(float[][] parameters, Batch batch, float[][] gradients)
    {
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
    public double Evaluate(float[][] parameters, Batch batch) => Run(Widen(parameters), batch, wantGradient: false).Loss;

    /// <inheritdoc/>
    public double Evaluate(float[][] parameters, Batch batch, string output, double[] values)
    {
        var episode = Run(Widen(parameters), batch, wantGradient: false);
        if (!episode.Outputs.TryGetValue(output, out var found) || found.Length != values.Length)
        {
            throw new ArgumentException($"the step has no output {output} of {values.Length} numbers for this batch", nameof(output));
        }
        found.CopyTo(values, 0);
        return episode.Loss;
    }

    /// <summary>Nothing is held.</summary>
    public void Dispose()
    {
    }

    private static double[][] Widen(float[][] values) =>
        Array.ConvertAll(values, array => Array.ConvertAll(array, value => (double)value));
}
