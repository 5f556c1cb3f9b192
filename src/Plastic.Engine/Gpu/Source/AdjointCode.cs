namespace Plastic.Engine;

/// <summary>
/// Writes the adjoints of the updates at the end of a step (SynapseUpdate gives the equations), which leave the cotangents of the
/// operands, and turn those of what follows the step into those of what precedes it. p̄ is summed along rows, everything else down
/// columns, and scalars over all threads.
/// </summary>
internal sealed class AdjointCode
{
    private readonly EpisodeLayout layout;
    private readonly ListCode list;
    private readonly KernelWriter writer;
    private readonly List<(string Part, string Declaration)> sums = [];
    private readonly List<int> scalars = [];

    private AdjointCode(EpisodeLayout layout, ListCode list, KernelWriter writer) =>
        (this.layout, this.list, this.writer) = (layout, list, writer);

    /// <summary>The adjoints of all synapses' updates.</summary>
    public static void Write(EpisodeLayout layout, ListCode list, KernelWriter writer, IEnumerable<FactoredBackward> factored)
    {
        var code = new AdjointCode(layout, list, writer);
        int[] dense = [.. Enumerable.Range(0, layout.Program.Synapses.Length).Where(layout.IsDense)];
        foreach (var k in dense) code.Rows(k);
        foreach (var k in dense) code.Columns(k);
        foreach (var f in factored) f.Advance(code.sums, code.scalars);
        writer.Sum(code.sums);
        code.scalars.ForEach(list.SetScalar);
    }

    /// <summary>What reading and writing the cotangents of a synapse's own columns touches.</summary>
    public static IEnumerable<Access> OwnBars(int synapse) =>
        [new($"B{synapse}", IsWrite: false, IsOwn: true), new($"B{synapse}", IsWrite: true, IsOwn: true)];

    private bool IsVector(int? slot) => slot is { } found && layout.Program.Slots[found].Length > 1;

    /// <summary>
    /// Declares what the passes need of connection k: drive = D, where it is read, b = T̄', zero where the bound is active, and a = A.
    /// </summary>
    private string Connection(int synapse, bool readsDrive)
    {
        var s = layout.Program.Synapses[synapse];
        var isBounded = double.IsFinite(s.Bound.Limit);
        var text = readsDrive || isBounded ? $"float drive = {SynapseCode.Drive(layout, list, synapse)}; " : "";
        text += $"float b = bar[{layout.Traces[synapse]} + k]; ";
        if (isBounded)
        {
            text += $"if (!(ABS({SynapseCode.Unbounded(layout, list, synapse)}) < {Home.Number((float)s.Bound.Limit)})) b = 0.0f; ";
        }
        return $"{text}float a = {SynapseCode.AlphaInside(layout, s, "b")}; ";
    }

    private (string Pair, string Rate) PairBar(int synapse)
    {
        var u = layout.Program.Synapses[synapse].Update.Value.Operands;
        return u.Eligibility.IsSome
            ? ($"bar[{layout.Eligibilities[synapse]} + k]", list.Of(u.Eligibility.Value.Rate).At(""))
            : ("a", list.Of(u.Rate).At(""));
    }

    /// <summary>p̄ of the pairs that are vectors.</summary>
    private void Rows(int synapse)
    {
        var s = layout.Program.Synapses[synapse];
        var (u, bars) = (s.Update.Value.Operands, s.Update.Value.Bars);
        int[] wanted = [.. Enumerable.Range(0, bars.Pairs.Length).Where(k => IsVector(bars.Pairs[k].P))];
        if (wanted.Length == 0) return;
        var connection = Connection(synapse, readsDrive: false);
        var (h, rate) = PairBar(synapse);
        Access[] reads =
        [
            .. SynapseCode.ReadPairs(list, u.Pairs, byOutput: false), .. list.Of(u.Keep).Read(isOwn: false),
            new($"B{synapse}", IsWrite: false, IsOwn: false), new($"F{synapse}", IsWrite: false, IsOwn: false),
        ];
        var places = Array.ConvertAll(wanted, k => list.Place(bars.Pairs[k].P!.Value));
        var add = string.Join(' ', wanted.Select((k, n) => $"p{n} = FMA(h, {list.Of(u.Pairs[k].Q).At("j")}, p{n});"));
        writer.Each(
            $$"""
            for (int i = LID; i < {{s.Matrix.Rows}}; i += SIZE) {
                        {{string.Join(' ', places.Select((_, n) => $"float p{n} = 0.0f;"))}}
                        for (int j = 0; j < {{s.Matrix.Columns}}; j++) {
                            int k = i * {{s.Matrix.Columns}} + j;
                            {{connection}}float h = {{h}}; {{add}}
                        }
                        {{string.Join(' ', places.Select((place, n) => $"{place.At("i")} = {rate} * p{n};"))}}
                    }
            """,
            [.. reads, .. places.Select(place => place.Write)]);
    }

    /// <summary>All other cotangents, and the step from T̄' and Ē' to T̄ and Ē.</summary>
    private void Columns(int synapse)
    {
        var s = layout.Program.Synapses[synapse];
        var (u, bars) = (s.Update.Value.Operands, s.Update.Value.Bars);
        var trace = $"{layout.Traces[synapse]} + k";
        var keep = list.Of(u.Keep).At("j");
        var rate = list.Of(u.Rate).At("");
        var body = Connection(synapse, readsDrive: true);
        var (h, pairRate) = PairBar(synapse);
        body += $"float h = {h}; ";
        var before = "";
        var after = "";
        var writes = new List<Access>();
        Give(bars.Keep, "b", $"f[{trace}]", "1.0f");
        Give(bars.Rate, "a", "drive", "1.0f");
        for (var k = 0; k < u.Pairs.Length; k++)
        {
            if (!IsVector(bars.Pairs[k].P)) Give(bars.Pairs[k].P, "h", list.Of(u.Pairs[k].Q).At("j"), pairRate);
            Give(bars.Pairs[k].Q, "h", list.Of(u.Pairs[k].P).At("i"), pairRate);
        }
        if (!s.Bound.IsOnTrace && layout.TrainsAlpha(s))
        {
            var alpha = $"bar[{layout.AlphaBars[synapse]} + k]";
            body += $"{alpha} = FMA({rate} * b, drive, {alpha}); ";
        }
        if (u.Eligibility.IsSome)
        {
            var (e, eBars) = (u.Eligibility.Value, bars.Eligibility.Value);
            Give(eBars.Keep, "h", "drive", "1.0f");
            Give(eBars.Rate, "h", $"({SynapseCode.Outer(list, u.Pairs)})", "1.0f");
            body += $"bar[{layout.Eligibilities[synapse]} + k] = FMA({list.Of(e.Keep).At("")}, h, {rate} * a); ";
        }
        body += $"bar[{trace}] = {keep} * b;";
        writer.Each(
            SynapseCode.Columns(s, body, before, after),
            [
                .. SynapseCode.ReadPairs(list, u.Pairs, byOutput: true), .. list.Of(u.Keep).Read(isOwn: true), .. OwnBars(synapse),
                new Access($"F{synapse}", IsWrite: false, IsOwn: true), .. writes,
            ]);

        // Adds x·y of each connection to a cotangent: down the columns for a vector, over everything for a scalar.
        void Give(int? slot, string x, string y, string factor)
        {
            if (slot is not { } target) return;
            var name = $"r{target}";
            body += $"{name} = FMA({x}, {y}, {name}); ";
            if (IsVector(target))
            {
                var place = list.Place(target);
                before += $"float {name} = 0.0f; ";
                after += $"{place.At("j")} = {factor} * {name}; ";
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
