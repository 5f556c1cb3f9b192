namespace Plastic.Program.Tests;

/// <summary>
/// What the update of a dense synapse means, on whole matrices in float64. With P = Σ p ⊗ q, and D = E with an eligibility trace or else P,
/// <code>
/// T' = clamp(keep_j·T + rate·(α∘)D),    E' = keepₑ·E + rateₑ·P
/// </code>
/// where α is inside. Where it is outside, T is a trace and F = α∘T: the G that the next step adds to F̄ then reaches both factors.
/// </summary>
internal sealed class DenseOracle
{
    public required bool IsOnTrace, IsEligible;

    /// <summary>[rows, columns].</summary>
    public required double[,] Alpha, Trace, Eligibility;

    /// <summary>Of each column.</summary>
    public required double[] Keep;

    public required double Rate, EligibilityKeep, EligibilityRate, Bound;

    public required (double[] P, double[] Q)[] Pairs;

    /// <summary>The pairs x ⊗ y that the next step adds to F̄.</summary>
    public required (double[] P, double[] Q)[] Gradient;

    /// <summary>The cotangents of T' and E', and what is in ᾱ.</summary>
    public required double[,] TraceBar, EligibilityBar, AlphaBar;

    private int Rows => Alpha.GetLength(0);

    private int Columns => Alpha.GetLength(1);

    public double[,] TraceAfter => Each((i, j) => Math.Clamp(Unbounded(i, j), -Bound, Bound));

    public double[,] EligibilityAfter =>
        Each((i, j) => EligibilityKeep * Eligibility[i, j] + EligibilityRate * Outer(Pairs, i, j));

    public sealed record Bars(
        double[,] Trace, double[,] Eligibility, double[,] Alpha, double[] Keep, double Rate, double EligibilityKeep, double EligibilityRate,
        (double[] P, double[] Q)[] Pairs);

    public Bars Backward()
    {
        var after = TraceAfter;
        var unbounded = Each((i, j) =>
            Math.Abs(Unbounded(i, j)) < Bound ? TraceBar[i, j] + Outside(i, j) * Outer(Gradient, i, j) : 0);
        var input = Each((i, j) => Inside(i, j) * unbounded[i, j]);
        // The cotangent of P: E' takes it in, or U does.
        var outer = IsEligible ? Each((i, j) => EligibilityRate * EligibilityBar[i, j]) : Each((i, j) => Rate * input[i, j]);
        return new Bars(
            Each((i, j) => Keep[j] * unbounded[i, j]),
            Each((i, j) => EligibilityKeep * EligibilityBar[i, j] + Rate * input[i, j]),
            Each((i, j) => AlphaBar[i, j] + (IsOnTrace ? after[i, j] * Outer(Gradient, i, j) : Rate * unbounded[i, j] * Drive(i, j))),
            [.. Enumerable.Range(0, Columns).Select(j => Enumerable.Range(0, Rows).Sum(i => unbounded[i, j] * Trace[i, j]))],
            Sum((i, j) => input[i, j] * Drive(i, j)),
            Sum((i, j) => EligibilityBar[i, j] * Eligibility[i, j]),
            Sum((i, j) => EligibilityBar[i, j] * Outer(Pairs, i, j)),
            Array.ConvertAll(Pairs, pair => (
                Enumerable.Range(0, Rows).Select(i => Enumerable.Range(0, Columns).Sum(j => outer[i, j] * pair.Q[j])).ToArray(),
                Enumerable.Range(0, Columns).Select(j => Enumerable.Range(0, Rows).Sum(i => outer[i, j] * pair.P[i])).ToArray())));
    }

    private double Inside(int i, int j) => IsOnTrace ? 1 : Alpha[i, j];

    private double Outside(int i, int j) => IsOnTrace ? Alpha[i, j] : 1;

    private double Drive(int i, int j) => IsEligible ? Eligibility[i, j] : Outer(Pairs, i, j);

    private double Unbounded(int i, int j) => Keep[j] * Trace[i, j] + Rate * Inside(i, j) * Drive(i, j);

    private static double Outer((double[] P, double[] Q)[] pairs, int i, int j) => pairs.Sum(pair => pair.P[i] * pair.Q[j]);

    private double Sum(Func<int, int, double> element) => Each(element).Cast<double>().Sum();

    private double[,] Each(Func<int, int, double> element)
    {
        var matrix = new double[Rows, Columns];
        for (var i = 0; i < Rows; i++)
        {
            for (var j = 0; j < Columns; j++) matrix[i, j] = element(i, j);
        }
        return matrix;
    }
}
