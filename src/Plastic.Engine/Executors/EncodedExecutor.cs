using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Runs a network with an encoder: its images through the encoder, step by step, and their features through another executor. In training
/// (where a gradient is wanted) batch norms see the images of one step; in evaluation they use the running statistics. The buffers are
/// among the parameters; <see cref="Commit"/> and <see cref="CountPasses"/> alone change them.
/// </summary>
public sealed class EncodedExecutor : IExecutor
{
    private readonly PlasticNetwork network;
    private readonly IExecutor inner;
    private readonly IEncoder encoder;
    private readonly int own, trained;
    private float[] images = [], features = [], featureBars = [];
    private double[] inputBars = [];

    /// <param name="network">A network with an encoder.</param>
    /// <param name="crew">The threads; disposing of the executor leaves them alive.</param>
    /// <param name="drops">What training drops.</param>
    /// <param name="historyBytes">As for <see cref="CpuExecutor"/>.</param>
    /// <param name="keptBytes">As for <see cref="CpuEncoder"/>.</param>
    /// <exception cref="ArgumentException">The network has no encoder.</exception>
    public EncodedExecutor(
        PlasticNetwork network, Crew crew, IEncoderDrops drops, long historyBytes = CpuExecutor.DefaultHistoryBytes,
        long keptBytes = CpuEncoder.DefaultKeptBytes)
        : this(network, crew, new CpuEncoder(EncoderOf(network), crew, drops, keptBytes), historyBytes)
    {
    }

    /// <summary>An executor that runs the network's encoder with an engine of one's own.</summary>
    /// <param name="network">A network with an encoder.</param>
    /// <param name="crew">The threads for the rest of the network; disposing of the executor leaves them alive.</param>
    /// <param name="encoder">Runs an encoder with the options of the network's; the executor disposes of it.</param>
    /// <param name="historyBytes">As for <see cref="CpuExecutor"/>.</param>
    /// <exception cref="ArgumentException">The network has no encoder, or one with other options.</exception>
    public EncodedExecutor(
        PlasticNetwork network, Crew crew, IEncoder encoder, long historyBytes = CpuExecutor.DefaultHistoryBytes)
        : this(network, crew, encoder, historyBytes, GroupRunner.Create)
    {
    }

    /// <summary>An executor that runs the network's encoder, and what follows it, with engines of one's own.</summary>
    /// <param name="network">A network with an encoder.</param>
    /// <param name="encoder">Runs an encoder with the options of the network's; the executor disposes of it.</param>
    /// <param name="inner">Runs <see cref="PlasticNetwork.ProgramThroughInput"/> of the network; the executor disposes of it.</param>
    /// <exception cref="ArgumentException">The network has no encoder, or one with other options.</exception>
    public EncodedExecutor(PlasticNetwork network, IEncoder encoder, IExecutor inner)
    {
        if (!EncoderOf(network).Options.Equals(encoder.Encoder.Options))
        {
            throw new ArgumentException("it runs an encoder with other options than the network's", nameof(encoder));
        }
        (this.network, this.encoder, this.inner) = (network, encoder, inner);
        own = Program.Parameters.Length;
        trained = own + encoder.Encoder.Parameters.Count;
    }

    /// <summary>An executor with runners of given lanes.</summary>
    internal EncodedExecutor(PlasticNetwork network, Crew crew, IEncoder encoder, long historyBytes, Func<Plan, GroupRunner> runner)
        : this(network, encoder, new CpuExecutor(network.ProgramThroughInput, crew, historyBytes, runner))
    {
    }

    /// <inheritdoc/>
    public StepProgram Program => inner.Program;

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters => network.Parameters;

    /// <inheritdoc/>
    public Episode Run(double[][] parameters, Batch batch, bool wantGradient)
    {
        var weights = Array.ConvertAll(parameters, p => Array.ConvertAll(p, x => (float)x));
        var encoded = Encode(weights, batch, wantGradient ? EncoderMode.Training : EncoderMode.Evaluation, default);
        var episode = inner.Run(parameters[..own], encoded, wantGradient);
        var buffers = Array.ConvertAll(weights[trained..], b => (float[])b.Clone());
        encoder.Commit(buffers);
        var gradients = Array.Empty<float[]>();
        if (wantGradient)
        {
            gradients = Array.ConvertAll(weights[own..], p => new float[p.Length]);
            Backward(batch, episode.InputGradients["input"], gradients[..(trained - own)], default);
        }
        return episode.Encoded(
            encoded.Input, [.. episode.Gradients, .. Array.ConvertAll(gradients, Widen)], Array.ConvertAll(buffers, Widen));

        static double[] Widen(float[] values) => Array.ConvertAll(values, x => (double)x);
    }

    /// <inheritdoc/>
    public Episode Watch(double[][] parameters, Batch batch, IEpisodeWatcher watcher, CancellationToken stop = default)
    {
        var weights = Array.ConvertAll(parameters, p => Array.ConvertAll(p, x => (float)x));
        var encoded = Encode(weights, batch, EncoderMode.Evaluation, stop);
        return inner.Watch(parameters[..own], encoded, watcher, stop).Encoded(encoded.Input, [], parameters[trained..]);
    }

