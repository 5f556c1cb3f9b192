using System.Diagnostics;
using System.Text.Json;
using Plastic.CommandLine;
using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Training from the command line, with networks that train in an instant.</summary>
public sealed class TrainTests
{
    private static readonly string[] Tiny =
    [
        "hidden=6", "batch=5", "max_batch=9", "validate_every=3", "validation_batches=2", "test_batches=2", "log_every=4",
    ];

    private static readonly string[] RunFiles =
    [
        "checkpoints/LATEST", "checkpoints/best.safetensors", "checkpoints/step-0000000009/manifest.json",
        "checkpoints/step-0000000009/state.json", "checkpoints/step-0000000009/state.safetensors", "command.txt", "config.json", "env.json", "log.txt", "metrics.jsonl", "status.json",
        "test.json", "timing.jsonl",
    ];

    [Fact]
    public void An_experiment_leaves_complete_runs_and_figures_and_finally_prints_where()
    {
        using var session = new Session();
        var ended = session.Train("cuereward_demo", Tiny);
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Equal(Path.Combine(session.Out, "runs", "cuereward_demo"), ended.Results[^1]);

        var folders = Directory.GetDirectories(ended.Results[^1]).Order().Select(point => Path.Combine(point, "seed=0")).ToArray();
        Assert.Equal(3, folders.Length);
        foreach (var folder in folders)
        {
            var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'));
            Assert.Equal(RunFiles, files.Order(StringComparer.Ordinal));
            Assert.Equal("finished", Json(folder, "status.json").GetProperty("state").GetString());
            // Six is the base width; without plasticity there are half as many units again.
            Assert.Equal(folder.Contains("none") ? 9 : 6, Json(folder, "config.json").GetProperty("hidden").GetInt32());
            Assert.StartsWith("plastic train cuereward_demo", File.ReadAllText(Path.Combine(folder, "command.txt")));
        }
        Assert.DoesNotContain(session.Everything(), path => path.EndsWith(".tmp") || path.EndsWith(".lock"));
        Assert.Contains(session.Everything(), path => path.Contains("figures") && path.EndsWith(".csv"));
    }

