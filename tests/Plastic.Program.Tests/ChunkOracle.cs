namespace Plastic.Program.Tests;

/// <summary>
/// What a chunk of a plastic synapse means, step by step on whole matrices in float64. Forward, from F(0):
/// <code>F(u+1) = keep_u·F(u) + rate_u·α∘Σ_k p_uk ⊗ q_uk</code>
/// Backward, from F̄(T), where step u adds Σ x_uj ⊗ y_uj to F̄(u): with D = Σ_k p_uk ⊗ q_uk and A = α∘F̄(u+1),
/// <code>
/// ᾱ += rate_u·D∘F̄(u+1)    keep̄_u = ⟨F̄(u+1), F(u)⟩    ratē_u = ⟨A, D⟩    p̄_uk = rate_u·A q_uk    q̄_uk = rate_u·Aᵀp_uk
/// F̄(u) = keep_u·F̄(u+1) + Σ_j x_uj ⊗ y_uj
/// </code>
/// </summary>
internal sealed class ChunkOracle
{
    /// <summary>α and F(0), [rows, columns].</summary>
    public required double[,] Alpha { get; init; }

    public required double[,] Start { get; init; }

    /// <summary>Of each step.</summary>
    public required double[] Keep { get; init; }

    public required double[] Rate { get; init; }

    /// <summary>The pairs of each step's update.</summary>
    public required (double[] P, double[] Q)[][] Pairs { get; init; }

    public int Steps => Keep.Length;

    private int Rows => Alpha.GetLength(0);

    private int Columns => Alpha.GetLength(1);

    /// <summary>F(t).</summary>
    public double[,] Fast(int t)
    {
        var fast = Start;
        for (var u = 0; u < t; u++)
        {
            var outer = Sum(Pairs[u]);
            fast = Each((i, j) => Keep[u] * fast[i, j] + Rate[u] * Alpha[i, j] * outer[i, j]);
        }
        return fast;
    }

    /// <summary>F(t)ᵀx, or F(t)x.</summary>
    public double[] Product(int t, bool isTransposed, double[] x) => Apply(Fast(t), isTransposed, x);

    /// <summary>The cotangents of the update of each step.</summary>
    public sealed record Bars(double[] Keep, double[] Rate, (double[] P, double[] Q)[][] Pairs, double[,] Alpha, double[,] Start);

    /// <param name="end">F̄(T).</param>
    /// <param name="gradient">The pairs x ⊗ y that each step adds.</param>
    public Bars Backward(double[,] end, (double[] P, double[] Q)[][] gradient)
    {
        var bars = new Bars(new double[Steps], new double[Steps], new (double[], double[])[Steps][], new double[Rows, Columns], end);
        for (var u = Steps - 1; u >= 0; u--)
        {
            var (bar, fast, outer, added) = (bars.Start, Fast(u), Sum(Pairs[u]), Sum(gradient[u]));
            var inside = Each((i, j) => Alpha[i, j] * bar[i, j]);
            bars.Keep[u] = Dot(bar, fast);
            bars.Rate[u] = Dot(inside, outer);
            bars.Pairs[u] = Array.ConvertAll(Pairs[u], pair =>
                (Scaled(Rate[u], Apply(inside, true, pair.Q)), Scaled(Rate[u], Apply(inside, false, pair.P))));
            bars = bars with
            {
                Alpha = Each((i, j) => bars.Alpha[i, j] + Rate[u] * outer[i, j] * bar[i, j]),
                Start = Each((i, j) => Keep[u] * bar[i, j] + added[i, j]),
            };
        }
        return bars;
    }

    private double[] Apply(double[,] m, bool isTransposed, double[] x) => isTransposed
        ? [.. Enumerable.Range(0, Rows).Select(i => Enumerable.Range(0, Columns).Sum(j => m[i, j] * x[j]))]
        : [.. Enumerable.Range(0, Columns).Select(j => Enumerable.Range(0, Rows).Sum(i => m[i, j] * x[i]))];

    private double[,] Sum((double[] P, double[] Q)[] pairs) => Each((i, j) => pairs.Sum(pair => pair.P[i] * pair.Q[j]));

    private double[,] Each(Func<int, int, double> element)
    {
        var matrix = new double[Rows, Columns];
        for (var i = 0; i < Rows; i++)
        {
            for (var j = 0; j < Columns; j++) matrix[i, j] = element(i, j);
        }
        return matrix;
    }

    private static double Dot(double[,] a, double[,] b) => a.Cast<double>().Zip(b.Cast<double>(), (x, y) => x * y).Sum();

    private static double[] Scaled(double factor, double[] x) => Array.ConvertAll(x, element => factor * element);
}
