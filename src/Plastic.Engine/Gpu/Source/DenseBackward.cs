using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// Writes what the backward kernel does with a dense synapse: where a chunk is entered, its fast weights once more; the adjoints of the
/// update at the end of a step (SynapseUpdate gives the equations), which leave the cotangents of the operands and turn those of what
/// follows the step into those of what precedes it; and the step's pairs. p̄ is summed along rows, everything else down columns, and
/// scalars over all threads.
/// </summary>
internal sealed class DenseBackward
{
    private readonly EpisodeLayout layout;
    private readonly int synapse;
    private readonly ListCode list;
    private readonly KernelWriter writer;
    private readonly DenseCode[] codes;

    public DenseBackward(EpisodeLayout layout, int synapse, ListCode list, KernelWriter writer)
    {
        (this.layout, this.synapse, this.list, this.writer) = (layout, synapse, list, writer);
        codes = [.. Orientations.Select(isTransposed => new DenseCode(layout, synapse, list.Of, isTransposed))];
    }

    private bool[] Orientations => layout.HoldsTransposed(synapse) ? [false, true] : [false];

    private ProgramSynapse S => codes[0].Synapse;

    /// <summary>The forward pass has left the fast weights of the last chunk; those of others are computed again from their start.</summary>
    public void Enter()
    {
        foreach (var isTransposed in Orientations)
        {
            var code = new DenseCode(layout, synapse, InFrame, isTransposed);
            var update = code.Updates();
            writer.Walk(update with
            {
                Condition = "end < steps",
                Body = $$"""
                    for (int n = 0; n < end - begin - 1; n++) {
                                    {{layout.Pointers("GID", "begin + n")}}
                                    GLOBAL const float* f = fasts + ((wide)GID * (chunks + chunk) + (n == 0 ? begin / chunk : chunks + n)) * {{layout.FastSize}};
                                    GLOBAL float* g = fasts + ((wide)GID * (chunks + chunk) + chunks + n + 1) * {{layout.FastSize}};
                                    {{update.Body}}
                                }
                    """,
            });
        }

        Home InFrame(int slot)
        {
            var home = layout.InMemory(slot);
            return layout.Program.Slots[slot].Length == 1 ? new Register(home.At("0")) : home;
        }
    }

    /// <summary>The cotangents of the update's operands at the end of a step.</summary>
    /// <param name="sums">Receives sums over threads: each thread's part, and the scalar's declaration.</param>
    /// <param name="scalars">Receives the slots of those scalars.</param>
    public void Advance(List<(string Part, string Declaration)> sums, List<int> scalars)
    {
        foreach (var isTransposed in Orientations) Advance(isTransposed, sums, scalars);
    }

    /// <summary>Adds a step's pairs to F̄, or α∘them to H̄ and H∘them to ᾱ.</summary>
    public void AddPairs()
    {
        if (S.Gradient.Length == 0) return;
        foreach (var isTransposed in Orientations)
        {
            var code = codes[isTransposed ? 1 : 0];
            var body = $"float pairs = {code.Outer(S.Gradient)}; bar[{code.Trace}] += {code.Outside("pairs")};";
            if (!isTransposed && S.Bound.IsOnTrace && layout.TrainsAlpha(S))
            {
                var alpha = $"bar[{layout.AlphaBars[synapse]} + k]";
                body += $" {alpha} = FMA(f[{code.Trace}], pairs, {alpha});";
            }
            writer.Walk(code.Walk(body, code.ReadPairs(S.Gradient), code.Bar(isWrite: false), code.Bar(isWrite: true), code.Fast(isWrite: false)));
        }
    }

    private bool IsVector(int? slot) => slot is { } found && layout.Program.Slots[found].Length > 1;

    /// <summary>
    /// The adjoint of a connection's update in one of the two matrices: b = T̄', zero where the bound is active, and a = A.
    /// </summary>
    private void Advance(bool isTransposed, List<(string, string)> sums, List<int> scalars)
    {
        var code = codes[isTransposed ? 1 : 0];
        var (u, bars) = (code.Operands, S.Update.Value.Bars);
        var body = $"float drive = {code.Drive}; float b = bar[{code.Trace}]; ";
        if (double.IsFinite(S.Bound.Limit))
        {
            body += $"if (!(ABS({code.Unbounded}) < {Home.Number((float)S.Bound.Limit)})) b = 0.0f; ";
        }
        body += $"float a = {code.Inside("b")}; ";
        var (h, pairRate) = u.Eligibility.IsSome
            ? ($"bar[{code.Eligibility}]", list.Of(u.Eligibility.Value.Rate).At(""))
            : ("a", code.Rate);
        body += $"float h = {h}; ";
        var after = "";
        var vectors = new List<string>();
        var writes = new List<Access>();
        for (var k = 0; k < u.Pairs.Length; k++)
        {
            if (isTransposed == IsVector(bars.Pairs[k].P)) Give(bars.Pairs[k].P, "h", list.Of(u.Pairs[k].Q).At("j"), pairRate, "i");
            if (!isTransposed) Give(bars.Pairs[k].Q, "h", list.Of(u.Pairs[k].P).At("i"), pairRate, "j");
        }
        if (!isTransposed)
        {
            Give(bars.Keep, "b", $"f[{code.Trace}]", "1.0f", "j");
            Give(bars.Rate, "a", "drive", "1.0f", "j");
            if (!S.Bound.IsOnTrace && layout.TrainsAlpha(S))
            {
                var alpha = $"bar[{layout.AlphaBars[synapse]} + k]";
                body += $"{alpha} = FMA({code.Rate} * b, drive, {alpha}); ";
            }
        }
        if (u.Eligibility.IsSome)
        {
            var (e, eBars) = (u.Eligibility.Value, bars.Eligibility.Value);
            if (!isTransposed)
            {
                Give(eBars.Keep, "h", "drive", "1.0f", "j");
                Give(eBars.Rate, "h", $"({code.Outer(u.Pairs)})", "1.0f", "j");
            }
            body += $"bar[{code.Eligibility}] = FMA({list.Of(e.Keep).At("")}, h, {code.Rate} * a); ";
        }
        body += $"bar[{code.Trace}] = {code.Keep} * b;";
        Access[] matrices = [code.Bar(isWrite: false), code.Bar(isWrite: true), code.Fast(isWrite: false)];
        writer.Walk(code.Walk(body, [.. code.ReadPairs(u.Pairs), .. code.ReadKeep], matrices) with
        {
            Sums = [.. vectors],
            After = after,
            Then = writes,
        });

        // Adds x·y of each connection to a cotangent: along the walk for a vector, over everything for a scalar.
        void Give(int? slot, string x, string y, string factor, string own)
        {
            if (slot is not { } target) return;
            var name = $"r{target}";
            body += $"{name} = FMA({x}, {y}, {name}); ";
            if (IsVector(target))
            {
                var place = list.Place(target);
                vectors.Add(name);
                after += $"{place.At(own)} = {factor} * {name}; ";
                writes.Add(place.Write);
            }
            else
            {
                writer.Each($"float {name} = 0.0f;");
                sums.Add((name, $"float s{target} = {factor} * "));
                scalars.Add(target);
            }
        }
    }
}