    [Fact]
    public void Metrics_follow_the_protocol()
    {
        using var session = new Session();
        var folder = session.Train("cuereward", Tiny).Results[^1];
        var metrics = File.ReadLines(Path.Combine(folder, "metrics.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToArray();
        var validations = metrics.Where(line => line.TryGetProperty("validation_loss", out _)).ToArray();
        Assert.Equal([0, 3, 6, 9], validations.Select(Step));
        Assert.Equal([3, 7, 9], metrics.Where(line => line.TryGetProperty("training_loss", out _)).Select(Step));

        var best = double.PositiveInfinity;
        foreach (var line in validations)
        {
            var loss = line.GetProperty("validation_loss").GetDouble();
            Assert.Equal(loss <= best, line.GetProperty("best").GetBoolean());
            best = Math.Min(best, loss);
        }
        Assert.Equal(best, Json(folder, "test.json").GetProperty("best_validation_loss").GetDouble());
    }

    [Fact]
    public void The_test_loss_is_that_of_the_stored_weights_on_the_shared_test_set()
    {
        using var session = new Session();
        var folder = session.Train("cuereward", [.. Tiny, "--seed", "3"]).Results[^1];
        var run = ((TrainRequest)CommandParser.Parse(["train", "cuereward", .. Tiny], new DeferredLoader()).Command).Plan.Runs[0];
        var network = run.CreateNetwork();
        var stored = Safetensors.Read(Path.Combine(folder, "checkpoints", "best.safetensors")).Tensors;
        var weights = network.Parameters.Select(p => (float[])stored.Single(t => t.Name == p.Name).Data).ToArray();

        using var executor = new CpuExecutor(network.Program, 1);
        var losses = Enumerable.Range(0, 2).Select(batch =>
            executor.Evaluate(weights, run.Episodes.Batch(run.Task.TestKey, batch, run.Settings.Batch)));
        Assert.Equal(losses.Sum() / 2, Json(folder, "test.json").GetProperty("loss").GetDouble());
    }

    [Fact]
    public void Stored_weights_with_a_flipped_bit_are_refused()
    {
        using var session = new Session();
        var folder = session.Train("cuereward", Tiny).Results[^1];
        var file = Path.Combine(folder, "checkpoints", "best.safetensors");
        var bytes = File.ReadAllBytes(file);
        bytes[^3] ^= 4;
        File.WriteAllBytes(file, bytes);
        var ended = session.Run("eval", folder);
        Assert.Equal(ExitCode.BadData, ended.Code);
        Assert.Contains("damaged", Assert.Single(ended.Messages));
    }

    [Theory]
    [InlineData("RNN", "gradient")]
    [InlineData("RNN", "none")]
    [InlineData("LSTM", "hebbian")]
    public void The_number_of_threads_changes_no_byte(string cell, string rule)
    {
        string[] compared = ["metrics.jsonl", "test.json", "config.json", "checkpoints/best.safetensors"];
        var files = new[] { "1", "2", "3" }.Select(threads =>
        {
            using var session = new Session();
            var ended = session.Train("cuereward", [.. Tiny, $"cell={cell}", $"rule={rule}", "--threads", threads]);
            return compared.Select(file => Convert.ToHexString(File.ReadAllBytes(Path.Combine(ended.Results[^1], file)))).ToArray();
        }).ToArray();
        Assert.Equal(files[0], files[1]);
        Assert.Equal(files[0], files[2]);
    }

    [Fact]
    public void Seeds_differ_and_a_seed_repeats()
    {
        using var first = new Session();
        using var second = new Session();
        string Metrics(string folder, int seed) => File.ReadAllText(Path.Combine(folder, $"seed={seed}", "metrics.jsonl"));

        var runs = first.Train("cuereward", [.. Tiny, "--seed", "0..1"]).Results[^1];
        var point = Directory.GetDirectories(runs).Single();
        var again = Path.GetDirectoryName(second.Train("cuereward", [.. Tiny, "seed=1"]).Results[^1])!;
        Assert.NotEqual(Metrics(point, 0), Metrics(point, 1));
        Assert.Equal(Metrics(point, 1), Metrics(again, 1));
    }

    [Fact]
    public void A_finished_run_is_not_trained_again()
    {
        using var session = new Session();
        var folder = session.Train("cuereward", Tiny).Results[^1];
        var log = File.ReadAllText(Path.Combine(folder, "log.txt"));
        var again = session.Train("cuereward", Tiny);
        Assert.Equal(ExitCode.Ok, again.Code);
        Assert.Contains(again.Messages, line => line.Contains("not trained again"));
        Assert.Equal(folder, again.Results[^1]);
        Assert.Equal(log, File.ReadAllText(Path.Combine(folder, "log.txt")));
    }

    [Fact]
    public void A_run_that_another_experiment_has_finished_is_copied_whole_unless_it_is_to_start_over()
    {
        using var session = new Session();
        string[] point = ["cell=RNN", "rule=hebbian", "--seed", "0..1", .. Tiny];
        Assert.Equal(ExitCode.Ok, session.Train("cuereward_large", [.. point, "--name", "first"]).Code);
        var copied = session.Train("cuereward_modulation", [.. point, "modulation=true"]);
        Assert.Equal(ExitCode.Ok, copied.Code);
        Assert.Equal(2, copied.Messages.Count(line => line.Contains("the same run is finished in")));
        var first = Single(session, "cuereward_large");
        var second = Single(session, "cuereward_modulation");
        var files = Directory.GetFiles(first, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(first, file)).Where(file => file != RunLabel.File).ToArray();
        Assert.Equal(files.Order(), Directory.GetFiles(second, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(second, file)).Order());
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(first, file)), File.ReadAllBytes(Path.Combine(second, file))));

        Assert.DoesNotContain(session.Train("cuereward_modulation", [.. point, "modulation=false"]).Messages, line => line.Contains("copied"));
        Assert.DoesNotContain(session.Train("cuereward_extradim", [.. point, "extra=4", "--resume", "never"]).Messages, line => line.Contains("copied"));

