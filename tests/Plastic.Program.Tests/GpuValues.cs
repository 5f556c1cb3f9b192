using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Kernels against the interpreter, on a device whose memory holds NaN before.</summary>
internal static class GpuValues
{
    /// <summary>As for the CPU engine: of the largest magnitude of a tensor, and, of a gradient, a share of all gradients'.</summary>
    private const double Rounding = 2e-4, Share = 1e-2;

    /// <summary>A gradient that is small beside the others is not simply anything.</summary>
    private const double OfItself = 2e-2;

    /// <summary>Requires what the interpreter computes, in every way of asking for it; returns what the device computes.</summary>
    public static IReadOnlyDictionary<string, double[]> Require(DeviceCase one, IDevice device)
    {
        var (network, parameters, batch) = (one.Network, one.Parameters(), one.Batch());
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
        return found;
    }

    private static double Largest(double[] values) => values.Select(Math.Abs).DefaultIfEmpty(0).Max();
}
