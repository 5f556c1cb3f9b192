using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Many runs from one command: axes, jobs, failures, figures and tables, with networks that train in an instant.</summary>
public sealed class SweepTests
{
    private static readonly string[] Tiny =
    [
        "hidden=4", "batch=4", "max_batch=5", "validate_every=3", "validation_batches=1", "test_batches=2", "log_every=2",
    ];

    // An experiment that shares its name with a task cannot be given a width.
    private static readonly string[] Short =
    [
        "batch=2", "max_batch=1", "validate_every=1", "validation_batches=1", "test_batches=1",
    ];

    [Fact]
    public void The_experiments_are_1207_training_runs_and_40_tests()
    {
        using var session = new Session();
        var listed = Json(session.Run("list", "experiments", "--json").Output).GetProperty("experiments").EnumerateArray().ToArray();
        bool IsOfTraces(JsonElement e) => e.GetProperty("name").GetString()!.Split('_')[0] is "bohp" or "patterns";
        var ofTraces = listed.Where(IsOfTraces).ToArray();
        Assert.Equal((9, 127), (ofTraces.Length, ofTraces.Sum(e => e.GetProperty("runs").GetInt32())));
        listed = [.. listed.Where(e => !IsOfTraces(e))];
        int Runs(bool trains) => listed.Where(e => e.GetProperty("trains").GetBoolean() == trains).Sum(e => e.GetProperty("runs").GetInt32());
        Assert.Equal(19, listed.Count(e => e.GetProperty("trains").GetBoolean()));
        Assert.Equal(3, listed.Count(e => !e.GetProperty("trains").GetBoolean()));
        Assert.Equal((803 + 48 + 48 + 28 + 280, 40), (Runs(true), Runs(false)));
        var delay = listed.Single(e => e.GetProperty("name").GetString() == "seqreproduction_delay");
        Assert.Equal(["delay", "cell", "rule"], delay.GetProperty("axes").EnumerateObject().Select(axis => axis.Name));
        Assert.Equal(["0", "10", "20", "40", "60"], Texts(delay.GetProperty("axes").GetProperty("delay")));
        Assert.Equal(10000, delay.GetProperty("max_batch").GetInt32());
        Assert.Equal(4, delay.GetProperty("seeds").GetArrayLength());
    }

    [Theory]
    [InlineData("cuereward_large", "LSTM", "none", 192)]
    [InlineData("cuereward_large", "RNN", "none", 384)]
    [InlineData("cuereward_large", "RNN", "hebbian", 256)]
    [InlineData("cuereward_inner_lr_mode", "RNN", "hebbian", 128)]
    [InlineData("cuereward_demo", "RNN", "none", 192)]
    public void Widths_are_the_published_ones(string name, string cell, string rule, int units)
    {
        using var session = new Session();
        string[] restricted = name == "cuereward_inner_lr_mode" ? [$"cell={cell}", $"rule={rule}", "alpha=none"] : [$"cell={cell}", $"rule={rule}"];
        var plan = ((Plastic.CommandLine.TrainRequest)Plastic.CommandLine.CommandParser.Parse(["train", name, .. restricted], new DeferredLoader()).Command).Plan;
        Assert.All(plan.Runs, run => Assert.Equal(units, run.Settings.Hidden));
    }

