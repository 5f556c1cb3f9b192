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

    /// <summary>
    /// The kernel that copies each matrix of weights and of α transposed, into the same place of another buffer, so that products with a
    /// transpose read as products do.
    /// </summary>
    public static string WriteTranspose(EpisodeLayout layout)
    {
        var cases = new StringBuilder();
        foreach (var (m, parameter) in layout.Program.Synapses
            .SelectMany(s => new[] { (s.Matrix, (int?)s.Weight), (s.Matrix, s.Alpha) }).Where(found => found.Item2 is not null))
        {
            var from = layout.Parameters[parameter!.Value];
            cases.Append($"    if (at >= {from} && at < {from + m.Rows * m.Columns}) {{ int k = at - {from}; ")
                .Append($"to = {from} + k % {m.Columns} * {m.Rows} + k / {m.Columns}; }}\n");
        }
        return $$"""
            KERNEL void transpose(GLOBAL const float* par, GLOBAL float* parT) {
                int at = GID * SIZE + LID;
                int to = at;
                if (at >= {{layout.ParameterSize}}) return;
            {{cases}}    parT[to] = par[at];
            }

            """;
    }

    /// <summary>The two kernels.</summary>
    public static string Write(EpisodeLayout layout)
    {
        var size = ShardSize(layout.Program);
        return $$"""
            KERNEL void settle(GLOBAL const float* RESTRICT par, GLOBAL const float* RESTRICT data, GLOBAL const float* RESTRICT frames,
                GLOBAL const float* RESTRICT bars,
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
                Case(s.Weight, $"{Steps(layout)} {{ {layout.Pointers("b", "t")} {add} }}");
            }
            if (layout.TrainsAlpha(s) && layout.Factored(k) is { } factored)
            {
                Case(s.Alpha!.Value, Recursion(layout, factored));
            }
            else if (layout.TrainsAlpha(s))
            {
                Case(s.Alpha!.Value, $"for (int b = first; b < end; b++) a += bars[(wide)b * {layout.BarSize} + {layout.AlphaBars[k]} + k];");
            }
        }
        foreach (var v in program.Vectors)
        {
            if (v.Gradient is not { } slot || !program.Parameters[v.Parameter].Trained) continue;
            Case(v.Parameter, $"{Steps(layout)} {{ {layout.Pointers("b", "t")} a += {layout.InMemory(slot).At("k")}; }}");
        }
        return text.ToString();

        void Case(int parameter, string add)
        {
            var (from, size) = (layout.Parameters[parameter], program.Parameters[parameter].Size);
            text.Append($"    if (at >= {from} && at < {from + size}) {{ int k = at - {from}; {add} }}\n");
        }
    }

    /// <summary>
    /// ᾱ of a factored synapse, from the last step to the first: with F̄ of what follows a step, ᾱ += rate·F̄∘Σ p⊗q, and then
    /// F̄ ← keep·F̄ + Σ x⊗y.
    /// </summary>
    private static string Recursion(EpisodeLayout layout, FactoredLayout s)
    {
        var u = s.Operands;
        return $"for (int b = first; b < end; b++) {{ float bar = 0.0f; for (int t = steps - 1; t >= 0; t--) {{ {layout.Pointers("b", "t")} "
            + $"a = FMA({layout.InMemory(u.Rate).At("0")} * bar, {Outer(u.Pairs)}, a); "
            + $"bar *= {layout.InMemory(u.Keep).At("0")}; bar += {Outer(s.Synapse.Gradient)}; }} }}";

        string Outer(IEnumerable<Pair<int>> pairs) => Home.Outer(pairs, layout.InMemory, $"(k / {s.Columns})", $"(k % {s.Columns})");
    }

    private static string Steps(EpisodeLayout layout) => "for (int b = first; b < end; b++) for (int t = 0; t < steps; t++)";
}
