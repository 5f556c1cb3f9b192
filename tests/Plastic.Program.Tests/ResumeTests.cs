using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Host;
using Plastic.Settings;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>A run that was stopped and resumed ends in the same bits as one that was not.</summary>
public sealed class ResumeTests
{
    private static readonly bool IsNightly = Environment.GetEnvironmentVariable("PLASTIC_NIGHTLY") == "1";

    private static readonly string[] Short =
    [
        "batch=2", "hidden=4", "max_batch=23", "validate_every=5", "validation_batches=2", "test_batches=2", "log_every=7",
        "bits=9", "n=3", "delay=2", "K=3",
    ];

    /// <summary>Cancels at the beginning of a step, or after its validation.</summary>
    /// <summary>Instead of a step: stops within the encoder's warm-up.</summary>
    internal const int InWarmup = -2;

    private sealed class Stopper(int at, bool afterValidation, CancellationTokenSource stop) : ITrainingWatcher
    {
        public void Warmed(int done, int updates, double loss)
        {
            if (at == InWarmup && done < updates) stop.Cancel();
        }

        public void Began(int step)
        {
            if (step == at && !(afterValidation && at % 5 == 0 && at < 24)) stop.Cancel();
        }

        public void Updated(int step, double loss)
        {
        }

        public void Logged(int step, double loss, double gradientNorm)
        {
        }

        public void Validated(Plastic.Host.Validation validation, float[][] weights)
        {
            if (validation.Step == at) stop.Cancel();
        }
    }

    public static TheoryData<string, string, string> Everything()
    {
        var data = new TheoryData<string, string, string>();
        string[] cells = ["RNN", "LSTM", "single", "double", "attractor"];
        foreach (var rule in RuleBook.All)
        {
            foreach (var cell in cells)
            {
                // Those of image sets are in FewShotResumeTests.
                foreach (var task in Plastic.Tasks.TaskBook.All) data.Add(rule.Name, cell, task.Name);
            }
        }
        return data;
    }

    internal static Run Plan(string task, params string[] words)
    {
        var foreign = Listing.ForeignSettings(Library.BuiltIn, task);
        string[] own = [.. Short.Where(word => !foreign.Contains(word.Split('=')[0]))];
        var invocation = CommandParser.Parse(["train", task, .. own, .. words], new DeferredLoader());
        return ((TrainRequest)invocation.Command).Plan.Runs[0];
    }

    /// <summary>Trains in a folder, from its newest checkpoint if there is one, and stops at the given step.</summary>
    internal static bool Train(Run run, string folder, int threads, int stopAt, bool afterValidation = false, IDevice? device = null)
    {
        var network = run.CreateNetwork();
        using var crew = new Crew(threads);
        using var trainer = new Trainer(run, network, crew, historyBytes: 1 << 20, device);
        var checkpoints = Path.Combine(folder, RunDirectory.Checkpoints);
        var found = Checkpoint.ReadNewest(checkpoints, warning => Assert.Fail(warning));
        if (found is { } checkpoint) trainer.Restore(checkpoint.State);
        var files = new Dictionary<string, string>
        {
            [RunDirectory.ConfigFile] = run.Json,
            [RunDirectory.StatusFile] = JsonText.Document(new RunStatus(RunState.Running, 0)),
        };
        using var claim = RunClaim.Take(folder);
        var directory = found is null ? claim.Create(files, RunCode.Files(run)) : claim.Reopen();
        using var journal = new RunJournal(directory, warning => Assert.Fail(warning));
        var saving = new Saving(() => trainer.State, TimeSpan.MaxValue, run.Settings.MaxBatch);
        using var recorder = new RunRecorder(directory, journal, network.Parameters, saving, found?.MetricsBytes ?? 0);
        if (found is not null) recorder.Resumed(
                found.Value.State.Step, trainer.Best, new ResumedEnvironment(found.Value.State.Step, "by a test", EnvironmentFacts.Now(threads)));
        using var stop = new CancellationTokenSource();
        try
        {
            recorder.Finish(trainer.Run(new Watchers(recorder, new Stopper(stopAt, afterValidation, stop)), stop.Token));
            return true;
        }
        catch (OperationCanceledException)
        {
            recorder.Save();
            journal.Stopped(RunState.Interrupted, "by a test");
            return false;
        }
    }