    [Fact]
    public void Values_with_commas_restrict_an_axis_or_add_one()
    {
        using var session = new Session();
        var ended = session.Train("cuereward", [.. Tiny, "rule=hebbian,none", "lr=0.001,0.003", "seed=0..1"]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        var folders = Runs(session, "cuereward");
        Assert.Equal(8, folders.Length);
        Assert.Equal(
            ["0.001", "0.003"],
            folders.Select(folder => File.ReadAllText(Path.Combine(folder, "config.json")))
                .Select(config => Json(config).GetProperty("lr").GetRawText()).Distinct().Order());

        // The same points in another order, and more of them: no run is trained twice.
        var more = session.Train("cuereward", [.. Tiny, "lr=0.003,0.001,0.01", "rule=none,hebbian", "--seed", "0..1"]);
        Assert.Equal(8, more.Messages.Count(line => line.Contains("not trained again")));
        // The published lr does not appear in the folder's name.
        Assert.Equal(12, Runs(session, "cuereward").Length);
        Assert.Contains(Runs(session, "cuereward"), folder => System.Text.RegularExpressions.Regex.IsMatch(folder, @"cell=RNN,rule=none,hidden=4,batch=4,max_batch=5~[0-9a-f]{10}/seed=0$"));
    }

    [Theory]
    [InlineData(64, "rule none", "train", "cuereward_large_test", "rule=none")]
    [InlineData(64, "10000 runs", "train", "cuereward", "hidden=1..1000", "extra=0..99", "seed=0..999")]
    [InlineData(78, "hidden", "config", "cuereward", "hidden=-5000000000000000000..5000000000000000000")]
    [InlineData(78, "hidden", "train", "cuereward_demo", "hidden=3000")]
    [InlineData(64, "more than 1000 values", "config", "cuereward", "seed=0..999,1000..1999")]
    [InlineData(64, "seqreproduction", "train", "cuereward", "delay=3")]
    public void Invalid_requests_are_refused_at_once(int code, string part, params string[] words)
    {
        using var session = new Session();
        var ended = session.Run(words);
        Assert.Equal(code, (int)ended.Code);
        Assert.Contains(part, Assert.Single(ended.Messages));
        Assert.Empty(session.Everything());
    }

    [Fact]
    public void Parallel_jobs_change_no_byte()
    {
        using var one = new Session();
        using var three = new Session();
        Assert.Equal(ExitCode.Ok, one.Train("cuereward", [.. Tiny, "rule=gradient,hebbian", "seed=0..2"]).Code);
        var ended = three.Train("cuereward", [.. Tiny, "rule=gradient,hebbian", "seed=0..2", "--jobs", "3", "--threads", "3"]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Contains(ended.Messages, line => line.StartsWith("6 of 6 runs done, 0 running, 0 failed"));
        Same(one, three, "cuereward");
    }

    [Fact]
    public void A_failed_run_is_reported_at_once_and_at_the_end_and_the_others_continue()
    {
        using var session = new Session();
        string[] wild = ["hidden=6", "batch=5", "max_batch=200", "p_lr=1000", "clip=none", "max_grad_norm=none", "rule=gradient,none"];
        var ended = session.Train("cuereward", [.. wild, "lr=0.001", "validation_batches=1", "test_batches=1"]);
        Assert.Equal(ExitCode.SomeFailed, ended.Code);
        Assert.Contains(ended.Messages, line => line.Contains("rule=gradient seed 0: failed: the"));
        Assert.Matches(@"1 of 2 runs failed: cell=RNN,rule=gradient seed 0: the .* at step \d+ is", ended.Messages[^1]);
        // What did not fail is drawn.
        Assert.Contains(ended.Results, line => line.EndsWith(".svg"));
        Assert.DoesNotContain("\"gradient", File.ReadAllText(ended.Results.Single(line => line.EndsWith(".csv"))));
        Assert.Contains(ended.Results, line => line.Contains("rule=none seed 0: test loss"));

        using var strict = new Session();
        ended = strict.Train("cuereward", [.. wild, "lr=0.001", "validation_batches=1", "test_batches=1", "--max-failures", "1"]);
        Assert.Equal(ExitCode.SomeFailed, ended.Code);
        Assert.Contains(ended.Results, line => line.EndsWith("rule=none seed 0: not started"));
        Assert.Contains("1 of 2 runs failed, 1 were not started", ended.Messages[^1]);
    }

    [Fact]
    public void A_sweep_that_was_killed_in_the_middle_of_a_run_and_restarted_ends_like_one_that_was_not()
    {
        string[] sweep = [.. Tiny, "max_batch=200", "rule=gradient,hebbian,none", "seed=0..1"];
        sweep = [.. sweep.Where(word => word != "max_batch=5")];
        using var whole = new Session();
        Assert.Equal(ExitCode.Ok, whole.Train("cuereward", sweep).Code);
        var kills = 0;
        foreach (var finished in new[] { 0, 1, 3, 5 })
        {
            using var killed = new Session();
            string[] words = [typeof(Application).Assembly.Location, "train", "cuereward", "--out", killed.Out, .. sweep];
            using (var program = Process.Start(new ProcessStartInfo("dotnet", words) { RedirectStandardError = true, RedirectStandardOutput = true })!)
            {
                SpinWait.SpinUntil(() => program.HasExited || IsInRun(killed, finished), TimeSpan.FromMinutes(2));
                program.Kill();
                program.WaitForExit();
            }
            // A run can end between the look and the kill.
            if (IsInRun(killed, finished)) kills++;
            Assert.Equal(ExitCode.Ok, killed.Train("cuereward", sweep).Code);
            Same(whole, killed, "cuereward");
            Assert.DoesNotContain(killed.Everything(), path => path.EndsWith(".tmp"));
        }
        Assert.True(kills >= 2, $"{kills} of 4 kills fell in the middle of a run");
    }

    /// <summary>Whether so many runs have finished, or more, and another one has trained for some steps and not finished.</summary>
    private static bool IsInRun(Session session, int finished)
    {
        var runs = Path.Combine(session.Out, "runs", "cuereward");
        if (!Directory.Exists(runs)) return false;
        var begun = Directory.EnumerateFiles(runs, "metrics.jsonl", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!).ToArray();
        var done = begun.Count(folder => File.Exists(Path.Combine(folder, "test.json")));
        return done >= finished && begun.Length > done;
    }

    [Fact]
    public void Tables_and_curves_of_regression_are_drawn_and_missing_seeds_are_named()
    {
        using var session = new Session();
        string[] part = ["K=10", "cell=RNN", "rule=hebbian,none"];
        Assert.Equal(ExitCode.Ok, session.Train("regression", [.. Short, .. part, "seed=0..1"]).Code);
        var folder = Path.Combine(session.Out, "figures", "regression");
        var table = File.ReadAllLines(Directory.GetFiles(folder, "regression*.md").Single());
        Assert.Equal("| cell | rule | K = 10 |", table[0]);
        Assert.Matches(@"^\| RNN \| hebbian \| \d\.\d{4} ± \d\.\d{4} \(n = 2\) \|$", table[2]);
        Assert.Equal("cell,rule,K,test_loss,low,high,seeds", File.ReadLines(Directory.GetFiles(folder, "regression*.csv").Single()).First());
        Assert.NotEmpty(Directory.GetFiles(folder, "RNN_curves_K10*.csv"));

        string[] again = ["figures", "regression", "--out", session.Out, .. Short, .. part, "--seed", "0..2"];
        var ended = session.Run(again);
        Assert.Equal(ExitCode.MissingInput, ended.Code);
        Assert.Contains("seed=2", ended.Messages[^1]);
        Assert.Equal(ExitCode.Ok, session.Run([.. again, "--allow-missing"]).Code);
    }

    [Fact]
    public void The_test_experiments_load_the_best_networks_and_record_eta()
    {
        using var session = new Session();
        string[] part = [.. Short, "cell=LSTM", "rule=hebbian", "seed=0..1"];
        var ended = session.Train("cuereward_large_test", part);
        Assert.Equal(ExitCode.MissingInput, ended.Code);
        Assert.Contains("cuereward_large", ended.Messages[^1]);

        Assert.Equal(ExitCode.Ok, session.Train("cuereward_large", part).Code);
        ended = session.Train("cuereward_large_test", part);
        Assert.Equal(ExitCode.Ok, ended.Code);
        foreach (var folder in Runs(session, "cuereward_large_test"))
        {
            var trained = folder.Replace("cuereward_large_test", "cuereward_large");
            double Loss(string of) => Json(File.ReadAllText(Path.Combine(of, "test.json"))).GetProperty("loss").GetDouble();
            Assert.Equal(Loss(trained), Loss(folder), 12);
            var rates = Json(File.ReadAllText(Path.Combine(folder, "inner_rate.json")));
            // p_lr·2σ(m) lies between 0 and 2·p_lr.
            Assert.Equal(20, rates.GetProperty("mean").GetArrayLength());
            Assert.All(rates.GetProperty("mean").EnumerateArray(), eta => Assert.InRange(eta.GetDouble(), 0, 0.2));
        }
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(session.Out, "figures", "cuereward_large_test"), "LSTM_lr_curves*.csv"));
    }

