using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// A network in training on a device: weights, gradient and the optimiser's state stay there. A step is queued with its batch; while the
/// device works, the host draws the next one. Losses and norms come back two steps later, so the device never waits for the host.
/// </summary>
/// <remarks>A run gives the same bits whenever it is repeated, and agrees with <see cref="Learner"/> up to rounding.</remarks>
public sealed class GpuLearner : ILearner
{
    private readonly GpuExecutor executor;
    private readonly Crew crew;
    private readonly int steps;
    private readonly IReadOnlyList<string> names;
    private readonly DeviceOptimiser optimiser;
    private readonly List<HostMemory> pinned = [];
    private readonly Slot[] slots;
    private readonly Queue<Started> pending = new();
    private readonly Action<int, int> stage;
    private Batch? staged;
    private long begun;

    /// <param name="executor">Runs the network; it must outlive the learner.</param>
    /// <param name="steps">Steps of the episodes, at least 1.</param>
    /// <param name="initial">Initial values, one array per parameter of the executor.</param>
    /// <param name="settings">The optimiser's settings.</param>
    /// <param name="maxGradientNorm">Bound on the joint norm of all gradients; infinity for none.</param>
    /// <param name="crew">The threads that prepare batches.</param>
    /// <exception cref="ArgumentException">There are no kernels for this optimiser: see <see cref="Knows"/>.</exception>
    /// <exception cref="ShapeException">The number or size of the initial values.</exception>
    /// <exception cref="DeviceException">The device cannot compile the kernels, or has too little memory.</exception>
    public GpuLearner(
        GpuExecutor executor, int steps, double[][] initial, OptimiserSettings settings, double maxGradientNorm, Crew crew)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        (this.executor, this.steps, this.crew) = (executor, steps, crew);
        var update = UpdateKernel.Of(settings)
            ?? throw new ArgumentException($"there are no kernels for {settings.GetType().Name}", nameof(settings));
        names = update.Memory;
        var weights = Array.ConvertAll(initial, p => Array.ConvertAll(p, x => (float)x));
        BatchFit.Require(Layout, weights);
        executor.Reserve(steps, wantGradient: true);
        optimiser = new DeviceOptimiser(Device, Layout, update, maxGradientNorm, weights, steps);
        try
        {
            slots = [.. Enumerable.Range(0, Ahead + 1).Select(_ => new Slot(
                Pin(BatchFit.Floats(Layout, steps)), Pin((int)optimiser.Results.Floats)))];
        }
        catch (DeviceException)
        {
            Dispose();
            throw;
        }
        stage = (_, sample) => BatchFit.Write(Layout, staged!, sample, slots[begun % slots.Length].Data.Values);
    }

    /// <inheritdoc/>
    public float[][] Weights => optimiser.Weights.Fetch();

    /// <inheritdoc/>
    public IReadOnlyList<(Parameter Parameter, string Memory, float[] Values)> Memory =>
    [
        .. names.Zip(optimiser.Memory, (name, arrays) => Layout.Program.Parameters.Where(p => p.Trained)
            .Zip(arrays.Fetch(), (p, values) => (p, name, values))).SelectMany(of => of),
    ];

    /// <inheritdoc/>
    public long Steps { get; private set; }

    /// <inheritdoc/>
    public int Pending => pending.Count;

    /// <inheritdoc/>
    public int Ahead => 2;

    private EpisodeKernels Kernels => executor.Kernels;

    private EpisodeLayout Layout => Kernels.Layout;

    private IDevice Device => Kernels.Device;

    /// <summary>Whether there are kernels for an optimiser; others go through <see cref="Learner"/>.</summary>
    /// <param name="settings">The optimiser's settings.</param>
    public static bool Knows(OptimiserSettings settings) => UpdateKernel.Of(settings) is not null;

    /// <summary>The bytes of a device that training takes, found without taking them: an executor's and a learner's.</summary>
    /// <param name="program">The network's step.</param>
    /// <param name="facts">The device.</param>
    /// <param name="steps">Steps of the episodes, at least 1.</param>
    /// <param name="settings">The optimiser's settings.</param>
    /// <exception cref="DeviceException">A buffer would be larger than the device allows.</exception>
    public static long MemoryFor(StepProgram program, DeviceFacts facts, int steps, OptimiserSettings settings)
    {
        using var counted = new CountedDevice(facts);
        using var executor = new GpuExecutor(program, counted);
        using var crew = new Crew(1);
        var initial = Array.ConvertAll(program.Parameters, p => new double[p.Size]);
        using var learner = new GpuLearner(executor, steps, initial, settings, double.PositiveInfinity, crew);
        return counted.Bytes;
    }

    /// <inheritdoc/>
    /// <remarks>Cannot be cancelled once it is begun.</remarks>
    public void Begin(Batch batch, double? learningRate, CancellationToken stop = default)
    {
        if (Pending > Ahead) throw new InvalidOperationException("GpuLearner: end the step that was begun first.");
        stop.ThrowIfCancellationRequested();
        BatchFit.Require(Layout, batch);
        if (batch.Steps != steps) throw new ShapeException("batch", $"episodes of {steps} steps", $"{batch.Steps}");
        var slot = slots[begun % slots.Length];
        staged = batch;
        crew.Run(batch.Size, stage);
        Device.StartWrite(executor.Data, slot.Data);
        Kernels.Forward(optimiser.Weights.Buffer, executor.Data, steps, hasHistory: true, hasGradient: true);
        Kernels.Backward(optimiser.Weights.Buffer, executor.Data);
        optimiser.Measure(Kernels.Buffers.Gradient, Kernels.Buffers.Outs);
        var before = Steps;
        if (learningRate is { } rate) optimiser.Update(Kernels.Buffers.Gradient, ++Steps, rate);
        pending.Enqueue(new Started(slot, Device.StartRead(optimiser.Results, slot.Results), before));
        begun++;
    }

    /// <inheritdoc/>
    public (double Loss, double Norm) End()
    {
        if (!pending.TryDequeue(out var first)) throw new InvalidOperationException("GpuLearner: no step was begun.");
        using var copy = first.Copy;
        copy.Wait();
        var results = first.Slot.Results.Values;
        var loss = GpuExecutor.Losses(DeviceOptimiser.LossesOf(results), 1, 0, Layout.Program.Batch).Sum();
        var norm = DeviceOptimiser.NormOf(results);
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            Forget();
            Steps = first.StepsBefore;
        }
        return (loss, norm);
    }

    /// <inheritdoc/>
    public void Restore(long steps)
    {
        if (Pending > 0) throw new InvalidOperationException("GpuLearner: steps are pending.");
        optimiser.Restore();
        Steps = steps;
    }

    /// <summary>Does nothing: encoders run on the host.</summary>
    /// <param name="passes">Anything.</param>
    public void CountPasses(long passes)
    {
    }

    /// <summary>Gives the memory back, once the device has done what was begun.</summary>
    public void Dispose()
    {
        try
        {
            // Also what a step that could not be begun had asked for.
            Device.Wait();
        }
        catch (DeviceException)
        {
            // A device that stopped working copies nothing any more.
        }
        while (pending.TryDequeue(out var step)) step.Copy.Dispose();
        foreach (var memory in pinned) memory.Dispose();
        optimiser.Dispose();
    }

    /// <summary>Takes memory of the host that the device copies from and to.</summary>
    private HostMemory Pin(int floats)
    {
        try
        {
            var memory = Device.Stage(floats);
            pinned.Add(memory);
            return memory;
        }
        catch (Exception fault) when (fault is OutOfMemoryException or DeviceException { Fault: DeviceFault.Memory })
        {
            throw new DeviceException(
                DeviceFault.Memory,
                $"{Device.Facts.Name} ({Device.Facts.Model}) gets no pinned memory of the host for batches: {floats} floats: try a smaller batch");
        }
    }

    /// <summary>Waits for steps whose results nobody reads.</summary>
    private void Forget()
    {
        while (pending.TryDequeue(out var step))
        {
            using var copy = step.Copy;
            copy.Wait();
        }
    }

    /// <summary>The host's memory of a step that the device works on.</summary>
    private sealed record Slot(HostMemory Data, HostMemory Results);

    /// <summary>A step that was begun.</summary>
    private sealed record Started(Slot Slot, DeviceCopy Copy, long StepsBefore);
}
