using System.Text;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// Every barrier of some networks' kernels, taken out alone: the results change in one of two orders of the threads. They run on the card that
/// stands in for CUDA's, since PoCL adds barriers of its own around loops. One barrier in eight; with PLASTIC_NIGHTLY=1 every one.
/// </summary>
public sealed class GpuBarrierTests
{
    private static readonly int Every = Environment.GetEnvironmentVariable("PLASTIC_NIGHTLY") == "1" ? 1 : 8;

    public static TheoryData<string> Names => ["gradient RNN factored 20", "hebbian RNN factored 9", "gradient RNN", "retroactive RNN"];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void A_barrier_that_is_taken_out_changes_the_results(string name)
    {
        using var device = StandIn.Open();
        var options = DeviceCase.Named(name).Options;
        // More outputs than the first of sixteen sums has, and not the length of another vector.
        (options.Outputs, options.Batch) = (20, 1);
        var one = DeviceCase.Named(name) with { Options = options, Steps = 9 };
        var whole = Run(_ => false, "POISONED");
        var count = one.Source(DeviceCase.LocalBytes).Kernels.Text.Split(KernelWriter.Barrier).Length - 1;
        var unseen = new StringBuilder();
        for (var k = name.Length % Every; k < count; k += Every)
        {
            if (Same(whole, Run(at => at == k, "POISONED")) && Same(whole, Run(at => at == k, "POISONED", "REVERSED"))) unseen.AppendLine(Around(k));
        }
        Assert.True(unseen.Length == 0, $"of {count} barriers, these change nothing:\n{unseen}");

        IReadOnlyDictionary<string, double[]> Run(Func<int, bool> isLeftOut, params string[] defined)
        {
            using var executor = new GpuExecutor(
                new EditedDevice(device, EditedDevice.WithoutBarriers(isLeftOut)), one.Source(DeviceCase.LocalBytes), defined);
            return DeviceCase.Of(one.Network, executor.Run(one.Parameters(), one.Batch(), wantGradient: true));
        }

        string Around(int k)
        {
            var parts = one.Source(DeviceCase.LocalBytes).Kernels.Text.Split(KernelWriter.Barrier);
            return $"--- {k}\n{parts[k][Math.Max(0, parts[k].Length - 600)..]}\n=== BAR\n{parts[k + 1][..Math.Min(600, parts[k + 1].Length)]}";
        }
    }

    // The kernels of norm and update, which hold few barriers and no condition around them, write them by hand.
    [SkippableFact]
    public void A_barrier_of_the_optimiser_s_kernels_that_is_taken_out_changes_what_is_learnt()
    {
        using var device = StandIn.Open();
        var one = DeviceCase.Named("gradient LSTM");
        var whole = Train(-1, isReversed: false);
        Assert.Equal(whole, Train(-1, isReversed: true));
        var count = NormKernels.Write(new EpisodeLayout(one.Network.Program)).Split("BAR();").Length - 1;
        Assert.InRange(count, 1, 20);
        for (var k = 0; k < count; k++)
        {
            Assert.True(!whole.SequenceEqual(Train(k, isReversed: false)) || !whole.SequenceEqual(Train(k, isReversed: true)), $"barrier {k}");
        }

        double[] Train(int leftOut, bool isReversed)
        {
            using var crew = new Crew(1);
            using var executor = new GpuExecutor(one.Network.Program, new EditedDevice(device, Edited));
            using var learner = new GpuLearner(
                executor, one.Steps, one.Parameters(), GpuOptimiserTests.Optimiser("adamw"), maxGradientNorm: 0.01, crew);
            learner.Begin(one.Batch(), 0.1);
            var (loss, norm) = learner.End();
            return [loss, norm, .. learner.Weights.SelectMany(p => p).Select(x => (double)x)];

            string Edited(string text)
            {
                if (!text.Contains("KERNEL void squares", StringComparison.Ordinal)) return text;
                var parts = text.Split("BAR();");
                return (isReversed ? "#define REVERSED\n" : "")
                    + string.Concat(parts.Select((part, k) => part + (k == leftOut || k == parts.Length - 1 ? "" : "BAR();")));
            }
        }
    }

    private static bool Same(IReadOnlyDictionary<string, double[]> a, IReadOnlyDictionary<string, double[]> b) =>
        a.All(x => x.Value.SequenceEqual(b[x.Key]));
}
