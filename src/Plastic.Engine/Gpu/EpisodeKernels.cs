namespace Plastic.Engine;

/// <summary>
/// The kernels of a Program on a device, and the memory in which they run one batch after the other. Parameters and data lie on the device
/// already. Launches return at once; what was launched runs in order.
/// </summary>
internal sealed class EpisodeKernels : IDisposable
{
    private readonly EpisodeSource source;
    private readonly IKernels kernels;
    private readonly bool isPoisoned;
    private EpisodeBuffers? buffers;

    /// <param name="device">The device; it must outlive the kernels.</param>
    /// <param name="source">The kernels.</param>
    /// <param name="defined">Names that are defined for the compiler: REVERSED or POISONED.</param>
    /// <exception cref="DeviceException">The device cannot compile the kernels, or has too little local memory.</exception>
    public EpisodeKernels(IDevice device, EpisodeSource source, string[] defined)
    {
        (Device, this.source) = (device, source);
        isPoisoned = defined.Contains("POISONED");
        var needed = (long)source.LocalFloats * sizeof(float);
        if (needed > device.Facts.LocalBytes)
        {
            throw new DeviceException(
                DeviceFault.Memory,
                $"{device.Facts.Name} ({device.Facts.Model}) has {device.Facts.LocalBytes} bytes of local memory; the kernels need {needed}");
        }
        kernels = device.Compile(source.Kernels, defined);
    }

    /// <summary>The device.</summary>
    public IDevice Device { get; }

    /// <summary>Where everything lies.</summary>
    public EpisodeLayout Layout => source.Layout;

    /// <summary>What the last batch left behind.</summary>
    public EpisodeBuffers Buffers => buffers ?? throw new InvalidOperationException("EpisodeKernels: no batch was run.");

    /// <summary>Whether the last batch left every step behind, or the last one.</summary>
    public bool HasHistory { get; private set; }

    /// <summary>Which fast weights the last batch left for the host.</summary>
    public Seen Seen { get; private set; }

    /// <summary>Takes the memory for batches, unless it is held already.</summary>
    /// <param name="steps">Steps of the episodes.</param>
    /// <param name="hasHistory">Whether every step is kept.</param>
    /// <param name="hasGradient">Whether there is room for gradients.</param>
    /// <param name="seen">Which fast weights the host will read.</param>
    /// <exception cref="DeviceException">The memory does not suffice.</exception>
    public void Reserve(int steps, bool hasHistory, bool hasGradient, Seen seen)
    {
        if (buffers is { } held && held.Steps == steps && (held.HasHistory || !hasHistory) && (held.HasGradient || !hasGradient)
            && held.Seen >= seen)
        {
            return;
        }
        buffers?.Dispose();
        buffers = null;
        buffers = new EpisodeBuffers(Device, source, steps, hasHistory, hasGradient, seen);
    }

    /// <summary>Runs the episodes forward.</summary>
    /// <param name="parameters">All parameters, one after the other.</param>
    /// <param name="data">The batch: <see cref="BatchFit.Write"/>.</param>
    /// <param name="steps">Steps of the episodes.</param>
    /// <param name="hasHistory">Whether every step is kept.</param>
    /// <param name="hasGradient">Whether a backward pass follows.</param>
    /// <param name="seen">Which fast weights the host will read.</param>
    /// <exception cref="DeviceException">The memory does not suffice.</exception>
    public void Forward(DeviceBuffer parameters, DeviceBuffer data, int steps, bool hasHistory, bool hasGradient, Seen seen = Seen.None)
    {
        Reserve(steps, hasHistory, hasGradient, seen);
        (HasHistory, Seen) = (hasHistory, seen);
        var b = Buffers;
        if (isPoisoned) b.Poison();
        Device.Launch(kernels["transpose"], SettleKernels.Groups(Layout), parameters, b.Turned);
        Device.Launch(
            kernels["forward"], Layout.Program.Batch, parameters, b.Turned, data, b.Frames, b.Fasts, b.Starts, b.SeenFasts, b.Carries, b.Outs,
            b.Scratch, steps, b.Chunks.Length, hasHistory ? 1 : 0, (int)seen);
    }

    /// <summary>Runs the episodes of the last forward pass backward, and sums the gradients.</summary>
    /// <param name="parameters">As for the forward pass.</param>
    /// <param name="data">As for the forward pass.</param>
    public void Backward(DeviceBuffer parameters, DeviceBuffer data)
    {
        var b = Buffers;
        Device.Launch(
            kernels["backward"], Layout.Program.Batch, parameters, b.Turned, data, b.Frames, b.Fasts, b.Starts, b.Bars, b.StartBars,
            b.InputBars, b.Scratch, b.Steps, b.Chunks.Length);
        Device.Launch(
            kernels["settle"], (long)SettleKernels.Shards(Layout.Program) * SettleKernels.Groups(Layout), parameters, data, b.Frames, b.Bars,
            b.Sums, b.Steps);
        Device.Launch(kernels["total"], SettleKernels.Groups(Layout), b.Sums, b.Gradient);
    }

    /// <summary>Gives memory and kernels back.</summary>
    public void Dispose()
    {
        buffers?.Dispose();
        kernels.Dispose();
    }
}
