namespace Plastic.Engine;

/// <summary>
/// The memory of a device for batches of some length. With history it holds every step, for a backward pass or for who watches; without,
/// the last one.
/// </summary>
internal sealed class EpisodeBuffers : IDisposable
{
    private readonly IDevice device;
    private readonly List<DeviceBuffer> all = [];

    /// <exception cref="DeviceException">The memory does not suffice; nothing is held then.</exception>
    public EpisodeBuffers(IDevice device, EpisodeSource source, int steps, bool hasHistory, bool hasGradient, Seen seen)
    {
        this.device = device;
        (Steps, HasHistory, HasGradient, Seen) = (steps, hasHistory, hasGradient, seen);
        var layout = source.Layout;
        Chunks = new Chunks(steps, FactoredLayout.LongestChunk);
        long batch = layout.Program.Batch, kept = hasHistory ? steps : 1, starts = Chunks.Count == 1 ? 0 : hasHistory ? Chunks.Count : 1;
        try
        {
            Frames = Take(batch * kept * layout.FrameSize, "the values of steps");
            Fasts = Take(batch * (hasHistory ? Chunks.Count + Chunks.Length : 1) * layout.FastSize, "fast weights");
            Starts = Take(batch * starts * layout.StartSize, "fast weights");
            SeenFasts = Take(batch * SeenSteps * layout.SeenSize, "fast weights that are read");
            Turned = Take(layout.ParameterSize, "parameters");
            Carries = Take(batch * kept * layout.StateSize, "states");
            Outs = Take(batch * steps * (layout.OutputSize + 1), "outputs");
            Scratch = Take(batch * source.ScratchFloats, "vectors");
            Bars = Take(hasGradient ? batch * layout.BarSize : 0, "the gradients of fast weights");
            StartBars = Take(hasGradient && starts > 0 ? batch * layout.StartSize : 0, "the gradients of fast weights");
            InputBars = Take(hasGradient ? batch * steps * layout.InputSize : 0, "the gradients of data");
            Sums = Take(hasGradient ? (long)SettleKernels.Shards(layout.Program) * layout.ParameterSize : 0, "gradients");
            Gradient = Take(hasGradient ? layout.ParameterSize : 0, "gradients");
        }
        catch (DeviceException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Steps of the episodes.</summary>
    public int Steps { get; }

    /// <summary>Whether there is room for every step, and for gradients.</summary>
    public bool HasHistory { get; }

    public bool HasGradient { get; }

    /// <summary>Which fast weights the host can read.</summary>
    public Seen Seen { get; }

    /// <summary>Steps of each sample whose fast weights the host can read.</summary>
    public long SeenSteps => Seen switch { Seen.None => 0, Seen.Last => 1, _ => Steps };

    /// <summary>The episodes in chunks, for factored synapses.</summary>
    public Chunks Chunks { get; }

    public DeviceBuffer Frames { get; }

    public DeviceBuffer Fasts { get; }

    /// <summary>F of factored synapses where chunks start.</summary>
    public DeviceBuffer Starts { get; }

    public DeviceBuffer SeenFasts { get; }

    /// <summary>The parameters with their matrices transposed.</summary>
    public DeviceBuffer Turned { get; }

    public DeviceBuffer Carries { get; }

    public DeviceBuffer Outs { get; }

    public DeviceBuffer Scratch { get; }

    public DeviceBuffer Bars { get; }

    public DeviceBuffer StartBars { get; }

    public DeviceBuffer InputBars { get; }

    public DeviceBuffer Sums { get; }

    public DeviceBuffer Gradient { get; }

    /// <summary>Fills everything with NaN, so that what is read before it is written shows.</summary>
    public void Poison() => all.ForEach(buffer => device.Fill(buffer, float.NaN));

    public void Dispose() => all.ForEach(buffer => buffer.Dispose());

    private DeviceBuffer Take(long floats, string what)
    {
        var buffer = device.Allocate(floats, what);
        all.Add(buffer);
        return buffer;
    }
}

/// <summary>After which steps the fast weights are left for the host.</summary>
internal enum Seen
{
    None,
    Last,
    Every,
}
