using Plastic.Core;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// Kernels of every rule and cell and of both forms of fast weights, compiled as CUDA C, on the card that stands in for NVIDIA's: against
/// the interpreter, and against themselves, bit for bit.
/// </summary>
public sealed class GpuValueTests : IDisposable
{
    private readonly Lazy<IDevice> card = new(StandIn.Open);

    public static TheoryData<string> Names => [.. DeviceCase.All.Concat(DeviceCase.Dense).Select(one => one.Name)];

    public void Dispose()
    {
        if (card.IsValueCreated) card.Value.Dispose();
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Kernels_give_the_reference_s_values_and_gradients(string name) => GpuValues.Require(DeviceCase.Named(name), card.Value);

    [SkippableTheory]
    [InlineData("gradient LSTM")]
    [InlineData("gradient LSTM dense")]
    [InlineData("hebbian RNN factored 9")]
    [InlineData("hebbian LSTM factored 45")]
    [InlineData("oja LSTM")]
    [InlineData("retroactive RNN")]
    [InlineData("bohp LSTM")]
    public void Neither_the_order_of_the_threads_nor_where_vectors_lie_changes_a_bit(string name) =>
        GpuTests.RequireSameBits(DeviceCase.Named(name), card.Value);

    // A network whose vectors find room in no local memory that there is, so that each limit places others of them there.
    [SkippableFact]
    public void Any_amount_of_local_memory_gives_the_same_bits()
    {
        var options = NetworkOptions.Default;
        (options.Rule, options.Cell) = (RuleBook.All.Single(rule => rule.Name == "gradient"), Cell.Lstm);
        (options.Inputs, options.Hidden, options.Outputs, options.Extra, options.Batch) = (3, 192, 2, 1, 1);
        var one = new DeviceCase(options, Steps: 2);
        int[] limits = [32, 48, 100, 163, 227];
        var sources = Array.ConvertAll(limits, limit => new EpisodeSource(one.Network.Program, limit << 10));
        Assert.Equal(limits.Length, sources.Select(source => source.LocalFloats).Distinct().Count());
        Assert.All(limits.Zip(sources), x => Assert.InRange(x.Second.LocalFloats, 1, (x.First << 10) / sizeof(float)));
        IReadOnlyDictionary<string, double[]>? first = null;
        foreach (var source in sources)
        {
            using var executor = new GpuExecutor(card.Value, source, ["POISONED"]);
            var found = DeviceCase.Of(one.Network, executor.Run(one.Parameters(), one.Batch(), wantGradient: true));
            GpuTests.AssertSame(first ??= found, found);
        }
    }
}
