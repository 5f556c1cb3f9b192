namespace Plastic.Engine;

/// <summary>Writes what the forward kernel does with a factored synapse: it gathers the pairs, and stores F where a chunk ends.</summary>
internal sealed class FactoredForward
{
    private readonly EpisodeLayout layout;
    private readonly ListCode list;
    private readonly KernelWriter writer;
    private readonly Placed[] scaled;

    public FactoredForward(EpisodeLayout layout, FactoredLayout factored, ListCode list, KernelWriter writer)
    {
        (this.layout, this.list, this.writer) = (layout, list, writer);
        Code = new FactoredCode(layout, factored, writer, "history");
        scaled = Array.ConvertAll(Code.Q, q => Code.Take(FactoredCode.Chunk * factored.Columns));
    }

    public FactoredCode Code { get; }

    private FactoredLayout Layout => Code.Layout;

    /// <summary>What lives through all steps.</summary>
    public string Variables => $"    float {Code.Decay};\n";

    /// <summary>Where a chunk begins there are no pairs.</summary>
    public void Enter()
    {
        Code.Clear(Layout.Rows, Code.P);
        Code.Clear(Layout.Columns, Code.Q);
        writer.Elements(FactoredCode.Chunk, $"{Code.Coefficients.At("i")} = 0.0f;", Code.Coefficients.Write);
        writer.Each($"{Code.Decay} = 1.0f;");
    }

    /// <summary>The update at the end of a step: its pairs, and F where the host reads it.</summary>
    public void Advance()
    {
        var (keep, rate) = (list.Of(Layout.Operands.Keep).At(""), list.Of(Layout.Operands.Rate).At(""));
        var k = Code.Coefficients;
        Append(Layout.Rows, Code.P, pair => pair.P);
        Append(Layout.Columns, Code.Q, pair => pair.Q);
        writer.Elements(
            FactoredCode.Chunk, $"if (i <= n) {k.At("i")} = i < n ? {keep} * {k.At("i")} : {rate}; if (history) fr[{Layout.Coefficients} + i] = {k.At("i")};",
            [.. k.Read(isOwn: true), k.Write]);
        writer.Each($"{Code.Decay} *= {keep}; if (history && LID == 0) fr[{Layout.Coefficients + FactoredCode.Chunk}] = {Code.Decay};");
        Scale();
        Store($"seenF[{layout.Seen(Layout.Index)} + k]", isTransposed: false, "seen == 2 || (seen == 1 && t == steps - 1)");
    }

    /// <summary>Where another chunk follows, F and its transpose are stored.</summary>
    public void Leave()
    {
        foreach (var isTransposed in new[] { false, true }) Store(Code.StartAt("f1", isTransposed, "k"), isTransposed, "end < steps");
    }

    /// <summary>k_c q_c of the pairs so far.</summary>
    private void Scale()
    {
        for (var pair = 0; pair < scaled.Length; pair++)
        {
            writer.Elements(
                Layout.Columns,
                $"if (seen || n == chunk - 1) for (int c = 0; c < {FactoredCode.Chunk}; c++) {scaled[pair].Place}[i * {FactoredCode.Chunk} + c] = "
                + $"{Code.Coefficients.Place}[c] * {Code.Q[pair].Place}[i * {FactoredCode.Chunk} + c];",
                [.. Code.Coefficients.Read(isOwn: false), .. Code.Q[pair].Read(isOwn: true), scaled[pair].Write]);
        }
    }

    /// <summary>F after the last step, or its transpose: d·F(a) + α∘Σ_c p_c ⊗ (k_c q_c).</summary>
    private void Store(string to, bool isTransposed, string condition)
    {
        var (left, right) = isTransposed ? (scaled, Code.P) : (Code.P, scaled);
        var sum = Code.Alpha(isTransposed, "k") is { } alpha ? $"FMA({alpha}, v, before)" : "before + v";
        writer.Walk(
            Code.Outer(
                isTransposed, left, right,
                $"float before = begin > 0 ? {Code.Decay} * {Code.StartAt("f0", isTransposed, "k")} : 0.0f; {to} = {sum};") with
            {
                Condition = condition,
                Matrices = [Code.Start(isTransposed, isWrite: false), Code.Start(isTransposed, isWrite: true)],
            });
    }

    private void Append(int length, Placed[] to, Func<Core.Pair<int>, int> of)
    {
        for (var k = 0; k < to.Length; k++)
        {
            var home = list.Of(of(Layout.Operands.Pairs[k]));
            writer.Elements(length, $"{to[k].Place}[i * {FactoredCode.Chunk} + n] = {home.At("i")};", [.. home.Read(isOwn: true), to[k].Write]);
        }
    }
}
