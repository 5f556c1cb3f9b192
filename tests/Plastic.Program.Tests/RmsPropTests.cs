using System.Numerics;
using System.Runtime.InteropServices;
using Plastic.Core;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>RMSprop with bounded steps: two steps computed by hand, and the laws of every optimiser.</summary>
public sealed class RmsPropTests
{
    // Lengths below, at and above a range of work.
    private static readonly int[] Lengths = [1, 7, 4095, 4096, 4097, 9001];

    private static readonly RmsPropSettings Settings =
        new(Memory: 0.75, Epsilon: 0.5, MaxStep: 0.1, PenaltyL1: 0.01, PenaltyL2: 0.1);

    [Fact]
    public void Two_steps_equal_those_computed_by_hand()
    {
        AreWorkedOutByHand<float>(1e-6);
        AreWorkedOutByHand<double>(1e-14);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Threads_change_no_bit(int threads)
    {
        using Crew one = new(1), many = new(threads);
        for (var seed = 1; seed <= 3; seed++)
        {
            HaveTheSameBits(seed, Train<float>(seed, one), Train<float>(seed, many));
            HaveTheSameBits(seed, Train<double>(seed, one), Train<double>(seed, many));
        }
    }

    [Fact]
    public void A_restored_optimiser_continues_as_if_it_had_not_stopped()
    {
        using var crew = new Crew(1);
        var random = new Random(3);
        var (parameters, gradients) = (Draw<double>(random), Draw<double>(random));
        var isPenalised = Penalties(parameters);
        var first = new RmsProp<double>(Settings, parameters, isPenalised);
        first.Step(gradients, 0.05, 1, crew);

        var copy = Array.ConvertAll(parameters, p => (double[])p.Clone());
        var second = new RmsProp<double>(Settings, copy, isPenalised) { Steps = first.Steps };
        for (var a = 0; a < copy.Length; a++) first.MeanSquares[a].CopyTo(second.MeanSquares[a], 0);

        gradients = Draw<double>(random);
        first.Step(gradients, 0.05, 1, crew);
        second.Step(gradients, 0.05, 1, crew);
        HaveTheSameBits(3, parameters, copy);
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using var crew = new Crew(1);
        var random = new Random(5);
        var (parameters, gradients) = (Draw<float>(random), Draw<float>(random));
        var optimiser = new RmsProp<float>(Settings, parameters, Penalties(parameters));
        long before = 0;
        for (var step = 0; step < 20; step++)
        {
            before = step == 10 ? GC.GetAllocatedBytesForCurrentThread() : before;
            optimiser.Step(gradients, 1e-3, 0.5, crew);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_NaN_gradient_gives_NaN_and_affects_no_other_element()
    {
        using var crew = new Crew(1);
        double[][] parameters = [[1, 1], [1, 1]];
        var optimiser = new RmsProp<double>(Settings, parameters, [true, false]);
        double[] gradient = [double.NaN, 0];
        optimiser.Step([gradient, gradient], 0.2, 1, crew);
        Assert.True(double.IsNaN(parameters[0][0]));
        Assert.True(double.IsNaN(parameters[1][0]));
        Assert.Equal(0.89, parameters[0][1], 1e-14);
        Assert.Equal(1.0, parameters[1][1]);
    }

    [Fact]
    public void Gradients_and_penalties_of_another_shape_are_refused()
    {
        using var crew = new Crew(1);
        var optimiser = new RmsProp<float>(Settings, [new float[3]], [true]);
        var error = Assert.Throws<ArgumentException>(() => optimiser.Step([new float[4]], 1, 1, crew));
        Assert.Equal("RmsProp.Step: array 0: expected 3 elements, got 4.", error.Message);
        error = Assert.Throws<ArgumentException>(() => optimiser.Step([new float[3], new float[3]], 1, 1, crew));
        Assert.Equal("RmsProp.Step: expected 1 arrays, got 2.", error.Message);
        Assert.Equal(0, optimiser.Steps);

        error = Assert.Throws<ArgumentException>(() => new RmsProp<float>(Settings, [new float[3]], [true, false]));
        Assert.Equal("RmsProp: expected 1 penalties, got 2.", error.Message);
    }

    [Fact]
    public void Its_settings_penalise_only_matrices()
    {
        using var crew = new Crew(1);
        Parameter[] infos =
        [
            Info("input.weight", 2, 3), Info("input.weight.alpha", 2, 3), Info("input.bias", 6), Info("trace.eta", 1),
        ];
        var values = Array.ConvertAll(infos, info => Enumerable.Repeat(0.5f, info.Size).ToArray());
        var optimiser = new RmsPropSettings(PenaltyL1: 0.125, PenaltyL2: 0.25).Create(infos, values);
        optimiser.Step(Array.ConvertAll(infos, info => new float[info.Size]), 0.1, 1, crew);

        // With a zero step, the penalties leave ½ − ⅛ − ¼·½.
        Assert.All(values[0], x => Assert.Equal(0.25f, x));
        Assert.All(values[1], x => Assert.Equal(0.25f, x));
        Assert.All(values[2], x => Assert.Equal(0.5f, x));
        Assert.All(values[3], x => Assert.Equal(0.5f, x));
    }

    private static void AreWorkedOutByHand<T>(double tolerance) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var crew = new Crew(1);
        // Connections, and biases with the same values, which have no penalties.
        T[][] parameters = [Of<T>(1, -2, 0.02), Of<T>(1, -2, 0.02)];
        var optimiser = new RmsProp<T>(Settings, parameters, [true, false]);

        // g = 3, −1, 0.1 and mem = g². The steps 0.2·g / √(mem + ½) are 0.195 and −0.163, both too long, and 0.028,
        // which takes the third element across zero.
        var gradient = Of<T>(6, -2, 0.2);
        optimiser.Step([gradient, gradient], 0.2, 0.5, crew);
        var third = 0.02 - 0.02 / Math.Sqrt(0.51);
        double[] connections = [0.8, -1.7, third + 0.01 - 0.1 * third], biases = [0.9, -1.9, third];
        Agree(tolerance, connections, parameters[0]);
        Agree(tolerance, biases, parameters[1]);
        Agree(tolerance, [9, 1, 0.01], optimiser.MeanSquares[0]);
        Agree(tolerance, [9, 1, 0.01], optimiser.MeanSquares[1]);

        // g = −1, 2, −4 and mem = ¾·9 + ¼·1, ¾·1 + ¼·4, ¾·0.01 + ¼·16; no step 0.05·g / √(mem + ½) is too long.
        gradient = Of<T>(-2, 4, -8);
        optimiser.Step([gradient, gradient], 0.05, 0.5, crew);
        double[] steps = [-0.05 / Math.Sqrt(7.5), 0.1 / 1.5, -0.2 / Math.Sqrt(4.5075)];
        Agree(tolerance, [.. connections.Zip(steps, (p, step) => Penalised(p - step))], parameters[0]);
        Agree(tolerance, [.. biases.Zip(steps, (p, step) => p - step)], parameters[1]);
        Agree(tolerance, [7, 1.75, 4.0075], optimiser.MeanSquares[0]);
        Agree(tolerance, [7, 1.75, 4.0075], optimiser.MeanSquares[1]);
        Assert.Equal(2, optimiser.Steps);
    }

    private static double Penalised(double p) => p - 0.01 * Math.Sign(p) - 0.1 * p;

    private static T[][] Train<T>(int seed, Crew crew) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new Random(seed);
        var parameters = Draw<T>(random);
        var optimiser = new RmsProp<T>(Settings, parameters, Penalties(parameters));
        for (var step = 0; step < 5; step++) optimiser.Step(Draw<T>(random), 0.05, 0.7, crew);
        return [.. parameters, .. optimiser.MeanSquares];
    }

    private static bool[] Penalties<T>(T[][] parameters) => [.. parameters.Select((_, a) => a % 2 == 0)];

    private static T[][] Draw<T>(Random random) where T : unmanaged, IFloatingPointIeee754<T> =>
        Array.ConvertAll(Lengths, n => Array.ConvertAll(new T[n], _ =>
            T.CreateTruncating(2 * random.NextDouble() - 1)));

    private static T[] Of<T>(params double[] values) where T : unmanaged, IFloatingPointIeee754<T> =>
        Array.ConvertAll(values, x => T.CreateTruncating(x));

    private static Parameter Info(string name, params int[] shape) =>
        new(name, shape, true, Initial.NewFill(0));

    private static void Agree<T>(double tolerance, double[] expected, T[] found)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], double.CreateTruncating(found[i]), tolerance);
        }
    }

    private static void HaveTheSameBits<T>(int seed, T[][] expected, T[][] found) where T : unmanaged
    {
        Assert.Equal(expected.Length, found.Length);
        for (var a = 0; a < expected.Length; a++)
        {
            var (x, y) = (expected[a], found[a]);
            Assert.True(MemoryMarshal.AsBytes(x.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(y.AsSpan())), $"seed {seed}: array {a}");
        }
    }
}
