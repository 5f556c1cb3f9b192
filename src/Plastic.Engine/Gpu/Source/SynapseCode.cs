using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// What forward and backward kernels say alike about a synapse: connection k = i·m + j joins input i with output j. The fast weights at
/// the start of the step are at f, the cotangents of what follows the step at bar.
/// </summary>
internal static class SynapseCode
{
    /// <summary>W + F of a connection.</summary>
    /// <param name="layout">Where everything lies.</param>
    /// <param name="synapse">The synapse, which is not factored.</param>
    /// <param name="isTransposed">Whether parameters are read transposed.</param>
    /// <param name="k">The connection among the parameters, in C.</param>
    /// <param name="trace">The connection among the fast weights, in C.</param>
    public static string Weight(EpisodeLayout layout, int synapse, bool isTransposed, string k, string trace)
    {
        var s = layout.Program.Synapses[synapse];
        var from = isTransposed ? "parT" : "par";
        var weight = $"{from}[{layout.Parameters[s.Weight]} + {k}]";
        if (!s.IsPlastic) return weight;
        var fast = $"f[{layout.Traces[synapse]} + {trace}]";
        return s.Bound.IsOnTrace && s.Alpha is { } alpha
            ? $"FMA({from}[{layout.Parameters[alpha]} + {k}], {fast}, {weight})"
            : $"({weight} + {fast})";
    }

    /// <summary>What reading the fast weights touches.</summary>
    public static IEnumerable<Access> ReadFast(EpisodeLayout layout, int synapse, bool isOwn) =>
        layout.IsDense(synapse) ? [new($"F{synapse}", IsWrite: false, isOwn)] : [];

    /// <summary>α of connection k where it is inside the update, times something; that alone where α is 1 or outside.</summary>
    public static string AlphaInside(EpisodeLayout layout, ProgramSynapse s, string value) =>
        s.Alpha is { } alpha && !s.Bound.IsOnTrace ? $"par[{layout.Parameters[alpha]} + k] * {value}" : value;

    /// <summary>α of connection k where it is outside the trace, times something; that alone where it is 1 or inside.</summary>
    public static string AlphaOutside(EpisodeLayout layout, ProgramSynapse s, string value) =>
        s.Alpha is { } alpha && s.Bound.IsOnTrace ? $"par[{layout.Parameters[alpha]} + k] * {value}" : value;

    /// <summary>Σ p_i q_j over pairs of slots.</summary>
    public static string Outer(ListCode list, IEnumerable<Pair<int>> pairs)
    {
        var text = "";
        foreach (var pair in pairs)
        {
            var (p, q) = (list.Of(pair.P).At("i"), list.Of(pair.Q).At("j"));
            text = text.Length == 0 ? $"{p} * {q}" : $"FMA({p}, {q}, {text})";
        }
        return text.Length == 0 ? "0.0f" : text;
    }

    /// <summary>What reading pairs touches: any input, own outputs, or the other way round.</summary>
    public static IEnumerable<Access> ReadPairs(ListCode list, IEnumerable<Pair<int>> pairs, bool byOutput) =>
        pairs.SelectMany(pair => list.Of(pair.P).Read(isOwn: !byOutput).Concat(list.Of(pair.Q).Read(isOwn: byOutput)));

    /// <summary>What the update adds at its rate, D, of connection k.</summary>
    public static string Drive(EpisodeLayout layout, ListCode list, int synapse)
    {
        var s = layout.Program.Synapses[synapse];
        return s.HasEligibility ? $"f[{layout.Eligibilities[synapse]} + k]" : Outer(list, s.Update.Value.Operands.Pairs);
    }

    /// <summary>F' or H' before the bound, where D of connection k is named drive.</summary>
    public static string Unbounded(EpisodeLayout layout, ListCode list, int synapse)
    {
        var s = layout.Program.Synapses[synapse];
        var u = s.Update.Value.Operands;
        return $"FMA({list.Of(u.Keep).At("j")}, f[{layout.Traces[synapse]} + k], {list.Of(u.Rate).At("")} * {AlphaInside(layout, s, "drive")})";
    }

    /// <summary>A loop over all connections, each thread through the columns of its own outputs.</summary>
    public static string Columns(ProgramSynapse s, string body, string before = "", string after = "") =>
        $$"""
        for (int j = LID; j < {{s.Matrix.Columns}}; j += SIZE) {
                    {{before}}
                    for (int i = 0; i < {{s.Matrix.Rows}}; i++) {
                        int k = i * {{s.Matrix.Columns}} + j;
                        {{body}}
                    }
                    {{after}}
                }
        """;
}
