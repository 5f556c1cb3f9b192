using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// A network in training on the host: its weights, and the two halves of a training step, the gradient of a batch and the update of the
/// trained parameters, with the gradient clipped by its norm. Neither allocates. As an <see cref="ILearner"/>, beginning a step measures,
/// and ending it updates.
/// </summary>
public sealed class Learner : ILearner
{
    private readonly IExecutor executor;
    private readonly Crew crew;
    private readonly float[][] gradients, trained;
    private readonly GradientNorm<float> norm;
    private readonly IOptimiser<float> optimiser;
    private readonly double maxGradientNorm;
    private double? learningRate;

    /// <param name="executor">Runs the network.</param>
    /// <param name="initial">Initial values, one array per parameter of the executor.</param>
    /// <param name="settings">The optimiser's settings.</param>
    /// <param name="maxGradientNorm">Bound on the joint norm of all gradients; infinity for none.</param>
    /// <param name="crew">The threads that share the work; the result does not depend on them.</param>
    public Learner(
        IExecutor executor, double[][] initial, OptimiserSettings settings, double maxGradientNorm, Crew crew)
    {
        this.executor = executor;
        this.crew = crew;
        this.maxGradientNorm = maxGradientNorm;
        Weights = Array.ConvertAll(initial, p => Array.ConvertAll(p, x => (float)x));
        gradients = Array.ConvertAll(Weights, p => new float[p.Length]);
        norm = new GradientNorm<float>(gradients);
        // Frozen weights do not change at all: no weight decay either.
        var parameters = executor.Parameters;
        var indices = Enumerable.Range(0, parameters.Count).Where(k => parameters[k].Trained).ToArray();
        trained = [.. indices.Select(k => gradients[k])];
        optimiser = settings.Create([.. indices.Select(k => parameters[k])], [.. indices.Select(k => Weights[k])]);
        Memory =
        [
            .. optimiser.Memory.SelectMany(memory =>
                indices.Select((k, at) => (parameters[k], memory.Name, memory.Values[at]))),
        ];
    }

    /// <inheritdoc/>
    public float[][] Weights { get; }

    /// <summary>The number of updates made.</summary>
    public long Steps
    {
        get => optimiser.Steps;
        set => optimiser.Steps = value;
    }

    /// <inheritdoc/>
    /// <remarks>To restore a learner, write to these arrays and to its weights, and set Steps.</remarks>
    public IReadOnlyList<(Parameter Parameter, string Memory, float[] Values)> Memory { get; }

    /// <summary>The loss of the last batch.</summary>
    public double Loss { get; private set; }

    /// <summary>The norm of the last batch's gradient, before clipping.</summary>
    public double Norm { get; private set; }

    /// <summary>Measures the loss of a batch, its gradient and the gradient's norm; changes no weight.</summary>
    /// <param name="batch">As many episodes as the Program was built for.</param>
    /// <param name="stop">Cancels the run between time steps.</param>
    /// <exception cref="ShapeException">The batch does not fit the Program.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Measure(Batch batch, CancellationToken stop = default)
    {
        Loss = executor.Gradient(Weights, batch, gradients, inputGradients: null, stop);
        Norm = norm.Measure(gradients, crew);
    }

    /// <summary>Updates the weights from the gradient measured last, and an encoder's running statistics from its batch.</summary>
    /// <param name="learningRate">This step's rate, ≥ 0.</param>
    public void Update(double learningRate)
    {
        optimiser.Step(trained, learningRate, GradientNorm.Scale(Norm, maxGradientNorm), crew);
        executor.Commit(Weights);
    }

    /// <inheritdoc/>
    public int Pending { get; private set; }

    /// <inheritdoc/>
    public int Ahead => 0;

    /// <inheritdoc/>
    public void Begin(Batch batch, double? learningRate, CancellationToken stop = default)
    {
        if (Pending > 0) throw new InvalidOperationException("Learner: end the step that was begun first.");
        Measure(batch, stop);
        this.learningRate = learningRate;
        Pending = 1;
    }

    /// <inheritdoc/>
    public (double Loss, double Norm) End()
    {
        if (Pending == 0) throw new InvalidOperationException("Learner: no step was begun.");
        Pending = 0;
        if (learningRate is { } rate && double.IsFinite(Loss) && double.IsFinite(Norm)) Update(rate);
        return (Loss, Norm);
    }

    /// <inheritdoc/>
    public void Restore(long steps) => Steps = steps;

    /// <inheritdoc/>
    public void CountPasses(long passes) => executor.CountPasses(Weights, passes);

    /// <summary>Does nothing: its memory is the runtime's.</summary>
    public void Dispose()
    {
    }
}
