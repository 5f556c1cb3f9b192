using Plastic.CommandLine;
using Plastic.Host;
using Plastic.Tasks;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>A data set is trained, resumed, tested, drawn and reported like any task, and only on the same data.</summary>
public sealed class DataRunTests : IDisposable
{
    private static readonly string[] Small = ["hidden=4", "batch=4", "max_batch=6", "validate_every=3", "test_batches=5", "--threads", "1"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plastic-data-");
    private readonly Session session = new();

    public void Dispose()
    {
        session.Dispose();
        folder.Delete(recursive: true);
    }

    private string Data => Path.Combine(folder.FullName, "trials.npz");

    [Fact]
    public void A_data_set_is_trained_resumed_tested_drawn_reported_and_listed()
    {
        Write(scale: 1);
        var trained = session.Train($"data={Data}", ["rule=hebbian", .. Small]);
        Assert.Equal((ExitCode.Ok, ""), (trained.Code, string.Join('\n', trained.Messages.Where(line => line.StartsWith("plastic:", StringComparison.Ordinal)))));
        var runs = Directory.GetDirectories(Path.Combine(session.Out, "runs", "data_trials_npz"));
        var run = Path.Combine(Assert.Single(runs), "seed=0");
        Assert.Contains("sha256", File.ReadAllText(Path.Combine(run, "data.json")));

        Assert.Contains("already finished", string.Join('\n', session.Train($"data={Data}", ["rule=hebbian", .. Small]).Messages));
        var evaluated = session.Run("eval", run);
        // Eleven of them are tested in batches of four.
        Assert.Contains("over 3 batches", evaluated.Output);
        Assert.Contains("as trained", evaluated.Output);
        Assert.Equal(ExitCode.Ok, session.Run("show", run).Code);
        Assert.Contains("data_trials_npz", session.Run("list", "runs", "--out", session.Out).Output);
        Assert.Equal(ExitCode.Ok, session.Run(["figures", $"data={Data}", "--out", session.Out, "rule=hebbian", .. Small[..^2]]).Code);
        Assert.Equal(ExitCode.Ok, session.Run(["report", $"data={Data}", "--out", session.Out, "rule=hebbian", .. Small[..^2]]).Code);
        Assert.Equal(ExitCode.Ok, session.Run("resume", run, "max_batch=9").Code);
        var whole = new Session();
        using (whole)
        {
            whole.Train($"data={Data}", ["rule=hebbian", .. Small.Select(word => word == "max_batch=6" ? "max_batch=9" : word)]);
            var other = Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(whole.Out, "runs", "data_trials_npz"))), "seed=0");
            Assert.Equal(File.ReadAllText(Path.Combine(other, "test.json")), File.ReadAllText(Path.Combine(run, "test.json")));
        }
    }

    [Fact]
    public void A_run_continues_only_with_the_data_it_was_trained_on()
    {
        Write(scale: 1);
        Assert.Equal(ExitCode.Ok, session.Train($"data={Data}", Small).Code);
        var run = Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(session.Out, "runs", "data_trials_npz"))), "seed=0");
        var moved = Path.Combine(folder.FullName, "elsewhere.npz");
        File.Move(Data, moved);
        var missing = session.Run("eval", run);
        Assert.Equal(ExitCode.MissingInput, missing.Code);
        Assert.Contains("data=FILE", missing.Messages[^1]);
        Assert.Equal(ExitCode.Ok, session.Run("eval", run, $"data={moved}").Code);
        Assert.Equal(ExitCode.Ok, session.Run("show", run).Code);
        // A look at the run changes nothing; whoever continues it says where its data lie from now on.
        Assert.Equal(ExitCode.MissingInput, session.Run("eval", run).Code);
        Assert.Equal(ExitCode.Ok, session.Run("resume", run, $"data={moved}", "max_batch=7").Code);
        Assert.Equal(ExitCode.Ok, session.Run("eval", run).Code);
        Assert.Equal(ExitCode.Ok, session.Run("resume", run, "max_batch=8").Code);
        Assert.Equal(ExitCode.Ok, session.Run("resume", run, $"data={moved}").Code);

        File.Move(moved, Data);
        Assert.Equal(ExitCode.Ok, session.Run("resume", run, $"data={Data}").Code);
        File.Delete(Data);
        Write(scale: 2);
        foreach (var ended in new[] { session.Run("resume", run, "max_batch=9"), session.Run("eval", run), session.Train($"data={Data}", Small) })
        {
            Assert.Equal(ExitCode.Exists, ended.Code);
            Assert.Contains("SHA-256", ended.Messages[^1]);
        }
        Assert.Equal(ExitCode.Usage, session.Run("train", "cuereward", $"data={Data}").Code);
        Assert.Equal(ExitCode.Usage, session.Run("train", "data=").Code);
        Assert.Equal(ExitCode.MissingInput, session.Run("train", "data=none.npz").Code);
    }

    [Theory]
    [InlineData(120, "batch=1")]
    [InlineData(10, "batch=1", "test_batches=10")]
    public void The_test_set_is_tested_whole_unless_told_otherwise_and_chance_is_of_what_is_tested(int tested, params string[] settings)
    {
        const int Count = 123;
        var numbers = Enumerable.Range(0, Count).Select(n => (float)(n * n)).ToArray();
        var split = Enumerable.Range(0, Count).Select(n => n < 2 ? n : 2.0).ToArray();
        split[^1] = 0;
        Npz.Write(Data, [new("inputs", [Count, 1, 1], numbers), new("targets", [Count, 1, 1], numbers), new("split", [Count], split)], []);
        var run = ((TrainRequest)CommandParser.Parse(["train", $"data={Data}", .. settings], new DeferredLoader()).Command).Plan.Runs[0];
        Assert.Equal(tested, run.Episodes.Batches(Part.Test, run.Settings.Batch, run.Settings.TestBatches));
        var targets = Enumerable.Range(2, tested).Select(n => (double)n * n).ToArray();
        Assert.Equal(targets.Average(x => x * x) - targets.Average() * targets.Average(), run.Chance, 1e-6 * targets.Max() * targets.Max());
    }

    [Fact]
    public void An_export_overwrites_nothing()
    {
        Write(scale: 1);
        Assert.Equal(ExitCode.Ok, session.Train($"data={Data}", Small).Code);
        var run = Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(session.Out, "runs", "data_trials_npz"))), "seed=0");
        var before = File.ReadAllBytes(Data);
        foreach (var taken in new[] { Data, Directory.CreateDirectory(Path.Combine(folder.FullName, "taken.npz")).FullName })
        {
            Assert.Equal(ExitCode.Exists, session.Run("export", run, "-o", taken).Code);
        }
        Assert.Equal(before, File.ReadAllBytes(Data));
        var link = Path.Combine(folder.FullName, "link.npz");
        File.CreateSymbolicLink(link, "absent.npz");
        var refused = session.Run("export", run, "-o", link);
        Assert.Equal(ExitCode.Exists, refused.Code);
        Assert.Contains($"{link} exists and is not overwritten", refused.Messages[^1]);
        Assert.Equal("absent.npz", new FileInfo(link).LinkTarget);
        var table = Path.Combine(folder.FullName, "metrics.csv");
        string[] metrics = ["export", $"data={Data}", "--out", session.Out, .. Small[..^2], "-o", table];
        Assert.Equal((ExitCode.Ok, ExitCode.Exists), (session.Run(metrics).Code, session.Run(metrics).Code));
        Assert.Equal(ExitCode.MissingInput, session.Run("export", run, "-o", Path.Combine(folder.FullName, "none", "a.npz")).Code);
    }

    [Fact]
    public void An_export_holds_one_run()
    {
        Write(scale: 1);
        Assert.Equal(ExitCode.Ok, session.Train($"data={Data}", ["lr=0.01,0.02", .. Small]).Code);
        var runs = Path.Combine(session.Out, "runs");
        var file = Path.Combine(folder.FullName, "all.npz");
        var ended = session.Run("export", runs, "-o", file);
        Assert.Equal(ExitCode.MissingInput, ended.Code);
        Assert.Contains($"{runs} holds 2 runs, and an export holds one: give the folder of one, such as ", ended.Messages[^1]);
        var first = ended.Messages[^1].Split("such as ")[1];
        Assert.Equal(ExitCode.Usage, session.Run("export", first, runs, "-o", file).Code);
        Assert.False(File.Exists(file));
        Assert.Equal(ExitCode.Ok, session.Run("export", first, "-o", file).Code);
    }

    /// <summary>110 episodes of up to 6 steps: the target is the sum of the inputs so far.</summary>
    private void Write(double scale)
    {
        const int Count = 110, Steps = 6, Width = 2;
        var random = new Random(1);
        var inputs = Enumerable.Range(0, Count * Steps * Width).Select(_ => (float)(scale * (random.NextDouble() - 0.5))).ToArray();
        var targets = new float[Count * Steps];
        for (var at = 0; at < targets.Length; at++)
        {
            targets[at] = inputs[2 * at] + inputs[2 * at + 1] + (at % Steps == 0 ? 0 : targets[at - 1]);
        }
        var lengths = Enumerable.Range(0, Count).Select(n => (float)(1 + n % Steps)).ToArray();
        Npz.Write(Data, [new("inputs", [Count, Steps, Width], inputs), new("targets", [Count, Steps, 1], targets), new("lengths", [Count], lengths)], []);
    }
}