    [Fact]
    public void A_trained_network_can_be_tested_with_other_settings_of_its_task()
    {
        using var session = new Session();
        var folder = session.Train("seqreproduction", [.. Tiny, "n=3", "delay=2"]).Results[^1];
        var stored = Json(File.ReadAllText(Path.Combine(folder, "test.json"))).GetProperty("loss").GetDouble();
        double Loss(params string[] words) =>
            Json(session.Run(["eval", folder, "--json", .. words]).Output).GetProperty("loss").GetDouble();
        Assert.Equal(stored, Loss(), 12);
        Assert.NotEqual(stored, Loss("delay=9"));
        Assert.Equal(ExitCode.Usage, session.Run("eval", folder, "hidden=3").Code);
        Assert.Equal(ExitCode.Usage, session.Run("eval", folder, "K=3").Code);
        Assert.Equal(ExitCode.MissingInput, session.Run("eval", session.Out).Code);
    }

    [Fact]
    public void A_dry_run_estimates_the_time_and_leaves_nothing()
    {
        using var session = new Session();
        var ended = session.Train("cuereward_lr", "cell=RNN", "rule=hebbian", "hidden=3", "batch=2", "--dry-run");
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Equal(8, ended.Results.Count(line => Regex.IsMatch(line, @"updates, [1-9]\d* MB, about")));
        Assert.Matches(@"^8 runs of cuereward_lr, about \d+:\d\d", ended.Results[^1]);
        Assert.Empty(session.Everything());
    }

    private static string[] Runs(Session session, string name) =>
        [.. Directory.EnumerateFiles(Path.Combine(session.Out, "runs", name), "config.json", SearchOption.AllDirectories)
            .Select(file => Path.GetDirectoryName(file)!).Order(StringComparer.Ordinal)];

    /// <summary>Whether the runs are equal in every byte that does not record the time or the machine.</summary>
    private static void Same(Session a, Session b, string name)
    {
        string[] files = ["config.json", "metrics.jsonl", "test.json", Path.Combine("checkpoints", "best.safetensors")];
        var (first, second) = (Runs(a, name), Runs(b, name));
        Assert.Equal(first.Length, second.Length);
        foreach (var (x, y) in first.Zip(second))
        {
            Assert.Equal(Path.GetRelativePath(a.Out, x), Path.GetRelativePath(b.Out, y));
            foreach (var file in files) Assert.Equal(File.ReadAllBytes(Path.Combine(x, file)), File.ReadAllBytes(Path.Combine(y, file)));
        }
    }

    private static string[] Texts(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
