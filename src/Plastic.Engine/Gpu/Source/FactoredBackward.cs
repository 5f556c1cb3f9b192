namespace Plastic.Engine;

/// <summary>
/// Writes what the backward kernel does with a factored synapse. Through a chunk, from its last step to its first, the cotangents of the
/// pairs and of their coefficients gather what each step asks of F(t): of G = Σ x ⊗ y, p̄_c += k_c x∘w_c with w_c = α(q_c∘y),
/// q̄_c += k_c y∘z_c with z_c = αᵀ(p_c∘x), k̄_c += ⟨p_c∘x, w_c⟩ and d̄ += ⟨G, F(a)⟩. Those of the update at the end of a step are complete
/// when all later steps have given theirs: ratē = k̄_t and keep̄ = Σ_c k̄_c k_c + d̄ d; then k̄ and d̄ are kept in that share. Across chunks goes
/// F̄(a) = d·F̄(b) + Σ_t d(t)·G_t, where b is the start of the next.
/// </summary>
internal sealed class FactoredBackward
{
    private const int Chunk = FactoredCode.Chunk;

    private readonly EpisodeLayout layout;
    private readonly ListCode list;
    private readonly KernelWriter writer;
    private readonly Placed[] pBars, qBars, xs, ys;
    private readonly Placed coefficientBars;

    public FactoredBackward(EpisodeLayout layout, FactoredLayout factored, ListCode list, KernelWriter writer)
    {
        (this.layout, this.list, this.writer) = (layout, list, writer);
        Code = new FactoredCode(layout, factored, writer, "1");
        pBars = Array.ConvertAll(Code.P, _ => Code.Take(Chunk * factored.Rows));
        qBars = Array.ConvertAll(Code.Q, _ => Code.Take(Chunk * factored.Columns));
        xs = Array.ConvertAll(factored.Synapse.Gradient, _ => Code.Take(Chunk * factored.Rows));
        ys = Array.ConvertAll(factored.Synapse.Gradient, _ => Code.Take(Chunk * factored.Columns));
        coefficientBars = Code.Take(Chunk * Prelude.GroupSize);
    }

    public FactoredCode Code { get; }

    private FactoredLayout Layout => Code.Layout;

    private string DecayBar => $"decayBar{Layout.Index}";

    private string Whole => $"whole{Layout.Index}";

    /// <summary>What lives through all steps.</summary>
    public string Variables => $"    float {DecayBar} = 0.0f, {Whole} = 0.0f, {Code.Decay};\n";

    /// <summary>A chunk that is entered gives its pairs, and their cotangents begin with what F̄(b) asks of them.</summary>
    public void Enter()
    {
        Load(Layout.Rows, pair => pair.P, Code.P, pBars, xs);
        Load(Layout.Columns, pair => pair.Q, Code.Q, qBars, ys);
        var after = $"frames[((wide)GID * steps + end - 1) * {layout.FrameSize} + {Layout.Coefficients}";
        writer.Each(
            $"for (int c = 0; c < {Chunk}; c++) {At("c")} = 0.0f; {DecayBar} = 0.0f; {Whole} = end < steps ? {after} + {Chunk}] : 0.0f;",
            coefficientBars.Write);
        foreach (var isTransposed in new[] { true, false })
        {
            var width = Code.Width(isTransposed);
            var (bars, own) = isTransposed ? (pBars, Code.P) : (qBars, Code.Q);
            var text = "";
            foreach (var (pair, c) in Code.All())
            {
                text += $"{bars[pair].Place}[{c * width} + i] = {after} + {c}] * z{pair}_{c};";
                if (isTransposed) text += $" {At($"{c}")} = FMA({own[pair].Place}[i * {Chunk} + {c}], z{pair}_{c}, {At($"{c}")});";
                text += "\n            ";
            }
            var walk = Code.Along(
                isTransposed, Code.StartAt("startBar", isTransposed, "k"), "",
                isTransposed ? $"start = FMA(x, {Code.StartAt("f0", isTransposed, "k")}, start);" : "", [],
                [Code.Start(isTransposed, isWrite: false), Code.Start(isTransposed, isWrite: false, "startBar")], $"{Chunk}");
            writer.Walk(walk with
            {
                Condition = "end < steps",
                Sums = [.. isTransposed ? ["start"] : Array.Empty<string>(), .. Code.Names],
                After = text + (isTransposed ? $"{DecayBar} += start;" : ""),
                Then = [.. own.SelectMany(p => p.Read(isOwn: true)), .. bars.Select(bar => bar.Write), coefficientBars.Write],
            });
        }
    }