    internal static void HaveTheSameFiles(string a, string b)
    {
        // The checkpoint of the last step holds weights, best weights and moments.
        string[] files =
        [
            "metrics.jsonl", "test.json", "checkpoints/best.safetensors", "checkpoints/step-0000000023/state.safetensors",
            "checkpoints/step-0000000023/state.json",
        ];
        foreach (var file in files)
        {
            Assert.True(
                File.ReadAllBytes(Path.Combine(a, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(b, file))), file);
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void A_run_that_was_stopped_at_any_step_ends_in_the_same_bytes(string rule, string cell, string task)
    {
        var needs = RuleBook.TryFind(rule, out var found) && found.NeedsModulator ? new[] { "modulation=true" } : [];
        var frozen = task.StartsWith("bohp", StringComparison.Ordinal) ? new[] { "freeze_last=11" } : [];
        var run = Plan(task, [$"rule={rule}", $"cell={cell}", .. needs, .. frozen]);
        using var session = new Session();
        string whole = Path.Combine(session.Out, "whole"), cut = Path.Combine(session.Out, "cut");
        Assert.True(Train(run, whole, threads: 1, stopAt: -1));

        // Stopped twice, at steps that the case decides, including between a validation and its update and after the last step. In
        // between, the folder holds an intact checkpoint and the best weights that it records.
        var seed = $"{rule} {cell} {task}".Aggregate(17, (h, c) => unchecked(h * 31 + c));
        var random = new Random(seed);
        var first = random.Next(0, 24);
        var second = random.Next(first, 25);
        Assert.False(Train(run, cut, threads: 2, first, afterValidation: true));
        if (second > first) Assert.False(Train(run, cut, threads: 1, second, afterValidation: random.Next(2) == 0));
        Assert.True(Train(run, cut, threads: 3, stopAt: -1), $"stopped at {first} and {second}");
        HaveTheSameFiles(whole, cut);
    }

    [Fact]
    public void A_checkpoint_holds_the_best_of_its_own_beginning()
    {
        var run = Plan("cuereward");
        using var session = new Session();
        var folder = Path.Combine(session.Out, "cut");
        Assert.False(Train(run, folder, threads: 1, stopAt: 5));
        var (state, _) = Checkpoint.ReadNewest(Path.Combine(folder, RunDirectory.Checkpoints), _ => { })!.Value;
        Assert.Equal((5, 0), (state.Step, state.Best.Step));
        var initial = run.CreateNetwork().InitialValues(run.Seed);
        var best = state.Tensors.Where(tensor => tensor.Name.StartsWith("best/", StringComparison.Ordinal)).ToArray();
        Assert.Equal(initial.Length, best.Length);
        foreach (var (found, expected) in best.Zip(initial))
        {
            Assert.Equal(expected.Select(x => (float)x), (float[])found.Data);
        }
    }

    [Fact]
    public void Adam_without_amsgrad_and_rmsprop_resume_too()
    {
        foreach (var optimiser in new[] { "amsgrad=false", "optimiser=rmsprop", "schedule=cosine" })
        {
            var run = Plan("cuereward", optimiser);
            using var session = new Session();
            string whole = Path.Combine(session.Out, "whole"), cut = Path.Combine(session.Out, "cut");
            Assert.True(Train(run, whole, threads: 1, stopAt: -1));
            Assert.False(Train(run, cut, threads: 1, stopAt: 13));
            Assert.True(Train(run, cut, threads: 1, stopAt: -1));
            HaveTheSameFiles(whole, cut);
        }
    }

    [Fact]
    public void A_damaged_checkpoint_falls_back_to_the_one_before()
    {
        var run = Plan("cuereward");
        using var session = new Session();
        var folder = Path.Combine(session.Out, "cut");
        Assert.False(Train(run, folder, threads: 1, stopAt: 6));
        Assert.False(Train(run, folder, threads: 1, stopAt: 12));
        Assert.False(Train(run, folder, threads: 1, stopAt: 17));
        var checkpoints = Path.Combine(folder, RunDirectory.Checkpoints);
        var kept = Directory.GetDirectories(checkpoints).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(["step-0000000012", "step-0000000017"], kept.Select(Path.GetFileName));
        Assert.Equal("step-0000000017", File.ReadAllText(Path.Combine(checkpoints, "LATEST")).Trim());

        // Any bit of any file.
        var random = new Random(5);
        for (var trial = 0; trial < (IsNightly ? 10_000 : 600); trial++)
        {
            var file = Directory.GetFiles(kept[1]).Order(StringComparer.Ordinal).ElementAt(trial % 3);
            var bytes = File.ReadAllBytes(file);
            var spoilt = (byte[])bytes.Clone();
            spoilt[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(file, spoilt);
            var warnings = new List<string>();
            var found = Checkpoint.ReadNewest(checkpoints, warnings.Add);
            Assert.Equal(12, found!.Value.State.Step);
            Assert.Contains("is damaged", Assert.Single(warnings));
            File.WriteAllBytes(file, bytes);
        }
        File.Delete(Path.Combine(kept[0], "state.json"));
        File.WriteAllText(Path.Combine(kept[1], "manifest.json"), "{}");
        Assert.Equal(
            ExitCode.BadData, Assert.Throws<PlasticException>(() => Checkpoint.ReadNewest(checkpoints, _ => { })).Code);
    }
}
