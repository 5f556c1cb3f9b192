namespace Plastic.Engine;

/// <summary>
/// The norm of a gradient and the update of weights, on a device: the kernels, and the memory that they need. A loss or norm that is not
/// finite stops it: from then on nothing changes, until it is restored.
/// </summary>
internal sealed class DeviceOptimiser : IDisposable
{
    private readonly IDevice device;
    private readonly EpisodeLayout layout;
    private readonly UpdateKernel update;
    private readonly IKernels kernels;
    private readonly List<IDisposable> held = [];
    private readonly DeviceBuffer partials, state;
    private readonly float most, mostRest;
    private readonly int rows;

    /// <param name="device">The device; it must outlive the optimiser.</param>
    /// <param name="layout">Where the parameters lie.</param>
    /// <param name="update">The kernel of the update.</param>
    /// <param name="maxGradientNorm">Bound on the joint norm of all gradients; infinity for none.</param>
    /// <param name="weights">Initial values, which become the arrays of the host.</param>
    /// <param name="steps">Steps of the episodes.</param>
    /// <exception cref="DeviceException">The device lacks memory, float64 where that is needed, or cannot compile the kernels.</exception>
    public DeviceOptimiser(
        IDevice device, EpisodeLayout layout, UpdateKernel update, double maxGradientNorm, float[][] weights, int steps)
    {
        (this.device, this.layout, this.update) = (device, layout, update);
        if (update.NeedsDoubles && !device.Facts.HasDoubles)
        {
            throw new DeviceException(
                DeviceFault.NoDevice,
                $"{device.Facts.Name} ({device.Facts.Model}) does not compute in float64, which this optimiser needs; adamw does without");
        }
        (most, mostRest) = ((float)maxGradientNorm, (float)(maxGradientNorm - (float)maxGradientNorm));
        rows = layout.Program.Batch * steps;
        kernels = Hold(device.Compile(Source(layout, update), []));
        try
        {
            partials = Take(NormKernels.Ranges(layout) * NormKernels.PartialFloats, "sums of squares");
            state = Take(NormKernels.StateFloats, "the state of training");
            Results = Take(NormKernels.ResultFloats + rows, "losses");
            Weights = Hold(new DeviceArrays(device, Take(layout.ParameterSize, "weights"), layout.Parameters, weights));
            var trained = Enumerable.Range(0, weights.Length).Where(k => layout.Program.Parameters[k].Trained).ToArray();
            int[] starts = [.. trained.Select(k => layout.Parameters[k])];
            Memory =
            [
                .. update.Memory.Select(_ => Hold(new DeviceArrays(
                    device, Take(layout.ParameterSize, "the optimiser's state"), starts, [.. trained.Select(k => new float[weights[k].Length])]))),
            ];
            Restore();
        }
        catch (DeviceException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The weights.</summary>
    public DeviceArrays Weights { get; }

    /// <summary>What the update remembers, of the trained parameters alone.</summary>
    public IReadOnlyList<DeviceArrays> Memory { get; }

    /// <summary>The norm and the losses of the last step measured: see <see cref="NormOf"/>.</summary>
    public DeviceBuffer Results { get; }

    /// <summary>The source of its kernels.</summary>
    public static KernelSource Source(EpisodeLayout layout, UpdateKernel update) =>
        new(Prelude.Text + "\n" + NormKernels.Write(layout) + update.Write(layout), NormKernels.LocalFloats);

    /// <summary>The norm in results that were read.</summary>
    public static double NormOf(ReadOnlySpan<float> results) =>
        ((double)results[0] + results[1]) * Math.ScaleB(1, (int)results[2]);

    /// <summary>The losses in results that were read, of one step after the other, of one sample after the other.</summary>
    public static ReadOnlySpan<float> LossesOf(ReadOnlySpan<float> results) => results[NormKernels.ResultFloats..];

    /// <summary>Brings weights and state to the device from the arrays of the host; it works again if it had stopped.</summary>
    public void Restore()
    {
        device.Fill(state, 0);
        Weights.Send();
        foreach (var arrays in Memory) arrays.Send();
    }

    /// <summary>Measures a step: its losses, the norm of its gradient and the factor that clips it.</summary>
    /// <param name="gradient">The gradient of all parameters.</param>
    /// <param name="outs">The outputs and the loss of every sample and step.</param>
    public void Measure(DeviceBuffer gradient, DeviceBuffer outs)
    {
        device.Launch(kernels["squares"], NormKernels.Ranges(layout), gradient, partials);
        device.Launch(kernels["finish"], 1, partials, outs, state, Results, rows, most, mostRest);
    }

    /// <summary>Updates the weights from the gradient measured last.</summary>
    /// <param name="gradient">The gradient of all parameters.</param>
    /// <param name="step">The number of the update, from 1.</param>
    /// <param name="learningRate">Its rate.</param>
    public void Update(DeviceBuffer gradient, long step, double learningRate)
    {
        device.Launch(
            kernels["update"], SettleKernels.Groups(layout),
            [
                Weights.Buffer, gradient, state, .. Memory.Select(arrays => (KernelArgument)arrays.Buffer),
                .. update.Arguments(step, learningRate),
            ]);
        Weights.Changed();
        foreach (var arrays in Memory) arrays.Changed();
    }

    /// <summary>The factor that clips, as a pair, of the step measured last.</summary>
    public (float High, float Low) ReadFactor()
    {
        var values = new float[NormKernels.StateFloats];
        device.Read(state, 0, values);
        return (values[1], values[2]);
    }

    public void Dispose() => held.ForEach(one => one.Dispose());

    private DeviceBuffer Take(long floats, string what) => Hold(device.Allocate(floats, what));

    private T Hold<T>(T one) where T : IDisposable
    {
        held.Add(one);
        return one;
    }
}
