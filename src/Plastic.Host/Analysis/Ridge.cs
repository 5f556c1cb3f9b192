namespace Plastic.Host;

/// <summary>
/// Ridge regression with an intercept, in its dual form: of n episodes it needs the products of their vectors, K = X Xᵀ, and not the
/// vectors, which may be far longer than n. With K centred (X less its mean) and y less its mean,
/// <code>
/// a = (K + λI)⁻¹ y,    prediction for a vector x = ȳ + Σ_i a_i ⟨x_i − x̄, x − x̄⟩.
/// </code>
/// λ is chosen for each number y from <see cref="Penalties"/> times the mean of K's diagonal: the one whose predictions of each episode
/// from all others have the least squared error. That error is a_i / (C_ii − 1/(n(λ + c))) with C = (K + c·11ᵀ/n + λI)⁻¹, without fitting n
/// times. c, the mean of K's diagonal, changes nothing (y and K have no part along 1) but that no number is the difference of large ones.
/// </summary>
internal sealed class Ridge
{
    /// <summary>What λ may be, in units of the mean of K's diagonal.</summary>
    public static readonly IReadOnlyList<double> Penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100];

    private readonly int n, all;
    private readonly int[] train;
    private readonly double[] gram, rowMeans, centred;
    private readonly double mean, scale;

    /// <param name="gram">The products of all vectors, [all, all].</param>
    /// <param name="all">How many there are.</param>
    /// <param name="train">The places of those that it is fitted to, at least two.</param>
    public Ridge(double[] gram, int all, int[] train)
    {
        (this.gram, this.all, this.train, n) = (gram, all, train, train.Length);
        rowMeans = [.. train.Select(i => train.Sum(j => gram[i * all + j]) / n)];
        mean = rowMeans.Sum() / n;
        centred = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++) centred[i * n + j] = gram[train[i] * all + train[j]] - rowMeans[i] - rowMeans[j] + mean;
        }
        scale = Enumerable.Range(0, n).Sum(i => centred[i * n + i]) / n;
        // What is left of equal vectors is rounding.
        var size = train.Sum(i => gram[i * all + i]) / n;
        if (!(scale > 1e-12 * size)) scale = 0;
    }

    /// <summary>Predictions for other vectors.</summary>
    /// <param name="numbers">What is predicted: each number [n], in the order of the episodes that it is fitted to.</param>
    /// <param name="test">The places of the vectors.</param>
    /// <returns>For each number its predictions, [test].</returns>
    public double[][] Predict(IReadOnlyList<double[]> numbers, int[] test)
    {
        var means = numbers.Select(y => y.Sum() / n).ToArray();
        var duals = Duals([.. numbers.Select((y, k) => Array.ConvertAll(y, one => one - means[k]))]);
        var row = new double[n];
        var predictions = numbers.Select(_ => new double[test.Length]).ToArray();
        for (var e = 0; e < test.Length; e++)
        {
            for (var j = 0; j < n; j++) row[j] = gram[test[e] * all + train[j]];
            var ownMean = row.Sum() / n;
            for (var j = 0; j < n; j++) row[j] += mean - ownMean - rowMeans[j];
            for (var k = 0; k < numbers.Count; k++) predictions[k][e] = means[k] + FixedDot.Of(row, duals[k]);
        }
        return predictions;
    }

    /// <summary>a of each number, with the λ that predicts it best; 0 where all vectors are equal.</summary>
    private double[][] Duals(double[][] numbers)
    {
        var best = Array.ConvertAll(numbers, _ => new double[n]);
        if (scale == 0) return best;
        var errors = new double[numbers.Length];
        Array.Fill(errors, double.PositiveInfinity);
        foreach (var penalty in Penalties)
        {
            var solved = new Solver(centred, n, penalty * scale, scale);
            for (var k = 0; k < numbers.Length; k++)
            {
                var dual = solved.Dual(numbers[k]);
                if (solved.SquaredLeft(dual) is var error && error < errors[k]) (best[k], errors[k]) = (dual, error);
            }
        }
        return best;
    }

    /// <summary>The mean squared error of predictions of each episode from all others.</summary>
    /// <param name="number">What is predicted, [n].</param>
    /// <param name="penalty">λ in units of the mean of K's diagonal.</param>
    internal double LeaveOneOut(double[] number, double penalty)
    {
        var average = number.Sum() / n;
        var solved = new Solver(centred, n, penalty * scale, scale);
        return solved.SquaredLeft(solved.Dual(Array.ConvertAll(number, one => one - average))) / n;
    }

    /// <summary>One λ: Cholesky's factor of K + c·11ᵀ/n + λI = L Lᵀ and its inverse M, whose columns are kept as rows.</summary>
    private sealed class Solver
    {
        private readonly int n;
        private readonly double along;
        private readonly double[] lower, columns;

        public Solver(double[] centred, int n, double penalty, double scale)
        {
            (this.n, along, lower, columns) = (n, 1 / (n * (penalty + scale)), new double[n * n], new double[n * n]);
            for (var i = 0; i < n; i++)
            {
                var row = lower.AsSpan(i * n, n);
                for (var j = 0; j < i; j++)
                {
                    row[j] = (centred[i * n + j] + scale / n - FixedDot.Of(row[..j], lower.AsSpan(j * n, j))) / lower[j * n + j];
                }
                row[i] = Math.Sqrt(centred[i * n + i] + scale / n + penalty - FixedDot.Of(row[..i], row[..i]));
            }
            for (var j = 0; j < n; j++)
            {
                var column = columns.AsSpan(j * n, n);
                column[j] = 1 / lower[j * n + j];
                for (var i = j + 1; i < n; i++)
                {
                    column[i] = -FixedDot.Of(lower.AsSpan(i * n + j, i - j), column[j..i]) / lower[i * n + i];
                }
            }
        }

        /// <summary>a = Mᵀ(L⁻¹ y).</summary>
        public double[] Dual(double[] number)
        {
            double[] half = new double[n], dual = new double[n];
            for (var i = 0; i < n; i++) half[i] = (number[i] - FixedDot.Of(lower.AsSpan(i * n, i), half.AsSpan(0, i))) / lower[i * n + i];
            for (var j = 0; j < n; j++) dual[j] = FixedDot.Of(columns.AsSpan(j * n + j, n - j), half.AsSpan(j));
            return dual;
        }

        /// <summary>The sum of squared errors of predictions of each episode from all others.</summary>
        public double SquaredLeft(double[] dual)
        {
            var sum = 0.0;
            for (var i = 0; i < n; i++)
            {
                var column = columns.AsSpan(i * n + i, n - i);
                var error = dual[i] / (FixedDot.Of(column, column) - along);
                sum += error * error;
            }
            return sum;
        }
    }
}
