using System.Text;

namespace Plastic.Engine;

/// <summary>
/// What forward and backward kernels say alike about a factored synapse. In a step that is the n-th of its chunk, n pairs have come before;
/// the chunk begins at step `begin`. Vectors of pairs lie as [element][pair], so that a thread reads four pairs at once; what only the
/// element's thread reads lies as [pair][element].
/// </summary>
internal sealed class FactoredCode
{
    /// <summary>Pairs of a chunk.</summary>
    public const int Chunk = FactoredLayout.LongestChunk;

    private readonly EpisodeLayout layout;
    private readonly KernelWriter writer;
    private readonly string keepsProducts;
    private readonly Dictionary<(int Slot, bool IsTransposed), Placed> made = [];

    /// <param name="layout">Where everything lies.</param>
    /// <param name="factored">The synapse.</param>
    /// <param name="writer">Writes the kernel.</param>
    /// <param name="keepsProducts">Whether the products that the frame has room for are kept, in C.</param>
    public FactoredCode(EpisodeLayout layout, FactoredLayout factored, KernelWriter writer, string keepsProducts)
    {
        (this.layout, Layout, this.writer, this.keepsProducts) = (layout, factored, writer, keepsProducts);
        P = Array.ConvertAll(factored.Operands.Pairs, _ => Take(Chunk * factored.Rows));
        Q = Array.ConvertAll(factored.Operands.Pairs, _ => Take(Chunk * factored.Columns));
        Coefficients = Take(Chunk);
    }

    /// <summary>The synapse.</summary>
    public FactoredLayout Layout { get; }

    /// <summary>The vectors of the chunk's pairs, [inputs][pairs] and [outputs][pairs].</summary>
    public Placed[] P { get; }

    public Placed[] Q { get; }

    /// <summary>k of each pair; zero for pairs to come.</summary>
    public Placed Coefficients { get; }

    /// <summary>The variable that holds d.</summary>
    public string Decay => $"decay{Layout.Index}";

    /// <summary>A place that no other vector takes: its elements need not be handed to threads like those of vectors.</summary>
    public Placed Take(int length) => new(writer.Places.TakeAlone(length));

    /// <summary>Clears vectors of pairs.</summary>
    public void Clear(int length, Placed[] places)
    {
        foreach (var place in places)
        {
            writer.Elements(length, $"for (int c = 0; c < {Chunk}; c++) {place.Place}[i * {Chunk} + c] = 0.0f;", place.Write);
        }
    }

    /// <summary>The outputs of a product with F, or with Fᵀ.</summary>
    public int Width(bool isTransposed) => isTransposed ? Layout.Rows : Layout.Columns;

    /// <summary>F at the chunk's start, or transposed, behind a pointer to what is stored there.</summary>
    public string StartAt(string pointer, bool isTransposed, string k) =>
        $"{pointer}[{Layout.Start + (isTransposed ? Layout.Rows * Layout.Columns : 0)} + {k}]";

    /// <summary>What touching F at a start, or its transpose, touches: each thread its own outputs.</summary>
    public Access Start(bool isTransposed, bool isWrite, string of = "start") =>
        new($"{of}{Layout.Index}{(isTransposed ? "T" : "")}", isWrite, IsOwn: true);

    /// <summary>α of connection k of F or Fᵀ; null where it is 1.</summary>
    public string? Alpha(bool isTransposed, string k) => Layout.Synapse.Alpha is { } alpha
        ? $"{(isTransposed ? "parT" : "par")}[{layout.Parameters[alpha]} + {k}]"
        : null;

    /// <summary>
    /// A product of a vector x with W + F(t): Wᵀx + d·F(a)ᵀx + Σ_c k_c q_c∘z_c with z_c = αᵀ(p_c∘x); or, transposed, with p and q exchanged.
    /// </summary>
    /// <param name="slot">The vector's slot.</param>
    /// <param name="operand">Where the vector is.</param>
    /// <param name="isTransposed">Whether it is a product with the transpose.</param>
    /// <param name="target">Where the result goes; null where only the products with the pairs are wanted.</param>
    public void Product(int slot, Home operand, bool isTransposed, Placed? target)
    {
        var width = Width(isTransposed);
        var after = new StringBuilder();
        List<Access> then = [.. Rights(isTransposed).SelectMany(q => q.Read(isOwn: true)), .. Coefficients.Read(isOwn: false)];
        if (target is not null)
        {
            after.Append($"if (begin > 0) y = FMA({Decay}, start, y);\n            if (n > 0) {{");
            foreach (var (pair, c) in All())
            {
                after.Append($" y = FMA({Coefficients.Place}[{c}] * {Rights(isTransposed)[pair].Place}[i * {Chunk} + {c}], z{pair}_{c}, y);");
            }
            after.Append($" }}\n            {target.At("i")} = y;\n            ");
            then.Add(target.Write);
        }
        if (Layout.Saved(slot, isTransposed) is { } at)
        {
            after.Append($"if ({keepsProducts}) {{ {Kept("fr", at, width)} }}");
        }
        else if (Layout.Synapse.Gradient.Any(pair => (isTransposed ? pair.Q : pair.P) == slot))
        {
            var place = Take(Layout.ProductSize(isTransposed));
            made[(slot, isTransposed)] = place;
            after.Append(Kept(place.Place, 0, width));
            then.Add(place.Write);
        }
        var weight = $"{(isTransposed ? "parT" : "par")}[{layout.Parameters[Layout.Synapse.Weight]} + k]";
        writer.Walk(
            Along(
                isTransposed, operand.At("r"), target is null ? "" : $"y = FMA(x, {weight}, y);",
                $"start = FMA(x, {StartAt("f0", isTransposed, "k")}, start);",
                operand.Read(isOwn: false), [Start(isTransposed, isWrite: false)]) with
            {
                Sums = [.. target is null ? [] : new[] { "y" }, "start", .. Names],
                After = after.ToString(),
                Then = then,
            });
    }

