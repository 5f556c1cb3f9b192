using System.Runtime.CompilerServices;
using Plastic.Core;
using Plastic.Engine;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The README's C# example is in this file: it compiles, runs, and appears in the README word for word.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void The_example_runs_and_the_loss_falls()
    {
        var losses = Example();
        Assert.True(losses[^1] < 0.5 * losses[0], $"from {losses[0]} to {losses[^1]}");
    }

    [Fact]
    public void The_readme_shows_the_example_word_for_word()
    {
        var here = ThisFile();
        var lines = File.ReadAllLines(here);
        var example = lines
            .SkipWhile(line => !line.Contains("// <readme>")).Skip(1)
            .TakeWhile(line => !line.Contains("// </readme>"))
            .Select(line => line.Length >= 8 ? line[8..] : line.TrimStart());
        var readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        Assert.Contains(string.Join("\n", example), readme.ReplaceLineEndings("\n"));
    }

    private static List<double> Example()
    {
        // <readme>
        RuleBook.TryFind("hebbian", out var rule);
        var options = NetworkOptions.Default;       // the published RNN
        (options.Rule, options.Hidden, options.Batch) = (rule, 32, 8);
        var network = new PlasticNetwork(options);

        // Eight episodes of twelve steps, [batch, steps, inputs] and [batch, steps, outputs]: remember the first input.
        var random = new Random(1);
        var input = Enumerable.Range(0, 8 * 12 * 16).Select(_ => random.NextDouble()).ToArray();
        var target = Enumerable.Range(0, 8 * 12).Select(i => input[i / 12 * 12 * 16]).ToArray();
        var weight = Enumerable.Repeat(1.0 / 12, 12).ToArray();
        var batch = new Batch(8, 12, 16, 1, input, target, weight);

        using var crew = new Crew(threads: 2);
        using var executor = new CpuExecutor(network.Program, crew);
        var learner = new Learner(executor, network.InitialValues(seed: 0), new AdamWSettings(), maxGradientNorm: 5, crew);
        var losses = new List<double>();
        for (var step = 0; step < 200; step++)
        {
            learner.Measure(batch);                 // the loss and its gradient
            losses.Add(learner.Loss);
            learner.Update(learningRate: 1e-3);
        }
        // </readme>
        return losses;
    }

    /// <summary>The repository.</summary>
    internal static string Root => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
