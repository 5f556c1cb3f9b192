using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The source of all kernels of a Program, which is OpenCL C 1.2 and CUDA C at once, and what their buffers hold.</summary>
internal sealed class EpisodeSource
{
    /// <param name="program">The Program.</param>
    /// <param name="localBytes">Bytes of local memory that a group may take. They change no bit of what the kernels compute.</param>
    /// <param name="factors">Whether fast weights are held by their factors where they can be; all are dense otherwise.</param>
    public EpisodeSource(StepProgram program, long localBytes, bool factors = true)
    {
        Layout = new EpisodeLayout(program, factors);
        var floats = (int)Math.Min(localBytes / sizeof(float), int.MaxValue);
        var (forward, backward) = (ForwardKernel.Write(Layout, floats), BackwardKernel.Write(Layout, floats));
        Kernels = new KernelSource(
            Prelude.Text + forward.Text + "\n" + backward.Text + "\n" + SettleKernels.Write(Layout) + SettleKernels.WriteTranspose(Layout),
            new Dictionary<string, int> { ["forward"] = forward.LocalFloats, ["backward"] = backward.LocalFloats });
        ScratchFloats = Math.Max(forward.ScratchFloats, backward.ScratchFloats);
        LocalFloats = Kernels.LocalFloats.Values.Max();
    }

    /// <summary>Where everything lies.</summary>
    public EpisodeLayout Layout { get; }

    /// <summary>The kernels transpose, forward, backward, settle and total.</summary>
    public KernelSource Kernels { get; }

    /// <summary>Floats of global memory that each group takes for vectors.</summary>
    public int ScratchFloats { get; }

    /// <summary>Floats of local memory that a group takes at most.</summary>
    public int LocalFloats { get; }
}
