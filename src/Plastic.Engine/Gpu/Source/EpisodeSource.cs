using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The source of all kernels of a Program, which is OpenCL C 1.2 and CUDA C at once, and what their buffers hold.</summary>
internal sealed class EpisodeSource
{
    /// <summary>Bytes of local memory that a kernel uses at most: what every device gives without asking.</summary>
    public const int MostLocalBytes = 48 << 10;

    /// <param name="program">The Program.</param>
    /// <param name="localBytes">Bytes of local memory of a group. They change no bit of what the kernels compute.</param>
    public EpisodeSource(StepProgram program, long localBytes)
    {
        Layout = new EpisodeLayout(program);
        var floats = (int)(Math.Min(localBytes, MostLocalBytes) / sizeof(float));
        var (forward, backward) = (ForwardKernel.Write(Layout, floats), BackwardKernel.Write(Layout, floats));
        Text = Prelude.Text + forward.Text + "\n" + backward.Text + "\n" + SettleKernels.Write(Layout);
        ScratchFloats = Math.Max(forward.ScratchFloats, backward.ScratchFloats);
        LocalFloats = Math.Max(forward.LocalFloats, backward.LocalFloats);
    }

    /// <summary>Where everything lies.</summary>
    public EpisodeLayout Layout { get; }

    /// <summary>In C.</summary>
    public string Text { get; }

    /// <summary>Floats of global memory that each group takes for vectors.</summary>
    public int ScratchFloats { get; }

    /// <summary>Floats of local memory that a group takes.</summary>
    public int LocalFloats { get; }
}
