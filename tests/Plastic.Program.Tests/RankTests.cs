using System.Diagnostics;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>One run on several ranks, which real launchers start: the same files, whatever their number; and ends that leave nobody waiting.</summary>
public sealed class RankTests
{
    private static readonly string[] Small =
    [
        "cuereward", "cell=RNN", "rule=hebbian", "hidden=6", "batch=10", "log_every=7", "validate_every=10", "validation_batches=5", "test_batches=7",
    ];

    private static readonly string[] Wild =
    [
        "cuereward", "rule=gradient", "hidden=6", "batch=5", "max_batch=200", "lr=10", "p_lr=1000", "clip=none", "max_grad_norm=none",
        "validation_batches=1", "test_batches=1",
    ];

    [SkippableTheory]
    [InlineData(Launchers.OpenMpi)]
    [InlineData(Launchers.Mpich)]
    public void Any_ranks_and_threads_write_the_files_of_one(string launcher)
    {
        string[] words = ["train", .. Small, "max_batch=25", "freeze_last=13"];
        using var alone = new Session();
        Assert.Equal(ExitCode.Ok, alone.Run([.. words, "--out", alone.Out]).Code);
        foreach (var (ranks, threads) in new[] { (1, 1), (1, 2), (2, 1), (2, 2), (4, 1), (4, 2) })
        {
            using var session = new Session();
            var ended = Launchers.Run(Launchers.Words(launcher, ranks, [.. words, "--ranks", "mpi", "--threads", $"{threads}", "--out", session.Out]));
            Assert.True(ended.Code == 0, ended.Errors);
            AssertSame(alone, session);
            // Rank 0 alone prints.
            Assert.Single(ended.Results.Split('\n'), line => line.Contains("test loss", StringComparison.Ordinal));
        }
    }

    [SkippableTheory]
    [InlineData(Launchers.OpenMpi)]
    [InlineData(Launchers.Mpich)]
    public void Stopped_at_two_ranks_a_run_goes_on_at_four_to_the_same_files(string launcher)
    {
        string[] words = ["train", .. Small, "max_batch=400"];
        using var alone = new Session();
        Assert.Equal(ExitCode.Ok, alone.Run([.. words, "--out", alone.Out]).Code);
        using var session = new Session();
        // The wish of the second rank: the first hears of it from the second alone.
        var stopped = Launchers.Watch(
            Launchers.Words(launcher, 2, [.. words, "--ranks", "mpi", "--threads", "1", "--out", session.Out]),
            launched => Signal(launched, session.Out, rank: 1, "USR1"));
        Assert.True(stopped.Code == (int)ExitCode.TryAgain, $"{stopped.Code}: {stopped.Errors}");
        Assert.Contains("stopped; run the same command again to resume", stopped.Errors, StringComparison.Ordinal);
        Assert.Equal(RunState.Interrupted, RunStatus.Read(Folder(session))!.State);
        var ended = Launchers.Run(Launchers.Words(launcher, 4, ["resume", Folder(session), "--ranks", "mpi", "--threads", "1"]));
        Assert.True(ended.Code == 0, ended.Errors);
        Assert.Contains("resumes from step", ended.Errors, StringComparison.Ordinal);
        AssertSame(alone, session);
    }

    [SkippableTheory]
    [InlineData(Launchers.OpenMpi)]
    [InlineData(Launchers.Mpich)]
    public void A_number_that_is_not_finite_ends_all_ranks_with_one_line(string launcher)
    {
        using var session = new Session();
        var ended = Launchers.Run(Launchers.Words(
            launcher, 2, ["train", .. Wild, "--ranks", "mpi", "--threads", "1", "--out", session.Out]));
        Assert.True(ended.Code == (int)ExitCode.Failed, ended.Errors);
        Assert.Contains("at step", Assert.Single(ended.Faults), StringComparison.Ordinal);
        Assert.Equal(RunState.Failed, RunStatus.Read(Folder(session))!.State);
    }

