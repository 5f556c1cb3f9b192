using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// The same kernels compiled by PoCL, which takes longer: some of the networks, with PLASTIC_NIGHTLY=1 all. Both layers run the same source,
/// and must give the same bits.
/// </summary>
[Collection(GpuDevices.Collection)]
public sealed class GpuOpenClTests : IDisposable
{
    private static readonly int Every = Environment.GetEnvironmentVariable("PLASTIC_NIGHTLY") == "1" ? 1 : 4;

    private readonly Lazy<IDevice> card = new(StandIn.Open);

    public static TheoryData<string> Names => [.. DeviceCase.All.Concat(DeviceCase.Dense).Where((_, k) => k % Every == 0).Select(one => one.Name)];

    public void Dispose()
    {
        if (card.IsValueCreated) card.Value.Dispose();
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Kernels_give_the_reference_s_values_and_gradients_and_the_bits_of_CUDA_s(string name)
    {
        using var device = GpuDevices.Open();
        var one = DeviceCase.Named(name);
        var found = GpuValues.Require(one, device);
        if (!StandIn.IsThere) return;
        using var twin = new GpuExecutor(card.Value, one.Source(DeviceCase.LocalBytes), ["POISONED", "REVERSED"]);
        GpuTests.AssertSame(found, DeviceCase.Of(one.Network, twin.Run(one.Parameters(), one.Batch(), wantGradient: true)));
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
}