    /// <summary>The cotangents of the update's operands at the end of a step.</summary>
    /// <param name="sums">Receives sums over threads: each thread's part, and the scalar's declaration.</param>
    /// <param name="scalars">Receives the slots of those scalars.</param>
    public void Advance(List<(string Part, string Declaration)> sums, List<int> scalars)
    {
        var k = Code.Coefficients;
        writer.Elements(
            Chunk, $"{k.At("i")} = n > 0 ? fr[{Layout.Coefficients - layout.FrameSize} + i] : 0.0f;", k.Write);
        writer.Each($"{Code.Decay} = n > 0 ? fr[{Layout.Coefficients + Chunk - layout.FrameSize}] : 1.0f;");
        var bars = Layout.Synapse.Update.Value.Bars;
        for (var pair = 0; pair < Layout.Pairs; pair++)
        {
            Leave(bars.Pairs[pair].P, Layout.Rows, pBars[pair]);
            Leave(bars.Pairs[pair].Q, Layout.Columns, qBars[pair]);
        }
        var own = new Access(coefficientBars.Place, IsWrite: false, IsOwn: true);
        if (bars.Rate is { } rate) Sum(rate, At("n"), own);
        if (bars.Keep is { } keep)
        {
            var part = $"keepBar{Layout.Index}";
            writer.Each(
                $"float {part} = {DecayBar} * {Code.Decay}; for (int c = 0; c < n; c++) {part} = FMA({At("c")}, {k.Place}[c], {part});",
                [own, .. k.Read(isOwn: false)]);
            Sum(keep, part);
        }
        var share = list.Of(Layout.Operands.Keep).At("");
        writer.Each(
            $"for (int c = 0; c < n; c++) {At("c")} *= {share}; {DecayBar} *= {share};", own, own with { IsWrite = true });

        void Leave(int? slot, int length, Placed from)
        {
            if (slot is not { } bar) return;
            var place = list.Place(bar);
            writer.Elements(length, $"{place.At("i")} = {from.Place}[n * {length} + i];", [.. from.Read(isOwn: true), place.Write]);
        }

        void Sum(int slot, string part, params Access[] reads)
        {
            var name = $"part{slot}";
            writer.Each($"float {name} = {part};", reads);
            sums.Add((name, $"float s{slot} = "));
            scalars.Add(slot);
        }
    }

    /// <summary>What a step's pairs ask of the chunk's, and of F(a).</summary>
    public void AddPairs()
    {
        var gradient = Layout.Synapse.Gradient;
        var bars = Layout.Synapse.Update.Value.Bars;
        var needsP = bars.Pairs.Any(pair => pair.P is not null);
        var needsQ = bars.Pairs.Any(pair => pair.Q is not null);
        if (needsP || needsQ || bars.Rate is not null || bars.Keep is not null)
        {
            foreach (var (x, y) in gradient.Select(pair => (pair.P, pair.Q)))
            {
                // k̄ and d̄ follow from either side.
                var byRow = needsP || Code.Products(y, isTransposed: true, out _) is not null;
                if (byRow) AddSide(y, x, isTransposed: true, pBars, Code.P, isWhole: true);
                if (needsQ || !byRow) AddSide(x, y, isTransposed: false, qBars, Code.Q, isWhole: !byRow);
            }
        }
        for (var g = 0; g < gradient.Length; g++)
        {
            Gather(gradient[g].P, Layout.Rows, xs[g], "");
            Gather(gradient[g].Q, Layout.Columns, ys[g], $"{Code.Decay} * ");
        }

        void Gather(int slot, int length, Placed to, string times)
        {
            var home = list.Of(slot);
            writer.Elements(
                length, $"if (begin > 0) {to.Place}[i * {Chunk} + n] = {times}{home.At("i")};", [.. home.Read(isOwn: true), to.Write]);
        }
    }

