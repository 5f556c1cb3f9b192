using Plastic.Core;

namespace Plastic.Engine;

/// <summary>
/// What forward and backward kernels say alike about a dense synapse, whose F (or its trace H, and E) is held as a matrix. The fast weights
/// at the start of the step are at f, the cotangents of what follows the step at bar. Connection k joins input i with output j. Where a
/// kernel needs rows, each matrix is held transposed too: a thread walks the columns of its outputs in the one, the rows of its inputs in
/// the other, and both hold the same numbers.
/// </summary>
/// <param name="layout">Where everything lies.</param>
/// <param name="synapse">The synapse.</param>
/// <param name="of">Where a slot's value is.</param>
/// <param name="isTransposed">Which of the two matrices is meant.</param>
internal sealed class DenseCode(EpisodeLayout layout, int synapse, Func<int, Home> of, bool isTransposed)
{
    /// <summary>The synapse.</summary>
    public ProgramSynapse Synapse { get; } = layout.Program.Synapses[synapse];

    /// <summary>What the update reads.</summary>
    public UpdateOperands<int> Operands => Synapse.Update.Value.Operands;

    /// <summary>Connection k among all that a sample carries, and among its cotangents.</summary>
    public string Trace => $"{layout.Trace(synapse, isTransposed)} + k";

    public string Eligibility => $"{layout.Eligibility(synapse, isTransposed)} + k";

    /// <summary>keep of the connection's output, and the rate.</summary>
    public string Keep => of(Operands.Keep).At("j");

    public string Rate => of(Operands.Rate).At("");

    /// <summary>What the update adds at its rate, D.</summary>
    public string Drive => Synapse.HasEligibility ? $"f[{Eligibility}]" : Outer(Operands.Pairs);

    /// <summary>F' or H' before the bound, where D is named drive.</summary>
    public string Unbounded => $"FMA({Keep}, f[{Trace}], {Rate} * {Inside("drive")})";

    /// <summary>α where it is inside the update, times something; that alone where α is 1 or outside.</summary>
    public string Inside(string value) => Synapse.Alpha is { } alpha && !Synapse.Bound.IsOnTrace ? $"{Parameter(alpha)} * {value}" : value;

    /// <summary>α where it is outside the trace, times something; that alone where it is 1 or inside.</summary>
    public string Outside(string value) => Synapse.Alpha is { } alpha && Synapse.Bound.IsOnTrace ? $"{Parameter(alpha)} * {value}" : value;

    /// <summary>Σ p_i q_j over pairs of slots.</summary>
    public string Outer(IEnumerable<Pair<int>> pairs) => Home.Outer(pairs, of, "i", "j");

    /// <summary>The update of a connection, from f to g; x is then its F' or H'.</summary>
    private string Update()
    {
        var text = $"float drive = {Drive}; float x = {Unbounded}; ";
        if (double.IsFinite(Synapse.Bound.Limit))
        {
            var limit = Home.Number((float)Synapse.Bound.Limit);
            text += $"x = x < -{limit} ? -{limit} : {limit} < x ? {limit} : x; ";
        }
        text += $"g[{Trace}] = x;";
        if (Operands.Eligibility.IsSome)
        {
            var e = Operands.Eligibility.Value;
            text += $" g[{Eligibility}] = FMA({of(e.Keep).At("")}, drive, {of(e.Rate).At("")} * ({Outer(Operands.Pairs)}));";
        }
        return text;
    }

    /// <summary>The update of all connections, and what else is done with x.</summary>
    public Walk Updates(string also = "") =>
        Walk(Update() + also, [.. ReadPairs(Operands.Pairs), .. ReadKeep], Fast(isWrite: false), Fast(isWrite: true));

    /// <summary>What reading keep touches.</summary>
    public IEnumerable<Access> ReadKeep => of(Operands.Keep).Read(isOwn: !isTransposed);

    /// <summary>What reading pairs touches: own inputs, any outputs, or the other way round.</summary>
    public IEnumerable<Access> ReadPairs(IEnumerable<Pair<int>> pairs) =>
        pairs.SelectMany(pair => of(pair.P).Read(isOwn: isTransposed).Concat(of(pair.Q).Read(isOwn: !isTransposed)));

    /// <summary>What touching the fast weights, or their cotangents, touches.</summary>
    public Access Fast(bool isWrite) => new($"F{synapse}{(isTransposed ? "T" : "")}", isWrite, IsOwn: true);

    public Access Bar(bool isWrite) => new($"B{synapse}{(isTransposed ? "T" : "")}", isWrite, IsOwn: true);

    /// <summary>A walk over all connections, down the columns of outputs or along the rows of inputs.</summary>
    public Walk Walk(string body, IEnumerable<Access> reads, params Access[] matrices)
    {
        var (rows, columns) = (Synapse.Matrix.Rows, Synapse.Matrix.Columns);
        return (isTransposed ? new Walk(rows, columns, body) : new Walk(columns, rows, body)) with
        {
            Names = isTransposed ? ("i", "j") : ("j", "i"),
            Reads = reads,
            Matrices = matrices,
        };
    }

    private string Parameter(int parameter) => $"{(isTransposed ? "parT" : "par")}[{layout.Parameters[parameter]} + k]";
}
