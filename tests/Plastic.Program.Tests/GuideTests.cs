using Plastic.Core;
using Plastic.Engine;
using Plastic.Guide;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// The code of docs/guide/own-rule.md is compiled code: its F# is that of tests/Plastic.Laws.Tests/Guide.fs, where laws hold it to
/// what the guide says, and its C# is this file's. That of docs/guide/own-laws.md is the project tests/OwnRule.Tests.
/// </summary>
public sealed class GuideTests
{
    private const string Rules = "docs/guide/own-rule.md", Laws = "docs/guide/own-laws.md";

    [Fact]
    public void The_example_trains_a_network_of_the_guides_rule()
    {
        var (losses, fast) = Example();
        Assert.True(losses[^1] < 0.8 * losses[0], $"from {losses[0]} to {losses[^1]}");
        Assert.Equal(8 * 32 * 32, fast.Length);
        Assert.Contains(fast, x => Math.Abs(x) > 1e-6);
    }

    [Fact]
    public void CSharp_reads_the_rule_that_FSharp_defined()
    {
        Assert.Equal("covariance", Covariance.rule.Name);
        Assert.True(Covariance.rule.IsPlastic);
        var options = NetworkOptions.Default;
        options.Rule = CovarianceTrace.rule;
        Assert.Contains(new PlasticNetwork(options).Parameters, p => p.Name == "covariance_trace.eta");
    }

    [Theory]
    [InlineData(Rules, "fsharp", 7, "tests/Plastic.Laws.Tests/Guide.fs")]
    [InlineData(Rules, "csharp", 2, "tests/Plastic.Program.Tests/GuideTests.cs")]
    [InlineData(Laws, "fsharp", 2, "tests/OwnRule.Tests/Program.fs", "tests/OwnRule.Tests/Centred.fs")]
    [InlineData("docs/guide/own-data.md", "fsharp", 1, "tests/Plastic.Laws.Tests/GuideExport.fs")]
    [InlineData("docs/guide/analysis.md", "csharp", 1, "tests/Plastic.Program.Tests/InterventionTests.cs")]
    [InlineData(Laws, "xml", 1, "tests/OwnRule.Tests/OwnRule.Tests.fsproj")]
    public void Every_block_of_a_guide_is_in_compiled_code(string guide, string language, int count, params string[] files)
    {
        var code = files.Select(file => Lines(File.ReadLines(InRepository(file)))).ToArray();
        var blocks = Blocks(guide, language).ToArray();
        Assert.Equal(count, blocks.Length);
        foreach (var block in blocks)
        {
            Assert.True(
                code.Any(lines => Occurs(block, lines)),
                $"{guide} shows what is not in {string.Join(", ", files)}:\n{string.Join("\n", block)}");
        }
    }

    [Fact]
    public void A_block_that_differs_in_a_word_or_in_its_indentation_is_noticed()
    {
        string[] code = ["module A =", "    let x =", "        1", "    let y = 2"];
        Assert.True(Occurs(["let x =", "    1"], code));
        Assert.False(Occurs(["let x =", "1"], code));
        Assert.False(Occurs(["let x =", "    2"], code));
        Assert.False(Occurs(["let x =", "let y = 2"], code));
    }

    private static (List<double> Losses, double[] Fast) Example()
    {
        var options = NetworkOptions.Default;       // the published RNN
        (options.Rule, options.Hidden, options.Batch) = (Covariance.rule, 32, 8);
        var network = new PlasticNetwork(options);

        // Eight episodes of twelve steps, [batch, steps, inputs] and [batch, steps, outputs]: remember the first input.
        var random = new Random(1);
        var input = Enumerable.Range(0, 8 * 12 * 16).Select(_ => random.NextDouble()).ToArray();
        var target = Enumerable.Range(0, 8 * 12).Select(i => input[i / 12 * 12 * 16]).ToArray();
        var weight = Enumerable.Repeat(1.0 / 12, 12).ToArray();
        var batch = new Batch(8, 12, 16, 1, input, target, weight);

        using var crew = new Crew(threads: 2);
        using var executor = new CpuExecutor(network.Program, crew);
        using var learner = new Learner(executor, network.InitialValues(seed: 0), new AdamWSettings(), maxGradientNorm: 5, crew);
        var losses = new List<double>();
        for (var step = 0; step < 200; step++)
        {
            learner.Measure(batch);                 // the loss and its gradient
            losses.Add(learner.Loss);
            learner.Update(learningRate: 1e-3);
        }

        // What the trained network wrote into its recurrent synapse, [batch, n, m], by the reference interpreter.
        var trained = Array.ConvertAll(learner.Weights, p => Array.ConvertAll(p, x => (double)x));
        var episode = network.RunReference(trained, batch, wantGradient: false);
        var fast = episode.FastWeights["recurrent"];

        return (losses, fast);
    }

    /// <summary>A guide's blocks of a language, their lines without common indentation.</summary>
    private static IEnumerable<string[]> Blocks(string guide, string language)
    {
        List<string>? block = null;
        foreach (var line in File.ReadLines(InRepository(guide)))
        {
            if (block is null)
            {
                if (line == "```" + language)
                {
                    block = [];
                }
            }
            else if (line == "```")
            {
                yield return Dedented(Lines(block));
                block = null;
            }
            else
            {
                block.Add(line);
            }
        }
    }

    /// <summary>Whether the block's lines follow each other somewhere in the code, all indented by as much.</summary>
    private static bool Occurs(string[] block, string[] code) =>
        Enumerable.Range(0, Math.Max(0, code.Length - block.Length + 1))
            .Any(start => Dedented(code[start..(start + block.Length)]).SequenceEqual(block));

    private static string[] Lines(IEnumerable<string> lines) =>
        [.. lines.Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => line.TrimEnd())];

    private static string[] Dedented(string[] lines)
    {
        var indentation = lines.Min(line => line.Length - line.TrimStart().Length);
        return Array.ConvertAll(lines, line => line[indentation..]);
    }

    private static string InRepository(string path) => Path.Combine(ReadmeTests.Root, path);
}
