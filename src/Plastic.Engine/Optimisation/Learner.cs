using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// A network in training: its weights, and the two halves of a training step over them, the gradient of a batch and the
/// update of what is trained, with the gradient's norm bounded. Neither allocates.
/// </summary>
public sealed class Learner
{
    private readonly IExecutor executor;
    private readonly Crew crew;
    private readonly float[][] gradients, trained;
    private readonly GradientNorm<float> norm;
    private readonly IOptimiser<float> optimiser;
    private readonly double maxGradientNorm;

    /// <param name="executor">What runs the network.</param>
    /// <param name="initial">Initial values, one array per parameter of the Program.</param>
    /// <param name="settings">Of the optimiser.</param>
    /// <param name="maxGradientNorm">Bound on the norm of all gradients together; infinity for none.</param>
    /// <param name="crew">Who shares the work; the result does not depend on it.</param>
    public Learner(
        IExecutor executor, double[][] initial, OptimiserSettings settings, double maxGradientNorm, Crew crew)
    {
        this.executor = executor;
        this.crew = crew;
        this.maxGradientNorm = maxGradientNorm;
        Weights = Array.ConvertAll(initial, p => Array.ConvertAll(p, x => (float)x));
        gradients = Array.ConvertAll(Weights, p => new float[p.Length]);
        norm = new GradientNorm<float>(gradients);
        // Frozen weights stay as they are, weight decay included.
        var parameters = executor.Program.Parameters;
        var indices = Enumerable.Range(0, parameters.Length).Where(k => parameters[k].Trained).ToArray();
        trained = [.. indices.Select(k => gradients[k])];
        optimiser = settings.Create([.. indices.Select(k => parameters[k])], [.. indices.Select(k => Weights[k])]);
        Memory =
        [
            .. optimiser.Memory.SelectMany(memory =>
                indices.Select((k, at) => (parameters[k], memory.Name, memory.Values[at]))),
        ];
    }

    /// <summary>The weights as they are now, one array per parameter of the Program.</summary>
    public float[][] Weights { get; }

    /// <summary>Updates made.</summary>
    public long Steps
    {
        get => optimiser.Steps;
        set => optimiser.Steps = value;
    }

    /// <summary>
    /// What the optimiser remembers of every parameter that is trained, by the parameter's name and its own. To restore a
    /// learner, write into these arrays and into its weights, and set Steps.
    /// </summary>
    public IReadOnlyList<(Parameter Parameter, string Memory, float[] Values)> Memory { get; }

    /// <summary>The loss of the last batch.</summary>
    public double Loss { get; private set; }

    /// <summary>The norm of the last batch's gradient, before it was bounded.</summary>
    public double Norm { get; private set; }

    /// <summary>The loss of a batch and the gradient's norm; changes no weight.</summary>
    /// <exception cref="ShapeException">The batch does not fit the Program.</exception>
    /// <exception cref="OperationCanceledException">It was stopped on the way.</exception>
    public void Measure(Batch batch, CancellationToken stop = default)
    {
        Loss = executor.Gradient(Weights, batch, gradients, stop);
        Norm = norm.Measure(gradients, crew);
    }

    /// <summary>Moves the weights along the gradient measured last.</summary>
    /// <param name="learningRate">This step's rate, ≥ 0.</param>
    public void Update(double learningRate) =>
        optimiser.Step(trained, learningRate, GradientNorm.Scale(Norm, maxGradientNorm), crew);
}