    [SkippableTheory]
    [InlineData(Launchers.OpenMpi)]
    [InlineData(Launchers.Mpich)]
    public void A_rank_that_fails_alone_ends_all_with_its_line_and_code(string launcher)
    {
        using var session = new Session();
        var folder = Directory.CreateTempSubdirectory("plastic-data-");
        try
        {
            // On the machine of the second rank, the data are others.
            string[] Words(string place, float first)
            {
                var data = Path.Combine(folder.CreateSubdirectory(place).FullName, "trials.npz");
                float[] inputs = [first, .. Enumerable.Range(1, 59).Select(at => at / 60f)];
                Npz.Write(data, [new("inputs", [10, 3, 2], inputs), new("targets", [10, 3, 1], inputs[..30])], []);
                return ["train", $"data={data}", "hidden=4", "batch=4", "max_batch=6", "--ranks", "mpi", "--threads", "1", "--out", session.Out];
            }
            var ended = Launchers.Run(Launchers.Words(launcher, Words("here", 0), Words("there", 1)));
            Assert.True(ended.Code == (int)ExitCode.InputOutput, $"{ended.Code}: {ended.Errors}");
            Assert.StartsWith("plastic: rank 1 of 2: ", Assert.Single(ended.Faults), StringComparison.Ordinal);
            Assert.Contains("another rule, task or data", ended.Faults[0], StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A file system may show the folder to another machine as it was a minute ago.</summary>
    [SkippableFact]
    public void Settings_are_those_that_rank_0_has()
    {
        string[] words = ["train", .. Small, "max_batch=25"];
        using var alone = new Session();
        Assert.Equal(ExitCode.Ok, alone.Run([.. words, "--out", alone.Out]).Code);
        using var session = new Session();
        using var earlier = new Session();
        foreach (var place in new[] { session, earlier })
        {
            Assert.Equal(ExitCode.Ok, place.Run(["train", .. Small, "max_batch=10", "--out", place.Out]).Code);
        }
        string[] Resume(Session place, params string[] changes) => ["resume", Folder(place), .. changes, "--ranks", "mpi", "--threads", "1"];
        // The second rank reads a folder that nobody changes, and has not heard of the change.
        var ended = Launchers.Run(Launchers.Words(Launchers.OpenMpi, Resume(session, "max_batch=25"), Resume(earlier)));
        Assert.True(ended.Code == 0, ended.Errors);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(Folder(alone), RunDirectory.TestFile)), File.ReadAllBytes(Path.Combine(Folder(session), RunDirectory.TestFile)));
    }

    [SkippableTheory]
    [InlineData(Launchers.OpenMpi)]
    [InlineData(Launchers.Mpich)]
    public void A_rank_that_is_killed_leaves_nobody_waiting(string launcher)
    {
        using var session = new Session();
        var ended = Launchers.Watch(
            Launchers.Words(launcher, 2, ["train", .. Small, "max_batch=100000", "--ranks", "mpi", "--threads", "1", "--out", session.Out]),
            launched => Signal(launched, session.Out, rank: 1, "KILL"));
        Assert.NotEqual(0, ended.Code);
        Assert.True(SpinWait.SpinUntil(() => Launchers.Ranks(session.Out).Count == 0, TimeSpan.FromSeconds(20)), "a rank lives on");
    }

    [SkippableTheory]
    [InlineData(Launchers.OpenMpi)]
    [InlineData(Launchers.Mpich)]
    public void A_first_rank_that_cannot_write_ends_all(string launcher)
    {
        using var session = new Session();
        var ended = Launchers.Watch(
            Launchers.Words(launcher, 3, ["train", .. Small, "max_batch=100000", "--ranks", "mpi", "--threads", "1", "--checkpoint", "0", "--out", session.Out]),
            launched =>
            {
                Assert.True(SpinWait.SpinUntil(() => launched.HasExited || HasMetrics(session.Out), TimeSpan.FromMinutes(2)), "no metrics were written");
                // A file in the folder's place.
                var checkpoints = Path.Combine(Folder(session), RunDirectory.Checkpoints);
                Directory.Move(checkpoints, checkpoints + ".away");
                File.WriteAllText(checkpoints, "");
            });
        Assert.True(ended.Code == (int)ExitCode.InputOutput, $"{ended.Code}: {ended.Errors}");
        Assert.Single(ended.Faults);
        Assert.Equal(RunState.Failed, RunStatus.Read(Folder(session))!.State);
    }

    /// <summary>What `plastic stop` leaves stops the run, and its stop is agreed on like that of a signal.</summary>
    [SkippableFact]
    public void A_stop_file_stops_all_ranks()
    {
        using var session = new Session();
        var ended = Launchers.Watch(
            Launchers.Words(Launchers.OpenMpi, 2, ["train", .. Small, "max_batch=100000", "--ranks", "mpi", "--threads", "1", "--out", session.Out]),
            launched =>
            {
                Assert.True(SpinWait.SpinUntil(() => launched.HasExited || HasMetrics(session.Out), TimeSpan.FromMinutes(2)), "no metrics were written");
                StopFile.Put(Folder(session));
            });
        Assert.True(ended.Code == (int)ExitCode.TryAgain, $"{ended.Code}: {ended.Errors}");
        Assert.Equal(RunState.Interrupted, RunStatus.Read(Folder(session))!.State);
    }

    /// <summary>Ranks share what they wish several times in a validation, not at its end alone.</summary>
    [SkippableFact]
    public void A_stop_does_not_wait_for_a_whole_validation()
    {
        using var session = new Session();
        string[] words =
            ["train", "cuereward", "cell=LSTM", "rule=hebbian", "hidden=300", "batch=16", "max_batch=0", "validation_batches=128", "test_batches=1"];
        var ended = Launchers.Watch(
            Launchers.Words(Launchers.OpenMpi, 2, [.. words, "--ranks", "mpi", "--threads", "1", "--out", session.Out]),
            launched =>
            {
                Assert.True(SpinWait.SpinUntil(() => launched.HasExited || HasBegun(session.Out), TimeSpan.FromMinutes(2)), "the run did not begin");
                StopFile.Put(Folder(session));
            });
        Assert.True(ended.Code == (int)ExitCode.TryAgain, $"{ended.Code}: {ended.Errors}");
        Assert.Empty(File.ReadAllText(Path.Combine(Folder(session), RunDirectory.MetricsFile)));
    }

    /// <summary>Sends a signal to a rank once the run has logged something.</summary>
    private static void Signal(Process launched, string folder, int rank, string signal)
    {
        Assert.True(
            SpinWait.SpinUntil(() => launched.HasExited || HasMetrics(folder), TimeSpan.FromMinutes(2)), "no metrics were written");
        if (!launched.HasExited) Processes.Run("/", "kill", [$"-{signal}", $"{Launchers.Ranks(folder)[rank]}"]);
    }

    private static bool HasMetrics(string folder) =>
        Directory.Exists(folder) && Directory.EnumerateFiles(folder, RunDirectory.MetricsFile, SearchOption.AllDirectories).Any(file => new FileInfo(file).Length > 0);

    private static bool HasBegun(string folder) =>
        Directory.Exists(folder) && Directory.EnumerateFiles(folder, RunDirectory.MetricsFile, SearchOption.AllDirectories).Any();

    private static string Folder(Session session) =>
        Path.GetDirectoryName(Directory.EnumerateFiles(session.Out, RunDirectory.ConfigFile, SearchOption.AllDirectories).Single())!;

    internal static void AssertSame(Session one, Session other)
    {
        var (expected, found) = (Folder(one), Folder(other));
        Assert.Equal(Path.GetRelativePath(one.Out, expected), Path.GetRelativePath(other.Out, found));
        var latest = File.ReadAllText(Path.Combine(expected, RunDirectory.Checkpoints, "LATEST")).Trim();
        foreach (var file in new[] { RunDirectory.MetricsFile, RunDirectory.TestFile, $"{RunDirectory.Checkpoints}/best.safetensors", $"{RunDirectory.Checkpoints}/{latest}/state.safetensors" })
        {
            Assert.True(
                File.ReadAllBytes(Path.Combine(expected, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(found, file))), file);
        }
    }
}
