using Plastic.Core;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Where a number that is not finite arose is said in the network's own terms.</summary>
public sealed class DiagnosisTests
{
    [Theory]
    [InlineData("none", "recurrent.bias", "from recurrent.bias")]
    [InlineData("hebbian", "recurrent.bias", "from recurrent.bias")]
    [InlineData("hebbian", "input.bias", "from input.bias")]
    [InlineData("neuromodulated", "recurrent.bias", "from recurrent.bias")]
    public void A_vector_without_a_name_is_placed_by_a_layer(string rule, string parameter, string place)
    {
        var options = NetworkOptions.Default;
        (options.Rule, options.Inputs, options.Hidden, options.Outputs, options.Batch) = (Registry.rules.First(r => r.Name == rule), 2, 3, 2, 1);
        var network = new PlasticNetwork(options);
        double[][] values = [.. network.Parameters.Select(p => new double[p.Size])];
        var at = network.Parameters.ToList().FindIndex(p => p.Name == parameter);
        Assert.True(at >= 0, string.Join(", ", network.Parameters.Select(p => p.Name)));
        Array.Fill(values[at], double.PositiveInfinity);
        var batch = new Batch(1, 2, 2, 2, new double[4], new double[4], [0.5, 0.5]);
        var finding = Diagnosis.Find(network.Program, values, batch, wantGradient: false, default);
        Assert.Matches($"{place}$", finding.What);
        Assert.DoesNotContain("vector", finding.What);
    }
}