        static string Single(Session session, string experiment) => Path.Combine(
            Assert.Single(Directory.GetDirectories(Path.Combine(session.Out, "runs", experiment))), "seed=1");
    }

    [Fact]
    public void An_unfinished_run_without_a_checkpoint_starts_over()
    {
        using var session = new Session();
        var folder = session.Train("cuereward", Tiny).Results[^1];
        var metrics = File.ReadAllText(Path.Combine(folder, "metrics.jsonl"));
        File.WriteAllText(Path.Combine(folder, "status.json"), """{"state": "running", "step": 5}""");
        Directory.Delete(Path.Combine(folder, "checkpoints", "step-0000000009"), recursive: true);
        var again = session.Train("cuereward", Tiny);
        Assert.Equal(ExitCode.Ok, again.Code);
        Assert.Contains(again.Messages, line => line.Contains("starting over"));
        Assert.Equal(metrics, File.ReadAllText(Path.Combine(folder, "metrics.jsonl")));
    }

    [Fact]
    public void A_run_with_other_settings_or_another_process_at_work_is_left_alone()
    {
        using var session = new Session();
        var folder = session.Train("cuereward", Tiny).Results[^1];
        var config = Path.Combine(folder, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"batch\": 5", "\"batch\": 4"));
        var ended = session.Train("cuereward", Tiny);
        Assert.Equal(ExitCode.Exists, ended.Code);
        Assert.Contains("(batch)", Assert.Single(ended.Messages));

        File.WriteAllText(config, File.ReadAllText(config).Replace("\"batch\": 4", "\"batch\": 5"));
        File.Delete(Path.Combine(folder, "test.json"));
        using (File.Open(Path.Combine(Path.GetDirectoryName(folder)!, ".seed=0.lock"), FileMode.Create, FileAccess.Write, FileShare.None))
        {
            ended = session.Train("cuereward", Tiny);
        }
        Assert.Equal(ExitCode.Exists, ended.Code);
        Assert.Contains("another process", ended.Messages[^1]);
        Assert.True(File.Exists(Path.Combine(folder, "metrics.jsonl")));
    }

    [Fact]
    public void A_loss_that_is_not_finite_ends_the_run_and_names_the_step()
    {
        using var session = new Session();
        var ended = session.Train(
            "cuereward", "hidden=6", "batch=5", "max_batch=200", "lr=10", "p_lr=1000", "clip=none", "max_grad_norm=none");
        Assert.Equal(ExitCode.Failed, ended.Code);
        Assert.Matches(
            @"^plastic: the .* at step \d+ is \S+, first in .*, episode \d of the batch, time \d+, in the (forward|backward) pass; try lr=3.3, or max_grad_norm=5, or clip=1, or a smaller p_lr than 1000$", ended.Messages[^1]);
        Assert.Equal("failed", Json(ended.Results[^1], "status.json").GetProperty("state").GetString());
        Assert.False(File.Exists(Path.Combine(ended.Results[^1], "test.json")));
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("USR1", 75)]
    public void A_signal_stops_after_a_step(string signal, int code)
    {
        using var session = new Session();
        string[] words =
        [
            // If the tests were started in the background, SIGINT may be ignored, and that is inherited.
            "--default-signal=INT", "dotnet", typeof(Application).Assembly.Location, "train", "cuereward", "--out", session.Out, "hidden=6", "batch=5",
            "max_batch=100000000", "validate_every=50", "validation_batches=1",
        ];
        using var program = Process.Start(new ProcessStartInfo("env", words) { RedirectStandardError = true })!;
        // The first line is printed at the first validation; training has started by then.
        Assert.Contains("step 0/", program.StandardError.ReadLine());
        using (var kill = Process.Start("kill", [$"-{signal}", $"{program.Id}"])) kill.WaitForExit();
        var messages = program.StandardError.ReadToEnd();
        program.WaitForExit();
        Assert.Equal(code, program.ExitCode);
        Assert.Contains("stopped", messages);
        var folder = Directory.GetDirectories(Directory.GetDirectories(Path.Combine(session.Out, "runs", "cuereward"))[0])[0];
        Assert.Equal("interrupted", Json(folder, "status.json").GetProperty("state").GetString());
        var checkpoint = Checkpoint.ReadNewest(Path.Combine(folder, "checkpoints"), warning => Assert.Fail(warning));
        Assert.NotNull(checkpoint);
    }

    private static int Step(JsonElement line) => line.GetProperty("step").GetInt32();

    private static JsonElement Json(string folder, string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, file))).RootElement;
}