    /// <summary>F̄ where a chunk begins, and its transpose.</summary>
    public void Leave()
    {
        foreach (var isTransposed in new[] { false, true })
        {
            var (left, right) = isTransposed ? (ys, xs) : (xs, ys);
            var bar = Code.StartAt("startBar", isTransposed, "k");
            writer.Walk(Code.Outer(isTransposed, left, right, $"{bar} = end < steps ? FMA({Whole}, {bar}, v) : v;") with
            {
                Condition = "begin > 0",
                Matrices = [Code.Start(isTransposed, isWrite: false, "startBar"), Code.Start(isTransposed, isWrite: true, "startBar")],
            });
        }
    }

    /// <summary>Takes the vectors of a chunk's pairs from the frames, and clears what is gathered.</summary>
    private void Load(int length, Func<Core.Pair<int>, int> of, Placed[] to, Placed[] bars, Placed[] gathered)
    {
        for (var pair = 0; pair < to.Length; pair++)
        {
            var from = layout.InMemory(of(Layout.Operands.Pairs[pair])).At("i");
            writer.Elements(
                length,
                $$"""
                for (int c = 0; c < {{Chunk}}; c++) {
                                float v = 0.0f;
                                if (begin + c < end) {
                                    {{layout.Pointers("GID", "begin + c")}}
                                    v = {{from}};
                                }
                                {{to[pair].Place}}[i * {{Chunk}} + c] = v;
                                {{bars[pair].Place}}[c * {{length}} + i] = 0.0f;
                            }
                """,
                to[pair].Write, bars[pair].Write);
        }
        Code.Clear(length, gathered);
    }

    /// <summary>Adds to p̄, or to q̄, what a pair of the step asks: products of one of its vectors, at the other's elements.</summary>
    private void AddSide(int slot, int other, bool isTransposed, Placed[] bars, Placed[] vectors, bool isWhole)
    {
        if (Code.Products(slot, isTransposed, out _) is null)
        {
            Code.Product(slot, list.Of(slot), isTransposed, target: null);
        }
        var products = Code.Products(slot, isTransposed, out var reads)!;
        var home = list.Of(other);
        var width = Code.Width(isTransposed);
        var text = $"if (n > 0 || begin > 0) {{ float x = {home.At("i")};\n            for (int c = 0; c < n; c++) {{\n";
        for (var pair = 0; pair < bars.Length; pair++)
        {
            var product = products($"{pair * Chunk} + c");
            var bar = $"{bars[pair].Place}[c * {width} + i]";
            text += $"                {bar} = FMA({Code.Coefficients.Place}[c] * x, {product}, {bar});\n";
            if (isWhole) text += $"                {At("c")} = FMA({vectors[pair].Place}[i * {Chunk} + c] * x, {product}, {At("c")});\n";
        }
        text += "            }\n";
        if (isWhole) text += $"            {DecayBar} = FMA(x, {products($"{Layout.Pairs * Chunk}")}, {DecayBar});\n";
        writer.Elements(
            width, text + "            }",
            [
                .. home.Read(isOwn: true), .. reads, .. Code.Coefficients.Read(isOwn: false), .. vectors.SelectMany(p => p.Read(isOwn: true)),
                .. bars.Select(bar => bar.Write), coefficientBars.Write,
            ]);
    }

    /// <summary>A thread's part of k̄.</summary>
    private string At(string c) => $"{coefficientBars.Place}[({c}) * SIZE + LID]";
}
