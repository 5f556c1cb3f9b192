using System.Globalization;
using System.Text.Json;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// The tasks of ±1 patterns from the command line: training batches at the end that change nothing, and every rule with
/// a trace in every cell without gates.
/// </summary>
public sealed class BohpRunTests
{
    private static readonly string[] Short =
    [
        "validate_every=40", "validation_batches=2", "test_batches=2", "log_every=10",
    ];

    [Fact]
    public void Frozen_batches_are_measured_and_have_figures()
    {
        using var session = new Session();
        var ended = session.Train("bohp_completion", [.. Short, "max_batch=79", "freeze_last=40", "--seed", "0..1"]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        var folders = Runs(session, "bohp_completion");
        Assert.Equal(2, folders.Length);
        foreach (var folder in folders)
        {
            var test = Test(folder);
            Assert.Equal(30, test.GetProperty("frozen_batches").GetInt32());
            // Eight bits, each of them off by less than 2.
            Assert.InRange(test.GetProperty("frozen_loss").GetDouble(), 0, 32);
            Assert.InRange(test.GetProperty("frozen_median").GetDouble(), 0, 32);
            Assert.InRange(test.GetProperty("frozen_measure").GetDouble(), 0, 1);
            Assert.InRange(test.GetProperty("measure").GetDouble(), 0, 1);

            var metrics = Metrics(folder);
            var training = metrics.Where(line => line.TryGetProperty("training_loss", out _)).ToArray();
            Assert.Equal([9, 19, 29, 39, 49, 59, 69, 79], training.Select(Step));
            var validations = metrics.Where(line => line.TryGetProperty("validation_loss", out _)).ToArray();
            Assert.Equal([0, 40], validations.Select(Step));
            Assert.All(validations, line => Assert.InRange(line.GetProperty("validation_measure").GetDouble(), 0, 1));

            // The last three lines are of batches 50 to 79 as training saw them: all of them saw the last network.
            var logged = training[^3..].Average(line => line.GetProperty("training_loss").GetDouble());
            Assert.Equal(logged, test.GetProperty("frozen_loss").GetDouble(), 1e-12);
        }

        var figures = Path.Combine(session.Out, "figures", "bohp_completion");
        var errors = File.ReadAllLines(Directory.GetFiles(figures, "errors*.csv").Single());
        Assert.Equal("curve,step,training_loss,low,high,seeds", errors[0]);
        Assert.Equal(1 + 8, errors.Length);
        Assert.All(errors.Skip(1), line => Assert.EndsWith(",2", line));

        // The median, the lowest and the highest; and then every seed as it was logged.
        var seeds = File.ReadAllLines(Directory.GetFiles(figures, "seeds*.csv").Single())[1..];
        Assert.Equal(8 + 2 * 8, seeds.Length);
        foreach (var (folder, seed) in folders.Zip([0, 1]))
        {
            Assert.Equal(
                Metrics(folder).Where(line => line.TryGetProperty("training_loss", out _))
                    .Select(line => string.Create(
                        CultureInfo.InvariantCulture,
                        $"\"bohp, seed {seed}\",{Step(line)},{line.GetProperty("training_loss").GetDouble():R},,,1")),
                seeds.Where(line => line.StartsWith($"\"bohp, seed {seed}\"", StringComparison.Ordinal)));
        }

        var table = File.ReadAllLines(Directory.GetFiles(figures, "frozen*.md").Single());
        Assert.StartsWith("| cell | rule |", table[0]);
        Assert.EndsWith("| n |", table[0]);
        Assert.StartsWith("| single | bohp |", table[2]);
        Assert.EndsWith("| 2 |", table[2]);

        var csv = File.ReadAllLines(Directory.GetFiles(figures, "frozen*.csv").Single());
        Assert.Equal(2, csv.Length);
        var row = csv[0].Split(',').Zip(csv[1].Split(',')).ToDictionary(pair => pair.First, pair => pair.Second);
        double Number(string column) => double.Parse(row[column], CultureInfo.InvariantCulture);
        var losses = folders.Select(folder => Test(folder).GetProperty("frozen_loss").GetDouble()).ToArray();
        Assert.Equal("2", row["seeds"]);
        Assert.Equal(losses.Average(), Number("mean"), 1e-12);
        Assert.Equal(losses.Max(), Number("worst"), 1e-12);
    }

    [Fact]
    public void The_frozen_batches_use_the_network_that_the_others_trained()
    {
        using var session = new Session();
        string[] words = ["bohp_completion", .. Short, "max_batch=79", "freeze_last=40", "--seed", "3"];
        var ended = session.Run(["train", .. words, "--out", session.Out]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        var test = Test(ended.Results[^1]);

        // The same forty updates, one by one.
        var run = ((TrainRequest)CommandParser.Parse(["train", .. words], new DeferredLoader()).Command).Plan.Runs[0];
        var network = run.CreateNetwork();
        using var crew = new Crew(1);
        using var executor = new CpuExecutor(network.Program, crew);
        var learner = new Learner(
            executor, network.InitialValues(run.Seed), run.Settings.Optimiser(), run.Settings.MaxGradientNorm, crew);
        Batch Train(int step) => run.Episodes.Batch(run.Task.TrainKey(run.Seed), step, run.Settings.Batch);
        for (var step = 0; step < 40; step++)
        {
            learner.Measure(Train(step));
            learner.Update(run.Settings.LearningRate);
        }

        var batches = Enumerable.Range(50, 30).Select(Train).ToArray();
        var losses = batches.Select(batch => executor.Evaluate(learner.Weights, batch)).ToArray();
        var sorted = losses.Order().ToArray();
        var weights = Array.ConvertAll(learner.Weights, p => Array.ConvertAll(p, x => (double)x));
        var wrong = batches.Select(batch =>
            run.Task.Measure.Of(batch, executor.Run(weights, batch, wantGradient: false).Outputs["output"]));
        Assert.Equal(losses.Average(), test.GetProperty("frozen_loss").GetDouble(), 1e-12);
        Assert.Equal((sorted[14] + sorted[15]) / 2, test.GetProperty("frozen_median").GetDouble(), 1e-12);
        Assert.Equal(wrong.Average(), test.GetProperty("frozen_measure").GetDouble(), 1e-12);
    }

    [Fact]
    public void Freezing_does_not_begin_early()
    {
        using var session = new Session();
        string Trained(params string[] words)
        {
            var ended = session.Train("bohp_completion", [.. Short, .. words, "seed=0"]);
            Assert.Equal(ExitCode.Ok, ended.Code);
            return ended.Results[^1];
        }

        // All make forty updates before the validation at step 40, their last; the first makes another one after it.
        var free = Trained("max_batch=40", "freeze_last=0");
        var longer = Trained("max_batch=79", "freeze_last=40");
        var shorter = Trained("max_batch=69", "freeze_last=30");
        Assert.False(Test(free).TryGetProperty("frozen_loss", out _));
        Assert.Equal(30, Test(longer).GetProperty("frozen_batches").GetInt32());
        Assert.Equal(20, Test(shorter).GetProperty("frozen_batches").GetInt32());
        foreach (var other in new[] { longer, shorter })
        {
            Assert.Equal(Validations(free), Validations(other));
            var best = Path.Combine("checkpoints", "best.safetensors");
            Assert.Equal(File.ReadAllBytes(Path.Combine(free, best)), File.ReadAllBytes(Path.Combine(other, best)));
            foreach (var key in new[] { "loss", "standard_error", "best_step", "best_validation_loss", "measure" })
            {
                Assert.Equal(Test(free).GetProperty(key).GetDouble(), Test(other).GetProperty(key).GetDouble());
            }
            Assert.Equal(Evaluated(session, free, "loss"), Evaluated(session, other, "loss"));
        }
    }

    [Theory]
    [InlineData("trace")]
    [InlineData("oja")]
    [InlineData("neuromodulated", "modulation=true")]
    [InlineData("retroactive", "modulation=true")]
    public void Every_rule_with_a_trace_trains_with_every_cell_without_gates(string rule, params string[] more)
    {
        using var session = new Session();
        string[] words =
        [
            "bits=12", "patterns=2", "max_batch=5", "hidden=6", "validate_every=3", "validation_batches=1",
            "test_batches=2", "log_every=2", $"rule={rule}", "cell=attractor,single,double", .. more,
        ];
        Assert.Equal(ExitCode.Ok, session.Train("patterns", words).Code);
        var folders = Runs(session, "patterns");
        Assert.Equal(3, folders.Length);
        foreach (var folder in folders)
        {
            var test = Test(folder);
            Assert.InRange(test.GetProperty("measure").GetDouble(), 0, 1);
            Assert.Equal(test.GetProperty("loss").GetDouble(), Evaluated(session, folder, "loss"), 12);
            Assert.Equal(test.GetProperty("measure").GetDouble(), Evaluated(session, folder, "measure"), 12);

            var shown = session.Run("show", folder);
            Assert.Equal(ExitCode.Ok, shown.Code);
            Assert.Contains($"rule = {rule}", shown.Results);
            Assert.Contains("bits = 12", shown.Results);
        }
    }

    [Fact]
    public void Gradients_agree_with_their_closed_form()
    {
        using var session = new Session();
        var ended = session.Run("gradcheck", "--analytic");
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.StartsWith("60 checks", ended.Results[^1]);
        Assert.Empty(ended.Messages);
    }

    private static string[] Runs(Session session, string name) =>
        [.. Directory
            .EnumerateFiles(Path.Combine(session.Out, "runs", name), "config.json", SearchOption.AllDirectories)
            .Select(file => Path.GetDirectoryName(file)!).Order(StringComparer.Ordinal)];

    private static double Evaluated(Session session, string folder, string key)
    {
        var ended = session.Run("eval", folder, "--json");
        Assert.Equal(ExitCode.Ok, ended.Code);
        return Json(ended.Output).GetProperty(key).GetDouble();
    }

    private static string[] Validations(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Where(line => line.Contains("validation_loss"))];

    private static JsonElement[] Metrics(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(Json)];

    private static JsonElement Test(string folder) => Json(File.ReadAllText(Path.Combine(folder, "test.json")));

    private static int Step(JsonElement line) => line.GetProperty("step").GetInt32();

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
