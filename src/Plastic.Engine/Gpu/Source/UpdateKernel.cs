using Plastic.Core;

namespace Plastic.Engine;

/// <summary>The update of an optimiser as a kernel: one thread for each number of the parameters, in the words of its CPU form.</summary>
internal abstract class UpdateKernel
{
    /// <summary>The names of what it remembers of each number of the trained parameters.</summary>
    public abstract IReadOnlyList<string> Memory { get; }

    /// <summary>Whether it computes in float64.</summary>
    public virtual bool NeedsDoubles => false;

    /// <summary>The kernel of an optimiser; null where there is none.</summary>
    public static UpdateKernel? Of(OptimiserSettings settings) => settings switch
    {
        AdamWSettings adam => new AdamWKernel(adam),
        RmsPropSettings rms => new RmsPropKernel(rms),
        _ => null,
    };

    /// <summary>The numbers of one step, which the kernel takes after its buffers.</summary>
    /// <param name="step">The number of the step, from 1.</param>
    /// <param name="learningRate">Its rate.</param>
    public abstract KernelArgument[] Arguments(long step, double learningRate);

    /// <summary>The kernel, without a prelude. Its buffers are parameters, gradient, state, and what it remembers.</summary>
    public string Write(EpisodeLayout layout)
    {
        var memory = string.Concat(Memory.Select(name => $", GLOBAL float* {name}"));
        return $$"""
            {{Words}}
            KERNEL void update(GLOBAL float* par, GLOBAL const float* gradient, GLOBAL const float* state{{memory}}, {{Declared}}) {
                int at = GID * SIZE + LID;
                if (at >= {{layout.ParameterSize}} || state[0] != 0.0f || !({{Within(layout, p => p.Trained)}})) return;
            {{Body(layout)}}
            }

            """;
    }

    /// <summary>What comes before the kernel.</summary>
    protected virtual string Words => "";

    /// <summary>The declarations of the numbers of a step.</summary>
    protected abstract string Declared { get; }

    /// <summary>What is done with the number at `at`.</summary>
    protected abstract string Body(EpisodeLayout layout);

    /// <summary>Whether the number at `at` belongs to certain parameters.</summary>
    protected static string Within(EpisodeLayout layout, Func<Parameter, bool> isMeant)
    {
        var ranges = new List<(int Start, int End)>();
        for (var k = 0; k < layout.Parameters.Length; k++)
        {
            if (!isMeant(layout.Program.Parameters[k])) continue;
            var (start, end) = (layout.Parameters[k], layout.Parameters[k] + layout.Program.Parameters[k].Size);
            if (ranges is [.., var last] && last.End == start) ranges[^1] = (last.Start, end);
            else ranges.Add((start, end));
        }
        return ranges.Count == 0 ? "0" : string.Join(" || ", ranges.Select(range => $"(at >= {range.Start} && at < {range.End})"));
    }
}
