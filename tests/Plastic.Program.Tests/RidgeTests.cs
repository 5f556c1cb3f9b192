using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Ridge regression in its dual form is what it says.</summary>
public sealed class RidgeTests : IDisposable
{
    private const int All = 24, Width = 40, Numbers = 3;
    private static readonly int[] Train = [.. Enumerable.Range(0, All).Where(k => k % 4 != 1)], Test = [.. Enumerable.Range(0, All).Where(k => k % 4 == 1)];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-ridge-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void The_error_of_each_from_all_others_is_that_of_fits_without_it()
    {
        var (_, products, numbers) = Drawn(seed: 1);
        foreach (var penalty in Ridge.Penalties)
        {
            var all = new Ridge(products, All, Train);
            var expected = 0.0;
            foreach (var left in Train)
            {
                int[] others = [.. Train.Where(k => k != left)];
                // λ in units of the mean of K's diagonal, which the fit without it has in its own way.
                var share = penalty * Scale(products, Train) / Scale(products, others);
                var error = numbers[0][left] - Fitted(products, others, [.. others.Select(k => numbers[0][k])], left, share);
                expected += error * error / Train.Length;
            }
            Assert.Equal(expected, all.LeaveOneOut([.. Train.Select(k => numbers[0][k])], penalty), 9);
        }
    }

    [NumPyFact]
    public void Predictions_are_those_of_the_primal_form_that_NumPy_solves()
    {
        var (vectors, products, numbers) = Drawn(seed: 2);
        var predicted = new Ridge(products, All, Train).Predict([.. numbers.Select(y => (double[])[.. Train.Select(k => y[k])])], Test);
        Npz.Write(
            Path.Combine(folder.FullName, "case.npz"),
            [
                new NamedTensor("x", [All, Width], vectors),
                new NamedTensor("y", [Numbers, All], numbers.SelectMany(y => y).ToArray()),
                new NamedTensor("train", [Train.Length], Array.ConvertAll(Train, k => (long)k)),
                new NamedTensor("test", [Test.Length], Array.ConvertAll(Test, k => (long)k)),
                new NamedTensor("predicted", [Numbers, Test.Length], predicted.SelectMany(y => y).ToArray()),
            ],
            []);
        Assert.Equal("same\n", Python.Run(folder.FullName, RidgeOfNumPy.Text + """
            case = np.load("case.npz")
            x, train, test = case["x"], case["train"], case["test"]
            found = np.array([predict(x[train], y[train], x[test]) for y in case["y"]])
            print("same" if np.allclose(found, case["predicted"], rtol=1e-8, atol=1e-10) else abs(found - case["predicted"]).max())
            """));
    }

    [Fact]
    public void From_vectors_that_are_all_equal_the_mean_is_predicted()
    {
        var products = new double[All * All];
        Array.Fill(products, 7.3);
        double[] number = [.. Train.Select(k => (double)k)];
        Assert.All(new Ridge(products, All, Train).Predict([number], Test)[0], one => Assert.Equal(number.Average(), one, 12));
    }

    private static double Fitted(double[] products, int[] train, double[] number, int test, double penalty)
    {
        // The prediction of one fit: with this λ alone, by Gauss's elimination.
        var n = train.Length;
        double[] means = [.. train.Select(i => train.Average(j => products[i * All + j]))];
        var (mean, average) = (means.Average(), number.Average());
        var scale = Scale(products, train);
        var system = new double[n, n + 1];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++) system[i, j] = products[train[i] * All + train[j]] - means[i] - means[j] + mean + (i == j ? penalty * scale : 0);
            system[i, n] = number[i] - average;
        }
        for (var p = 0; p < n; p++)
        {
            for (var i = 0; i < n; i++)
            {
                if (i == p) continue;
                var factor = system[i, p] / system[p, p];
                for (var j = p; j <= n; j++) system[i, j] -= factor * system[p, j];
            }
        }
        double[] row = [.. train.Select(j => products[test * All + j])];
        var own = row.Average();
        return average + Enumerable.Range(0, n).Sum(j => (row[j] - own - means[j] + mean) * system[j, n] / system[j, j]);
    }

    private static double Scale(double[] products, int[] train)
    {
        var mean = train.Average(i => train.Average(j => products[i * All + j]));
        return train.Average(i => products[i * All + i]) - mean;
    }

    private static (double[] Vectors, double[] Products, double[][] Numbers) Drawn(int seed)
    {
        var random = new Random(seed);
        double[] vectors = [.. Enumerable.Range(0, All * Width).Select(_ => random.NextDouble() + 0.3)];
        var products = new double[All * All];
        for (var i = 0; i < All; i++)
        {
            for (var j = 0; j < All; j++) products[i * All + j] = Enumerable.Range(0, Width).Sum(k => vectors[i * Width + k] * vectors[j * Width + k]);
        }
        double[][] numbers =
        [
            .. Enumerable.Range(0, Numbers).Select(y => (double[])
                [.. Enumerable.Range(0, All).Select(i => vectors[i * Width + y] + y * random.NextDouble())]),
        ];
        return (vectors, products, numbers);
    }
}

/// <summary>The same readouts in NumPy, in the primal form, and fitted again without each episode.</summary>
internal static class RidgeOfNumPy
{
    /// <summary>Defines predict(vectors, numbers, other vectors).</summary>
    public const string Text = """
        import numpy as np

        def fitted(x, y, others, size):
            mean, average = x.mean(0), y.mean()
            z = x - mean
            w = np.linalg.solve(z.T @ z + size * np.eye(x.shape[1]), z.T @ (y - average))
            return (others - mean) @ w + average

        def predict(x, y, others):
            scale = ((x - x.mean(0)) ** 2).sum() / len(x)
            if scale == 0: return np.full(len(others), y.mean())
            def left(size):
                keep = ~np.eye(len(x), dtype=bool)
                return sum((y[k] - fitted(x[keep[k]], y[keep[k]], x[k:k + 1], size)[0]) ** 2 for k in range(len(x)))
            return fitted(x, y, others, min((scale * 10.0 ** p for p in range(-4, 3)), key=left))


        """;
}
