using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// Kernels of every rule and cell and of both forms of fast weights, on an OpenCL device whose memory holds NaN before, against the
/// interpreter; and compiled as CUDA C, for the card that stands in for NVIDIA's, against OpenCL.
/// </summary>
[Collection(GpuDevices.Collection)]
public sealed class GpuValueTests : IDisposable
{
    /// <summary>As for the CPU engine: of the largest magnitude of a tensor, and, of a gradient, a share of all gradients'.</summary>
    private const double Rounding = 2e-4, Share = 1e-2;

    /// <summary>A gradient that is small beside the others is not simply anything.</summary>
    private const double OfItself = 2e-2;

    private readonly Lazy<IDevice> card = new(() =>
    {
        StandIn.Load();
        return Devices.Open("cuda");
    });

    public static TheoryData<string> Names => [.. DeviceCase.All.Concat(DeviceCase.Dense).Select(one => one.Name)];

    /// <summary>One in three of all: each is compiled twice, and both layers run the same source.</summary>
    private static IEnumerable<string> Twice => DeviceCase.All.Concat(DeviceCase.Dense).Where((_, k) => k % 3 == 0).Select(one => one.Name);

    public void Dispose()
    {
        if (card.IsValueCreated) card.Value.Dispose();
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Kernels_give_the_reference_s_values_and_gradients_however_they_are_asked_for_them(string name)
    {
        GpuDevices.Need();
        var one = DeviceCase.Named(name);
        var (network, parameters, batch) = (one.Network, one.Parameters(), one.Batch());
        using var device = GpuDevices.Open();
        using var executor = new GpuExecutor(device, one.Source(DeviceCase.LocalBytes), ["POISONED"]);
        var found = DeviceCase.Of(network, executor.Run(parameters, batch, wantGradient: true));
        var expected = DeviceCase.Of(network, network.RunReference(parameters, batch, wantGradient: true));
        var gradients = expected.Where(x => x.Key.StartsWith("gradient", StringComparison.Ordinal)).Max(x => Largest(x.Value));
        foreach (var (what, values) in expected)
        {
            var largest = Largest(values);
            var floor = Math.Max(largest, what.StartsWith("gradient", StringComparison.Ordinal) ? Share * gradients : 0);
            for (var k = 0; k < values.Length; k++)
            {
                var error = Math.Abs(values[k] - found[what][k]);
                if (!(error <= Rounding * floor && error <= OfItself * largest)) Assert.Fail($"{what}[{k}]: {found[what][k]:R}, not {values[k]:R}");
            }
        }

        // Again; without a gradient, and so without history; watched; as training and evaluation ask for it.
        GpuTests.AssertSame(found, DeviceCase.Of(network, executor.Run(parameters, batch, wantGradient: true)));
        var forward = DeviceCase.Of(network, executor.Run(parameters, batch, wantGradient: false));
        GpuTests.AssertSame(found.Where(x => forward.ContainsKey(x.Key)), forward);
        var narrow = Array.ConvertAll(parameters, p => Array.ConvertAll(p, x => (float)x));
        var bars = Array.ConvertAll(narrow, p => Array.ConvertAll(p, _ => float.NaN));
        var loss = executor.Gradient(narrow, batch, bars);
        Assert.Equal(loss, executor.Evaluate(narrow, batch));
        Assert.Equal(loss, found["loss of each sample"].Sum());
        foreach (var (p, values) in network.Parameters.Zip(bars)) Assert.Equal(found[$"gradient of {p.Name}"], values.Select(x => (double)x));

        if (!StandIn.IsThere || !Twice.Contains(name)) return;
        using var twin = new GpuExecutor(card.Value, one.Source(DeviceCase.LocalBytes), ["POISONED", "REVERSED"]);
        GpuTests.AssertSame(found, DeviceCase.Of(network, twin.Run(parameters, batch, wantGradient: true)));
    }

    // Steps are queued while others run; their copies are made as late as a card may make them.
    [SkippableTheory]
    [InlineData("adamw")]
    [InlineData("rmsprop with bounds and penalties")]
    public void Training_through_CUDA_gives_the_bits_that_it_gives_through_OpenCL(string optimiser)
    {
        using var device = GpuDevices.Open();
        var one = DeviceCase.Named("gradient LSTM");
        using var crew = new Crew(2);
        var (expected, found) = (Train(device), Train(card.Value));
        Assert.Equal(expected.Losses, found.Losses);
        foreach (var (a, b) in expected.Weights.Zip(found.Weights)) Assert.Equal(a, b);

        (List<(double Loss, double Norm)> Losses, float[][] Weights) Train(IDevice on)
        {
            using var executor = new GpuExecutor(one.Network.Program, on);
            using var learner = new GpuLearner(
                executor, one.Steps, one.Parameters(), GpuOptimiserTests.Optimiser(optimiser), maxGradientNorm: 0.1, crew);
            var losses = new List<(double, double)>();
            for (var step = 0; step < 5; step++)
            {
                learner.Begin(one.Batch(), 0.01);
                if (learner.Pending > learner.Ahead) losses.Add(learner.End());
            }
            while (learner.Pending > 0) losses.Add(learner.End());
            return (losses, learner.Weights);
        }
    }

    private static double Largest(double[] values) => values.Select(Math.Abs).DefaultIfEmpty(0).Max();
}
