using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Kernels on an OpenCL device, whose memory holds NaN before, against the interpreter.</summary>
internal static class GpuValues
{
    /// <summary>As for the CPU engine: of the largest magnitude of a tensor, and, of a gradient, a share of all gradients'.</summary>
    private const double Rounding = 2e-4, Share = 1e-2;

    /// <summary>A gradient that is small beside the others is not simply anything.</summary>
    private const double OfItself = 2e-2;

    /// <summary>Requires what the interpreter computes, in every way of asking for it.</summary>
    public static void Require(string name)
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
    }

    private static double Largest(double[] values) => values.Select(Math.Abs).DefaultIfEmpty(0).Max();
}

/// <summary>Every rule and cell, and both forms of fast weights. Two classes, since tests of one class run one after the other.</summary>
public sealed class GpuRuleTests
{
    public static TheoryData<string> Names => [.. DeviceCase.All.Where((_, k) => k % 2 == 0).Select(one => one.Name)];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Kernels_give_the_reference_s_values_and_gradients(string name) => GpuValues.Require(name);
}

/// <summary>The other half of them.</summary>
public sealed class GpuFormTests
{
    public static TheoryData<string> Names =>
        [.. DeviceCase.All.Where((_, k) => k % 2 == 1).Concat(DeviceCase.Dense).Select(one => one.Name)];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Kernels_give_the_reference_s_values_and_gradients(string name) => GpuValues.Require(name);
}
