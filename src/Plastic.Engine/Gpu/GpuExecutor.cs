using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Runs a network's episodes as kernels on a device, all steps of one episode in one launch: float32, with the fast weights of every step
/// held in the device's memory (docs/gpu.md). A run gives the same bits whenever it is repeated, and agrees with the other executors up
/// to rounding. It runs one batch at a time and is not safe for use by several threads at once.
/// </summary>
public sealed class GpuExecutor : IExecutor
{
    private readonly EpisodeKernels kernels;
    private readonly DeviceBuffer weights;
    private DeviceBuffer? data;

    /// <summary>An executor on a device, which it does not own.</summary>
    /// <param name="program">The network's step.</param>
    /// <param name="device">The device; it must outlive the executor.</param>
    /// <exception cref="DeviceException">The device cannot compile the kernels, or has too little memory.</exception>
    public GpuExecutor(StepProgram program, IDevice device) : this(device, new EpisodeSource(program, device.Facts.LocalBytes), [])
    {
    }

    /// <summary>An executor of a given source, compiled with REVERSED or POISONED where they are named.</summary>
    internal GpuExecutor(IDevice device, EpisodeSource source, string[] defined)
    {
        kernels = new EpisodeKernels(device, source, defined);
        try
        {
            weights = device.Allocate(Layout.ParameterSize, "parameters");
        }
        catch (DeviceException)
        {
            kernels.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public StepProgram Program => Layout.Program;

    /// <summary>Its kernels, which a learner runs too.</summary>
    internal EpisodeKernels Kernels => kernels;

    /// <summary>Where data of batches go.</summary>
    internal DeviceBuffer Data => data ?? throw new InvalidOperationException("GpuExecutor: no memory was reserved.");

    private EpisodeLayout Layout => kernels.Layout;

    private EpisodeBuffers Buffers => kernels.Buffers;

    /// <inheritdoc/>
    public Episode Run(double[][] parameters, Batch batch, bool wantGradient)
    {
        var outs = Forward(Narrow(parameters), batch, hasHistory: wantGradient, wantGradient, Seen.Last);
        if (wantGradient) kernels.Backward(weights, Data);
        return EpisodeOf(batch, outs, wantGradient);
    }

    /// <inheritdoc/>
    /// <remarks>The watcher is called after the last step. All steps run in one launch, so a run cannot be cancelled between steps.</remarks>
    public Episode Watch(double[][] parameters, Batch batch, IEpisodeWatcher watcher, CancellationToken stop = default)
    {
        stop.ThrowIfCancellationRequested();
        var outs = Forward(Narrow(parameters), batch, hasHistory: true, wantGradient: false, Seen.Every);
        for (var t = 0; t < batch.Steps; t++)
        {
            stop.ThrowIfCancellationRequested();
            for (var b = 0; b < batch.Size; b++)
            {
                if (!watcher.Wants(b, t)) continue;
                foreach (var (name, values) in StatesAfter(b, t)) watcher.SeeState(b, t, name, values);
                foreach (var (name, values) in FastWeightsAfter(b, t)) watcher.SeeFastWeights(b, t, name, values);
            }
        }
        return EpisodeOf(batch, outs, wantGradient: false);
    }

    /// <inheritdoc/>
    /// <remarks>Cannot be cancelled while a kernel runs.</remarks>
    public double Gradient(
        float[][] parameters, Batch batch, float[][] gradients, IReadOnlyDictionary<string, double[]>? inputGradients = null,
        CancellationToken stop = default)
    {
        foreach (var (name, values) in inputGradients ?? new Dictionary<string, double[]>())
        {
            var at = Array.FindIndex(Program.Inputs, input => input.Name == name);
            var rows = (long)batch.Size * batch.Steps;
            IExecutor.RequireArray(nameof(inputGradients), name, values, at < 0 ? -1 : rows * Program.Inputs[at].Length);
        }
        stop.ThrowIfCancellationRequested();
        var outs = Forward(parameters, batch, hasHistory: true, wantGradient: true);
        stop.ThrowIfCancellationRequested();
        kernels.Backward(weights, Data);
        ReadGradient(gradients);
        if (inputGradients is { Count: > 0 })
        {
            var bars = Read(Buffers.InputBars, 0, batch.Size * batch.Steps * Layout.InputSize);
            foreach (var (name, values) in inputGradients) Pick(bars, Layout.InputSize, Input(name), values);
        }
        return Losses(outs, Layout.OutputSize + 1, Layout.OutputSize, batch.Size).Sum();
    }

    /// <inheritdoc/>
    /// <remarks>Cannot be cancelled while a kernel runs.</remarks>
    public double Evaluate(
        float[][] parameters, Batch batch, IReadOnlyDictionary<string, double[]>? outputs = null, CancellationToken stop = default)
    {
        foreach (var (name, values) in outputs ?? new Dictionary<string, double[]>())
        {
            var at = Array.FindIndex(Program.Outputs, output => output.Name == name);
            var rows = (long)batch.Size * batch.Steps;
            IExecutor.RequireArray(nameof(outputs), name, values, at < 0 ? -1 : rows * Length(Program.Outputs[at]));
        }
        stop.ThrowIfCancellationRequested();
        var outs = Forward(parameters, batch, hasHistory: false, wantGradient: false);
        foreach (var (name, values) in outputs ?? new Dictionary<string, double[]>())
        {
            Pick(outs, Layout.OutputSize + 1, Layout.Outputs[Array.FindIndex(Program.Outputs, output => output.Name == name)], values);
        }
        return Losses(outs, Layout.OutputSize + 1, Layout.OutputSize, batch.Size).Sum();
    }

    /// <inheritdoc/>
    public void EvaluateEach(
        float[][] parameters, ReadOnlySpan<Batch> batches, Span<double> losses,
        ReadOnlySpan<IReadOnlyDictionary<string, double[]>> outputs = default, CancellationToken stop = default) =>
        IExecutor.EvaluateInTurn(this, parameters, batches, losses, outputs, stop);

    /// <summary>Takes the memory for batches, unless it is held already.</summary>
    /// <param name="steps">Steps of the episodes, at least 1.</param>
    /// <param name="wantGradient">Whether gradients are computed.</param>
    /// <exception cref="DeviceException">The memory does not suffice.</exception>
    public void Reserve(int steps, bool wantGradient) => Reserve(steps, hasHistory: wantGradient, wantGradient);

    /// <summary>The bytes of a device that an executor takes for batches, found without taking them.</summary>
    /// <param name="program">The network's step.</param>
    /// <param name="facts">The device.</param>
    /// <param name="steps">Steps of the episodes, at least 1.</param>
    /// <param name="wantGradient">Whether gradients are computed.</param>
    /// <exception cref="DeviceException">A buffer would be larger than the device allows.</exception>
    public static long MemoryFor(StepProgram program, DeviceFacts facts, int steps, bool wantGradient)
    {
        using var counted = new CountedDevice(facts);
        using var executor = new GpuExecutor(program, counted);
        executor.Reserve(steps, wantGradient);
        return counted.Bytes;
    }

    /// <summary>Gives the device's memory and kernels back.</summary>
    public void Dispose()
    {
        data?.Dispose();
        weights.Dispose();
        kernels.Dispose();
    }

    /// <summary>The loss of each sample from the losses of its steps, which lie at one place of the rows.</summary>
    internal static double[] Losses(ReadOnlySpan<float> rows, int width, int at, int samples)
    {
        var losses = new double[samples];
        var steps = rows.Length / width / samples;
        for (var row = 0; row < steps * samples; row++) losses[row / steps] += rows[row * width + at];
        return losses;
    }

    private void Reserve(int steps, bool hasHistory, bool wantGradient, Seen seen = Seen.None)
    {
        kernels.Reserve(steps, hasHistory, wantGradient, seen);
        var rows = BatchFit.Floats(Layout, steps);
        if (data?.Floats >= rows) return;
        data?.Dispose();
        data = null;
        data = kernels.Device.Allocate(rows, "data");
    }

    /// <summary>Runs the episodes forward and returns the outputs and the loss of every step.</summary>
    private float[] Forward(float[][] parameters, Batch batch, bool hasHistory, bool wantGradient, Seen seen = Seen.None)
    {
        BatchFit.Require(Layout, parameters);
        BatchFit.Require(Layout, batch);
        Reserve(batch.Steps, hasHistory, wantGradient, seen);
        var rows = new float[BatchFit.Floats(Layout, batch.Steps)];
        for (var sample = 0; sample < batch.Size; sample++) BatchFit.Write(Layout, batch, sample, rows);
        kernels.Device.Write(weights, parameters.SelectMany(p => p).ToArray());
        kernels.Device.Write(Data, rows);
        kernels.Forward(weights, Data, batch.Steps, hasHistory, wantGradient, seen);
        return Read(Buffers.Outs, 0, batch.Size * batch.Steps * (Layout.OutputSize + 1));
    }

    private void ReadGradient(float[][] gradients)
    {
        var all = Read(Buffers.Gradient, 0, Layout.ParameterSize);
        for (var k = 0; k < gradients.Length; k++) all.AsSpan(Layout.Parameters[k], Program.Parameters[k].Size).CopyTo(gradients[k]);
    }

    private Episode EpisodeOf(Batch batch, float[] outs, bool wantGradient)
    {
        var losses = Losses(outs, Layout.OutputSize + 1, Layout.OutputSize, batch.Size);
        var outputs = Program.Outputs.Select((output, k) => (
            output.Name, Values: Pick(outs, Layout.OutputSize + 1, Layout.Outputs[k], new double[batch.Size * batch.Steps * Length(output)])));
        var gradients = Array.ConvertAll(wantGradient ? Program.Parameters : [], p => new float[p.Size]);
        var inputBars = new Dictionary<string, double[]>();
        if (wantGradient)
        {
            ReadGradient(gradients);
            var bars = Read(Buffers.InputBars, 0, batch.Size * batch.Steps * Layout.InputSize);
            foreach (var input in Program.Inputs)
            {
                inputBars[input.Name] = Pick(
                    bars, Layout.InputSize, Input(input.Name), new double[batch.Size * batch.Steps * input.Length]);
            }
        }
        return new Episode(
            losses.Sum(), losses, outputs.ToDictionary(output => output.Name, output => output.Values), Array.ConvertAll(gradients, Widen),
            inputBars, OfAll(FastWeightsAfter), OfAll(StatesAfter));

        Dictionary<string, double[]> OfAll(Func<int, int, IEnumerable<(string Name, float[] Values)>> after) =>
            Enumerable.Range(0, batch.Size).SelectMany(b => after(b, batch.Steps - 1)).GroupBy(found => found.Name)
                .ToDictionary(group => group.Key, group => group.SelectMany(found => Widen(found.Values)).ToArray());
    }

    /// <summary>Each state of a sample after a step; after the last one, where there is no history.</summary>
    private IEnumerable<(string Name, float[] Values)> StatesAfter(int sample, int step)
    {
        var row = kernels.HasHistory ? (long)sample * Buffers.Steps + step : sample;
        var values = Read(Buffers.Carries, row * Layout.StateSize, Layout.StateSize);
        return Program.States.Select((s, k) => (s.Name, values[Layout.States[k]..(Layout.States[k] + s.Length)]));
    }

    /// <summary>F of each synapse of a sample after a step; after the last one, where there is no history.</summary>
    private IEnumerable<(string Name, float[] Values)> FastWeightsAfter(int sample, int step)
    {
        var row = kernels.Seen == Seen.Every ? (long)sample * Buffers.Steps + step : sample;
        var values = Read(Buffers.SeenFasts, row * Layout.SeenSize, Layout.SeenSize);
        for (var k = 0; k < Program.Synapses.Length; k++)
        {
            var s = Program.Synapses[k];
            if (s.IsPlastic) yield return (s.Matrix.Name, values[Layout.Seen(k)..(Layout.Seen(k) + s.Matrix.Rows * s.Matrix.Columns)]);
        }
    }

    private float[] Read(DeviceBuffer from, long start, int count)
    {
        var values = new float[count];
        kernels.Device.Read(from, start, values);
        return values;
    }

    /// <summary>Where data whose cotangent was asked for lie in a row.</summary>
    private int Input(string name) => Layout.Inputs[Array.FindIndex(Program.Inputs, input => input.Name == name)];

    private int Length(ProgramOutput output) => Program.Slots[output.Slot].Length;

    /// <summary>Copies one quantity out of the rows of samples and steps.</summary>
    private static double[] Pick(float[] rows, int width, int start, double[] to)
    {
        var length = width == 0 ? 0 : to.Length / (rows.Length / width);
        for (var k = 0; k < to.Length; k++) to[k] = rows[k / length * width + start + k % length];
        return to;
    }

    private static float[][] Narrow(double[][] values) => Array.ConvertAll(values, array => Array.ConvertAll(array, x => (float)x));

    private static double[] Widen(float[] values) => Array.ConvertAll(values, x => (double)x);
}