    /// <summary>
    /// The products of a vector with the pairs, as Product left them: element i of that with pair c, or with F(a) where c is the number of
    /// all pairs. Null where no product was made.
    /// </summary>
    public Func<string, string>? Products(int slot, bool isTransposed, out Access[] reads)
    {
        reads = [];
        var width = Width(isTransposed);
        if (Layout.Saved(slot, isTransposed) is { } at) return c => $"fr[{at} + ({c}) * {width} + i]";
        if (!made.TryGetValue((slot, isTransposed), out var place)) return null;
        reads = [.. place.Read(isOwn: true)];
        return c => $"{place.Place}[({c}) * {width} + i]";
    }

    /// <summary>The sums that a walk leaves: the products with the pairs.</summary>
    public IEnumerable<string> Names => All().Select(z => $"z{z.Pair}_{z.C}");

    /// <summary>
    /// A walk down the column of output i, with z_c = Σ_r α x p_c for every pair c. The number of pairs before decides only what is left out
    /// because it is zero.
    /// </summary>
    /// <param name="isTransposed">Whether it is along a row instead.</param>
    /// <param name="x">x of connection k, which joins input r with output i.</param>
    /// <param name="always">What else is done for each connection.</param>
    /// <param name="withStart">What is done where the chunk is not the first.</param>
    /// <param name="reads">The vectors that these read.</param>
    /// <param name="matrices">The matrices that they touch.</param>
    /// <param name="pairs">How many pairs there are, in C.</param>
    public Walk Along(
        bool isTransposed, string x, string always, string withStart, IEnumerable<Access> reads, Access[] matrices,
        string pairs = "n")
    {
        var text = new StringBuilder($"float x = {x}; {always}\n");
        if (withStart.Length > 0) text.Append($"                if (begin > 0) {withStart}\n");
        text.Append($"                if ({pairs} > 0) {{ float v = {(Alpha(isTransposed, "k") is { } alpha ? $"{alpha} * x" : "x")};\n");
        for (var half = 0; half < Chunk / 4; half++)
        {
            if (half > 0) text.Append($"                if ({pairs} > {4 * half}) {{\n");
            for (var pair = 0; pair < Layout.Pairs; pair++)
            {
                text.Append($"                    {{ four p = LOAD4({Lefts(isTransposed)[pair].Place}, {Chunk / 4} * r + {half});");
                for (var c = 0; c < 4; c++) text.Append($" z{pair}_{4 * half + c} = FMA(v, p.{"xyzw"[c]}, z{pair}_{4 * half + c});");
                text.Append(" }\n");
            }
            if (half > 0) text.Append("                }\n");
        }
        return new Walk(Width(isTransposed), Width(!isTransposed), text.Append("                }").ToString())
        {
            Reads = [.. reads, .. Lefts(isTransposed).SelectMany(p => p.Read(isOwn: false))],
            Matrices = matrices,
        };
    }

    /// <summary>A walk with v = Σ left_c[r]·right_c[i] over the pairs of some vectors, for each connection.</summary>
    public Walk Outer(bool isTransposed, Placed[] left, Placed[] right, string body)
    {
        var (before, text) = (new StringBuilder(), new StringBuilder("float v = 0.0f;\n"));
        for (var pair = 0; pair < right.Length; pair++)
        {
            before.Append("float ");
            before.AppendJoin(", ", Enumerable.Range(0, Chunk).Select(c => $"q{pair}_{c} = {right[pair].Place}[i * {Chunk} + {c}]")).Append("; ");
        }
        for (var pair = 0; pair < left.Length; pair++)
        {
            for (var half = 0; half < Chunk / 4; half++)
            {
                text.Append($"                {{ four p = LOAD4({left[pair].Place}, {Chunk / 4} * r + {half});");
                for (var c = 0; c < 4; c++) text.Append($" v = FMA(p.{"xyzw"[c]}, q{pair}_{4 * half + c}, v);");
                text.Append(" }\n");
            }
        }
        var width = Width(isTransposed);
        return new Walk(width, Width(!isTransposed), text.Append($"                {body}").ToString())
        {
            Before = before.ToString(),
            Reads = [.. left.SelectMany(p => p.Read(isOwn: false)), .. right.SelectMany(q => q.Read(isOwn: true))],
        };
    }

    /// <summary>The vectors that a product walks along, and those that its outputs meet.</summary>
    public Placed[] Lefts(bool isTransposed) => isTransposed ? Q : P;

    public Placed[] Rights(bool isTransposed) => isTransposed ? P : Q;

    /// <summary>Each pair of each place of the chunk.</summary>
    public IEnumerable<(int Pair, int C)> All() =>
        Enumerable.Range(0, Layout.Pairs).SelectMany(pair => Enumerable.Range(0, Chunk).Select(c => (pair, c)));

    private string Kept(string to, int at, int width) =>
        string.Concat(All().Select(z => $"{to}[{at + (z.Pair * Chunk + z.C) * width} + i] = z{z.Pair}_{z.C}; "))
        + $"{to}[{at + Layout.Pairs * Chunk * width} + i] = start;";
}
