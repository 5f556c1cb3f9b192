using Plastic.Core;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The code of docs/guide/analysis.md is this file's.</summary>
public sealed class InterventionTests
{
    [Fact]
    public void Interventions_from_CSharp()
    {
        var options = NetworkOptions.Default;
        options.Rule = RuleBook.All.Single(rule => rule.Name == "hebbian");
        (options.Hidden, options.Batch) = (6, 2);
        var network = new PlasticNetwork(options);
        var random = new Random(1);
        double[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
        const int Steps = 12;
        var episodes = new Batch(2, Steps, options.Inputs, 1, Numbers(2 * Steps * options.Inputs), Numbers(2 * Steps), Numbers(Steps));
        var parameters = network.InitialValues(seed: 0);
        var intact = network.RunReference(parameters, episodes, wantGradient: false);
        Assert.Equal(intact.SampleLoss, Losses(network, parameters, network.Under(episodes)).Chunk(Steps).Select(steps => steps.Sum()), Nearly);

        var changed = Example(network, parameters, episodes);
        Assert.Equal(2 * Steps, changed.Length);
        Assert.NotEqual(Losses(network, parameters, network.Under(episodes)), changed);
    }

    private static double[] Example(PlasticNetwork network, double[][] parameters, Batch episodes)
    {
        var batch = network.Under(episodes, Intervention.NewFrozenFrom(10), Intervention.NewWithoutPlasticity("output"));
        using var executor = new ReferenceExecutor(network.ProgramUnderInterventions);
        var losses = executor.Run(parameters, batch, wantGradient: false).Outputs["loss"];
        return losses;
    }

    private static double[] Losses(PlasticNetwork network, double[][] parameters, Batch batch)
    {
        using var executor = new CpuExecutor(network.ProgramUnderInterventions, threads: 1);
        return executor.Run(parameters, batch, wantGradient: false).Outputs["loss"];
    }

    private static bool Nearly(double expected, double actual) => Math.Abs(expected - actual) < 1e-5;
}