    /// <inheritdoc/>
    /// <remarks>There is no gradient with respect to the data: what the encoder reads has none.</remarks>
    public double Gradient(
        float[][] parameters, Batch batch, float[][] gradients, IReadOnlyDictionary<string, double[]>? inputGradients = null,
        CancellationToken stop = default)
    {
        if (inputGradients is { Count: > 0 })
        {
            throw new ArgumentException("there is no gradient with respect to the data before an encoder", nameof(inputGradients));
        }
        var encoded = Encode(parameters, batch, EncoderMode.Training, stop);
        if (inputBars.Length != encoded.Input.Length) inputBars = new double[encoded.Input.Length];
        var loss = inner.Gradient(parameters[..own], encoded, gradients[..own], new Dictionary<string, double[]> { ["input"] = inputBars }, stop);
        Backward(batch, inputBars, gradients[own..trained], stop);
        foreach (var bar in gradients[trained..]) Array.Clear(bar);
        return loss;
    }

    /// <inheritdoc/>
    public double Evaluate(
        float[][] parameters, Batch batch, IReadOnlyDictionary<string, double[]>? outputs = null, CancellationToken stop = default) =>
        inner.Evaluate(parameters[..own], Encode(parameters, batch, EncoderMode.Evaluation, stop), outputs, stop);

    /// <inheritdoc/>
    public void EvaluateEach(
        float[][] parameters, ReadOnlySpan<Batch> batches, Span<double> losses,
        ReadOnlySpan<IReadOnlyDictionary<string, double[]>> outputs = default, CancellationToken stop = default)
    {
        var encoded = new Batch[batches.Length];
        for (var k = 0; k < encoded.Length; k++) encoded[k] = Encode(parameters, batches[k], EncoderMode.Evaluation, stop);
        inner.EvaluateEach(parameters[..own], encoded, losses, outputs, stop);
    }

    /// <inheritdoc/>
    public void Commit(float[][] parameters) => encoder.Commit(parameters[trained..]);

    /// <inheritdoc/>
    public void CountPasses(float[][] parameters, long passes) => network.Encoder.CountPasses(parameters[trained..], passes);

    /// <summary>Of the network's parameters, those of the Program behind the encoder.</summary>
    /// <param name="parameters">The parameters, as for a gradient.</param>
    public float[][] BehindEncoder(float[][] parameters) => parameters[..own];

    /// <summary>The batch that the step reads: the features of the images in their place.</summary>
    /// <param name="parameters">The parameters, as for a gradient.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="mode">Training or evaluation.</param>
    /// <param name="stop">Cancels the run between layers.</param>
    /// <exception cref="ShapeException">The batch does not fit the network.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public Batch Encode(float[][] parameters, Batch batch, EncoderMode mode, CancellationToken stop = default)
    {
        if (batch.Inputs != network.Inputs)
        {
            throw new ShapeException("batch input", $"{network.Inputs} numbers a step", $"{batch.Inputs}");
        }
        int rows = batch.Size * batch.Steps, size = EncodedInput.pixels(network.Encoder), width = network.Encoder.Features;
        if (images.Length != rows * size) images = new float[rows * size];
        if (features.Length != rows * width) (features, featureBars) = (new float[rows * width], new float[rows * width]);
        for (var row = 0; row < rows; row++)
        {
            var from = batch.Input.AsSpan(row * batch.Inputs, size);
            var to = images.AsSpan(row * size, size);
            for (var k = 0; k < size; k++) to[k] = (float)from[k];
        }
        encoder.Forward(parameters[own..trained], parameters[trained..], images, batch.Steps, mode, features, stop);
        var inputs = width + batch.Inputs - size;
        var input = new double[rows * inputs];
        for (var row = 0; row < rows; row++)
        {
            var to = input.AsSpan(row * inputs, inputs);
            for (var k = 0; k < width; k++) to[k] = features[row * width + k];
            batch.Input.AsSpan(row * batch.Inputs + size, batch.Inputs - size).CopyTo(to[width..]);
        }
        return EncodedInput.batch(batch, input);
    }

    /// <summary>Frees the memory of encoder and engine.</summary>
    public void Dispose()
    {
        inner.Dispose();
        encoder.Dispose();
    }

    private static Encoder EncoderOf(PlasticNetwork network) =>
        network.Encoder ?? throw new ArgumentException("the network has no encoder", nameof(network));

    private void Backward(Batch batch, double[] inputBars, float[][] gradients, CancellationToken stop)
    {
        int rows = batch.Size * batch.Steps, width = network.Encoder.Features, inputs = inputBars.Length / rows;
        for (var row = 0; row < rows; row++)
        {
            for (var k = 0; k < width; k++) featureBars[row * width + k] = (float)inputBars[row * inputs + k];
        }
        encoder.Backward(featureBars, gradients, stop);
    }
}
