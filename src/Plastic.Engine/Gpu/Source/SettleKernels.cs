using System.Text;
using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Writes the kernels that sum gradients: settle, one thread for each number of the parameters and shard of the samples, through samples
/// and steps in order; and total, which adds the shards in order.
/// </summary>
internal static class SettleKernels
{
    /// <summary>Shards of a batch at most. A constant, since it sets the order of sums.</summary>
    private const int MostShards = 8;

    /// <summary>Shards of a batch.</summary>
    public static int Shards(StepProgram program) => (program.Batch + ShardSize(program) - 1) / ShardSize(program);

    /// <summary>Groups that settle runs in for each shard, and total in all.</summary>
    public static int Groups(EpisodeLayout layout) => (layout.ParameterSize + Prelude.GroupSize - 1) / Prelude.GroupSize;

    /// <summary>The two kernels.</summary>
    public static string Write(EpisodeLayout layout)
    {
        var size = ShardSize(layout.Program);
        return $$"""
            KERNEL void settle(GLOBAL const float* par, GLOBAL const float* data, GLOBAL const float* frames, GLOBAL const float* bars,
                GLOBAL float* sums, int steps) {
                int shard = GID / {{Groups(layout)}};
                int at = (GID % {{Groups(layout)}}) * SIZE + LID;
                int first = shard * {{size}};
                int end = first + {{size}} < {{layout.Program.Batch}} ? first + {{size}} : {{layout.Program.Batch}};
                if (at >= {{layout.ParameterSize}}) return;
                float a = 0.0f;
            {{Cases(layout)}}    sums[(wide)shard * {{layout.ParameterSize}} + at] = a;
            }

            KERNEL void total(GLOBAL const float* sums, GLOBAL float* gradient) {
                int at = GID * SIZE + LID;
                if (at >= {{layout.ParameterSize}}) return;
                float a = 0.0f;
                for (int shard = 0; shard < {{Shards(layout.Program)}}; shard++) a += sums[(wide)shard * {{layout.ParameterSize}} + at];
                gradient[at] = a;
            }

            """;
    }

    private static int ShardSize(StepProgram program) => (program.Batch + MostShards - 1) / MostShards;

    /// <summary>What is added up for each trained parameter.</summary>
    private static string Cases(EpisodeLayout layout)
    {
        var program = layout.Program;
        var text = new StringBuilder();
        for (var k = 0; k < program.Synapses.Length; k++)
        {
            var s = program.Synapses[k];
            var m = s.Matrix.Columns;
            if (program.Parameters[s.Weight].Trained && s.Gradient.Length > 0)
            {
                var add = string.Join(' ', s.Gradient.Select(pair =>
                    $"a = FMA({layout.InMemory(pair.P).At($"(k / {m})")}, {layout.InMemory(pair.Q).At($"(k % {m})")}, a);"));
                Case(s.Weight, $"{Steps(layout)} {{ {Pointers(layout)} {add} }}");
            }
            if (layout.TrainsAlpha(s))
            {
                Case(s.Alpha!.Value, $"for (int b = first; b < end; b++) a += bars[(wide)b * {layout.BarSize} + {layout.AlphaBars[k]} + k];");
            }
        }
        foreach (var v in program.Vectors)
        {
            if (v.Gradient is not { } slot || !program.Parameters[v.Parameter].Trained) continue;
            Case(v.Parameter, $"{Steps(layout)} {{ {Pointers(layout)} a += {layout.InMemory(slot).At("k")}; }}");
        }
        return text.ToString();

        void Case(int parameter, string add)
        {
            var (from, size) = (layout.Parameters[parameter], program.Parameters[parameter].Size);
            text.Append($"    if (at >= {from} && at < {from + size}) {{ int k = at - {from}; {add} }}\n");
        }
    }

    private static string Steps(EpisodeLayout layout) => "for (int b = first; b < end; b++) for (int t = 0; t < steps; t++)";

    private static string Pointers(EpisodeLayout layout) =>
        $"GLOBAL const float* d = data + ((wide)b * steps + t) * {layout.DataSize}; "
        + $"GLOBAL const float* fr = frames + ((wide)b * steps + t) * {layout.FrameSize};";
}
