using System.Numerics;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>AdamW, the gradient norm and the schedule against their definitions, written out naively.</summary>
public sealed class OptimisationTests
{
    // Lengths below, at and above a vector and a range of work.
    private static readonly int[] Lengths = [1, 7, 16, 4095, 4096, 4097, 9001];

    public static TheoryData<int, bool> Problems
    {
        get
        {
            var problems = new TheoryData<int, bool>();
            for (var seed = 1; seed <= 4; seed++)
            {
                problems.Add(seed, true);
                problems.Add(seed, false);
            }

            return problems;
        }
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public void AdamW_has_the_bits_of_its_definition(int seed, bool amsGrad)
    {
        HasTheBitsOfItsDefinition<float>(seed, amsGrad);
        HasTheBitsOfItsDefinition<double>(seed, amsGrad);
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public void AdamW_in_float_agrees_with_double(int seed, bool amsGrad)
    {
        using var crew = new Crew(1);
        var (single, whole) = (Train<float>(seed, amsGrad, crew), Train<double>(seed, amsGrad, crew));
        const double floatTolerance = 1e-5;
        Each(single.Parameters, whole.Parameters, (a, i, x, y) =>
            Require(Math.Abs(x - y) <= floatTolerance, () => $"seed {seed}: array {a}[{i}]: {x} and {y}"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Threads_change_no_bit(int threads)
    {
        using Crew one = new(1), many = new(threads);
        for (var seed = 1; seed <= 4; seed++)
        {
            var (alone, together) = (Train<float>(seed, true, one), Train<float>(seed, true, many));
            Assert.Equal(alone.Norms, together.Norms);
            Each(alone.Parameters, together.Parameters, (a, i, x, y) =>
                Require(x == y, () => $"seed {seed}: array {a}[{i}]: {x:R} and {y:R}"));
        }
    }

    [Fact]
    public void A_restored_optimiser_continues_as_if_it_had_not_stopped()
    {
        using var crew = new Crew(1);
        var random = new Random(3);
        var (parameters, gradients) = (Draw<double>(random, 1), Draw<double>(random, 1));
        var first = new AdamW<double>(new AdamWSettings(), parameters);
        first.Step(gradients, 0.01, 1, crew);

        var copy = Array.ConvertAll(parameters, p => (double[])p.Clone());
        var second = new AdamW<double>(new AdamWSettings(), copy) { Steps = first.Steps };
        for (var a = 0; a < copy.Length; a++)
        {
            first.FirstMoments[a].CopyTo(second.FirstMoments[a], 0);
            first.SecondMoments[a].CopyTo(second.SecondMoments[a], 0);
            first.LargestSecondMoments[a].CopyTo(second.LargestSecondMoments[a], 0);
        }

        first.Step(gradients, 0.01, 1, crew);
        second.Step(gradients, 0.01, 1, crew);
        Assert.Equal(parameters, copy);
    }

    [Fact]
    public void A_step_and_a_norm_allocate_nothing()
    {
        using var crew = new Crew(1);
        var random = new Random(5);
        var (parameters, gradients) = (Draw<float>(random, 1), Draw<float>(random, 1));
        var optimiser = new AdamW<float>(new AdamWSettings(), parameters);
        var norm = new GradientNorm<float>(parameters);
        long before = 0;
        for (var step = 0; step < 20; step++)
        {
            before = step == 10 ? GC.GetAllocatedBytesForCurrentThread() : before;
            optimiser.Step(gradients, 1e-3, GradientNorm.Scale(norm.Measure(gradients, crew), 5), crew);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Clipping_leaves_a_small_norm_and_brings_a_large_one_to_the_maximum()
    {
        using var crew = new Crew(2);
        double[][] gradients = [[3, 0], [4]];
        var norm = new GradientNorm<double>(gradients).Measure(gradients, crew);
        Assert.Equal(5.0, norm);
        Assert.Equal(1.0, GradientNorm.Scale(norm, 5.1));
        Assert.Equal(1 / (5 + 1e-6), GradientNorm.Scale(norm, 1));
        Assert.Equal(1.0, GradientNorm.Scale(0, 1));
        Assert.True(double.IsNaN(GradientNorm.Scale(double.NaN, 1)));
    }

    [Fact]
    public void Gradients_of_another_shape_are_refused()
    {
        using var crew = new Crew(1);
        var optimiser = new AdamW<float>(new AdamWSettings(), [new float[3]]);
        var error = Assert.Throws<ArgumentException>(() => optimiser.Step([new float[4]], 1, 1, crew));
        Assert.Equal("AdamW.Step: array 0: expected 3 elements, got 4.", error.Message);
        Assert.Equal(0, optimiser.Steps);
    }

    [Fact]
    public void The_schedule_falls_as_a_cosine()
    {
        var schedule = new CosineSchedule(1e-3, 1e-4, 101);
        Assert.Equal(1e-3, schedule.At(0));
        Assert.Equal(1e-4, schedule.At(101));
        Assert.Equal(1e-3, schedule.At(202));
        for (var k = 0; k <= 101; k++)
        {
            var expected = 1e-4 + (1e-3 - 1e-4) * (1 + Math.Cos(Math.PI * k / 101)) / 2;
            Assert.Equal(expected, schedule.At(k), 1e-18);
        }
    }

    private static void HasTheBitsOfItsDefinition<T>(int seed, bool amsGrad)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var crew = new Crew(2);
        var random = new Random(seed);
        var settings = new AdamWSettings(LearningRate: 0.01, WeightDecay: 0.1, AmsGrad: amsGrad);
        var parameters = Draw<T>(random, 1);
        var expected = Array.ConvertAll(parameters, p => (T[])p.Clone());
        var optimiser = new AdamW<T>(settings, parameters);
        var moments = Array.ConvertAll(parameters, p => new (T M, T V, T W)[p.Length]);
        for (var step = 1; step <= 5; step++)
        {
            var gradients = Draw<T>(random, random.NextDouble());
            optimiser.Step(gradients, settings.LearningRate / step, 0.7, crew);
            Each(expected, gradients, (a, i, p, g) =>
                (expected[a][i], moments[a][i]) = Naive(settings, step, settings.LearningRate / step,
                    p, g * T.CreateTruncating(0.7), moments[a][i]));
            Each(expected, parameters, (a, i, x, y) =>
                Require(x == y, () => $"seed {seed}, step {step}: array {a}[{i}]: expected {x}, came {y}"));
        }
    }

    private static (T, (T, T, T)) Naive<T>(AdamWSettings s, int t, double rate, T p, T g, (T M, T V, T W) state)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        static T Of(double x) => T.CreateTruncating(x);
        static double Power(double x, int n) => n == 0 ? 1 : Power(x * x, n / 2) * (n % 2 == 0 ? 1 : x);
        p *= Of(1 - rate * s.WeightDecay);
        var m = state.M * Of(s.Beta1) + g * Of(1 - s.Beta1);
        var v = state.V * Of(s.Beta2) + Of(1 - s.Beta2) * g * g;
        var w = s.AmsGrad ? T.Max(state.W, v) : v;
        var denominator = T.Sqrt(w) / Of(Math.Sqrt(1 - Power(s.Beta2, t))) + Of(s.Epsilon);
        p -= Of(rate / (1 - Power(s.Beta1, t))) * m / denominator;
        return (p, (m, v, w));
    }

    private static (T[][] Parameters, double[] Norms) Train<T>(int seed, bool amsGrad, Crew crew)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new Random(seed);
        var parameters = Draw<T>(random, 1);
        var optimiser = new AdamW<T>(new AdamWSettings(WeightDecay: 0.01, AmsGrad: amsGrad), parameters);
        var norm = new GradientNorm<T>(parameters);
        var norms = new double[10];
        for (var step = 0; step < norms.Length; step++)
        {
            var gradients = Draw<T>(random, 1);
            norms[step] = norm.Measure(gradients, crew);
            optimiser.Step(gradients, 1e-3, GradientNorm.Scale(norms[step], 5), crew);
        }

        return (parameters, norms);
    }

    // Drawn as floats, so that float and double problems are the same.
    private static T[][] Draw<T>(Random random, double size) where T : unmanaged, IFloatingPointIeee754<T> =>
        Array.ConvertAll(Lengths, n => Array.ConvertAll(new T[n], _ =>
            T.CreateTruncating((float)(size * (2 * random.NextDouble() - 1)))));

    // The message is built only when it is needed: there are a million of these.
    private static void Require(bool holds, Func<string> message)
    {
        if (!holds)
        {
            Assert.Fail(message());
        }
    }

    private static void Each<T, U>(T[][] xs, U[][] ys, Action<int, int, T, U> visit)
    {
        for (var a = 0; a < xs.Length; a++)
        {
            for (var i = 0; i < xs[a].Length; i++)
            {
                visit(a, i, xs[a][i], ys[a][i]);
            }
        }
    }
}
