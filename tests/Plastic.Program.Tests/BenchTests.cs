using System.Diagnostics;
using System.Text.Json.Nodes;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The output of `bench`, and what it counts. Speed itself is measured by bench/compare.</summary>
public sealed class BenchTests
{
    private static readonly string[] Small =
        ["--hidden", "8", "--inputs", "3", "--steps", "5", "--batch", "2", "--threads", "1", "--repeat", "2"];

    [Theory]
    [InlineData("RNN", "hebbian")]
    [InlineData("LSTM", "gradient")]
    [InlineData("RNN", "none")]
    [InlineData("prototypes", "none")]
    public void A_step_prints_one_line_with_the_keys_of_the_PyTorch_step(string cell, string rule)
    {
        using var session = new Session();
        var ended = session.Run(["bench", "step", "--cell", cell, "--rule", rule, "--json", .. Small]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        var said = JsonNode.Parse(Assert.Single(ended.Results))!.AsObject();
        Assert.Equal((cell, rule), ((string)said["cell"]!, (string)said["rule"]!));
        Assert.Equal((8, 5, 2, 1), ((int)said["hidden"]!, (int)said["steps"]!, (int)said["batch"]!, (int)said["threads"]!));
        Assert.True((double)said["seconds_per_step"]! >= (double)said["seconds_fastest"]!);
        Assert.True((double)said["seconds_fastest"]! > 0);
        Assert.True((int)said["peak_rss_mb"]! > 0);
        Assert.Empty(session.Everything());
    }

    [Fact]
    public void The_help_lists_every_cell()
    {
        using var session = new Session();
        var help = string.Join(' ', session.Run("bench", "step", "--help").Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"--cell <name> {string.Join(", ", Cell.All.Select(cell => cell.Name))} (default: RNN)", help);
    }

    [Fact]
    public void The_roofline_accounts_for_all_the_time()
    {
        using var session = new Session();
        var ended = session.Run(["bench", "roofline", "--json", .. Small]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        var said = JsonNode.Parse(ended.Output)!;
        Assert.True((double)said["flops_per_second"]! > 0);
        Assert.True((double)said["cache_bytes_per_second"]! > 0);
        Assert.True((double)said["memory_bytes_per_second"]! > 0);
        var shares = said["parts"]!.AsArray().Select(part => (double)part!["share"]!).ToArray();
        Assert.All(shares, share => Assert.InRange(share, 0, 1));
        Assert.Equal(1, shares.Sum(), 1e-9);
    }

    [Theory]
    [InlineData("conv4")]
    [InlineData("resnet12")]
    public void An_encoder_is_timed_and_its_work_counted(string kind)
    {
        using var session = new Session();
        var ended = session.Run(
            ["bench", "encoder", "--encoder", kind, "--width", "2", "--side", "16", "--images", "3", "--steps", "2", "--threads", "1", "--repeat", "1", "--json"]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        var said = JsonNode.Parse(Assert.Single(ended.Results))!.AsObject();
        Assert.Equal((kind, 16, 3, 2, 1), ((string)said["encoder"]!, (int)said["side"]!, (int)said["images"]!, (int)said["steps"]!, (int)said["threads"]!));
        Assert.True((double)said["seconds_per_step"]! > 0);
        Assert.True((int)said["predicted_mb"]! > 0);
        Assert.True((int)said["peak_rss_mb"]! > 0);
        var parts = said["parts"]!.AsArray().Select(part => (double)part!["multiply_adds"]!).ToArray();
        Assert.Equal(parts[2], parts[0] + parts[1]);
    }

    [Fact]
    public void Work_of_an_encoder_is_counted_from_its_convolutions()
    {
        var options = EncoderOptions.Default;
        (options.Side, options.Widths) = (18, [2, 3, 4, 5]);
        var costs = new EncoderCosts(new Encoder(options));
        // Sides 18, 9, 4, 2; the first convolution passes nothing on to the image.
        const double first = 18 * 18 * 9 * 3 * 2, others = 9 * 9 * 9 * 2 * 3 + 4 * 4 * 9 * 3 * 4 + 2 * 2 * 9 * 4 * 5;
        Assert.Equal((first + others, first + 2 * others), (costs.Forward, costs.Backward));
    }

    [Theory]
    [InlineData(64, "bench needs step, roofline or encoder", "bench")]
    [InlineData(64, "--encoder must be one of conv4, resnet12, not 'vgg'", "bench", "encoder", "--encoder", "vgg")]
    [InlineData(64, "--side must be a whole number from 16", "bench", "encoder", "--side", "8")]
    [InlineData(78, "this batch needs", "bench", "encoder", "--images", "100000", "--steps", "100")]
    [InlineData(64, "did you mean hebbian?", "bench", "step", "--rule", "hebian")]
    [InlineData(64, "--steps must be a whole number from 1", "bench", "step", "--steps", "0")]
    [InlineData(64, "--history must be", "bench", "step", "--history", "-1")]
    [InlineData(64, "more than once", "bench", "step", "--hidden", "8", "hidden=8")]
    [InlineData(64, "did you mean --hidden?", "bench", "step", "--hiden", "8")]
    [InlineData(78, "hidden must be a whole number from 1", "bench", "roofline", "--hidden", "0")]
    [InlineData(78, "below 2³¹", "bench", "step", "--steps", "100000", "--inputs", "100000")]
    public void Bad_arguments_are_refused_in_one_line(int code, string part, params string[] words)
    {
        using var session = new Session();
        var ended = session.Run(words);
        Assert.Equal(code, (int)ended.Code);
        Assert.Empty(ended.Results);
        Assert.Contains(part, Assert.Single(ended.Messages));
    }

    [Fact]
    public void Costs_are_counted_from_the_Program()
    {
        RuleBook.TryFind("none", out var none);
        RuleBook.TryFind("hebbian", out var hebbian);
        var options = NetworkOptions.Default;
        (options.Inputs, options.Hidden, options.Extra, options.Modulation) = (3, 8, 0, false);
        // Input, recurrent, cell and output connections.
        const double connections = 3 * 8 + 8 * 8 + 8 * 8 + 8 * 1;

        options.Rule = none;
        var plain = new StepCosts(new PlasticNetwork(options).Program, 5);
        Assert.Equal(new Cost(2 * connections, 4 * connections / 8), plain.Of(StepPart.Forward));
        // All but the input's pass their cotangent on.
        Assert.Equal(2 * (connections - 3 * 8), plain.Of(StepPart.Backward).Flops);
        Assert.Equal(new Cost(2 * connections, 0), plain.Of(StepPart.WeightGradients));

        options.Rule = hebbian;
        var plastic = new StepCosts(new PlasticNetwork(options).Program, 5);
        // A product with W, and with the pairs of the 0, 1, 2, 3, 4 steps before; W and α serve four samples.
        Assert.Equal(2 * (1 + 2) * connections, plastic.Of(StepPart.Forward).Flops);
        Assert.Equal(4.0 * (2 * connections / 4 + 2 * 2 * (8 + 8 + 8 + 1)), plastic.Of(StepPart.Forward).Bytes);
        // The chunk backward: F̄ takes a pair in and decays, ᾱ takes three operations.
        Assert.Equal(
            2 * (1 + 2) * (connections - 3 * 8) + (2 + 1 + 3) * connections, plastic.Of(StepPart.Backward).Flops);

        // Forty steps: four of five chunks start from a stored F.
        var twice = new StepCosts(new PlasticNetwork(options).Program, 40);
        Assert.Equal((2 * (1 + 3.5 + 0.8) + 0.8 * 2) * connections, twice.Of(StepPart.Forward).Flops, 1e-6);
    }

    [Fact]
    public void A_profile_counts_no_time_twice()
    {
        var options = NetworkOptions.Default;
        (options.Hidden, options.Batch) = (16, 4);
        var network = new PlasticNetwork(options);
        using var crew = new Crew(1);
        using var executor = new CpuExecutor(network.Program, crew);
        var learner = new Learner(executor, network.InitialValues(0), new AdamWSettings(), 5, crew);
        var batch = new Batch(4, 6, 16, 1, new double[4 * 6 * 16], new double[4 * 6], [1, 1, 1, 1, 1, 1]);
        learner.Measure(batch);
        var profile = Assert.Single(executor.StartProfiling());
        var start = Stopwatch.GetTimestamp();
        learner.Measure(batch);
        var wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var parts = Enum.GetValues<StepPart>().Select(profile.Seconds).ToArray();
        Assert.All(parts, seconds => Assert.True(seconds > 0));
        Assert.True(parts.Sum() <= wall, $"{parts.Sum()} s of {wall}");
    }

    [SkippableFact]
    public void The_comparison_explains_itself()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "bench/compare is a script for Linux");
        var start = new ProcessStartInfo(Path.Combine(ReadmeTests.Root, "bench", "compare"), ["--help"])
        {
            RedirectStandardOutput = true,
        };
        try
        {
            using var compare = Process.Start(start)!;
            var said = compare.StandardOutput.ReadToEnd();
            compare.WaitForExit();
            // Without python3, env reports it and the exit code is 127.
            Skip.If(compare.ExitCode == 127, "python3 is missing");
            Assert.Contains("pair by pair", said, StringComparison.Ordinal);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Fail("bench/compare cannot be started");
        }
    }
}
