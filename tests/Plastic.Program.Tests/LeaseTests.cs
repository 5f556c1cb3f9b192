using System.Diagnostics;
using System.Text.Json.Nodes;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>
/// A run has one holder where machines do not see each other's locks, and where there are none: flock then fails with ENOSYS, as strace
/// makes it do here.
/// </summary>
public sealed class LeaseTests
{
    private static readonly bool IsNightly = Environment.GetEnvironmentVariable("PLASTIC_NIGHTLY") == "1";

    private static readonly string[] Small =
        ["cuereward", "cell=RNN", "rule=hebbian", "hidden=4", "batch=2", "validation_batches=1", "test_batches=1"];

    [Fact]
    public void The_lock_says_who_holds_a_run_and_is_gone_afterwards()
    {
        using var session = new Session();
        var path = Path.Combine(session.Out, "runs", "a", "seed=0");
        using (var claim = RunClaim.Take(path))
        {
            Assert.True(claim.IsHeld);
            var refused = Assert.Throws<PlasticException>(() => RunClaim.Take(path));
            Assert.Equal((ExitCode.Exists, $"{path} is being trained by this process"), (refused.Code, refused.Message));
        }
        Assert.Empty(session.Everything());
    }

    // Where the file system belongs to this machine alone, its locks say all.
    [Theory]
    [InlineData("elsewhere", "there", 9, false, false)]
    [InlineData("elsewhere", "there", -60, false, false)]
    [InlineData("elsewhere", "there", 11, false, true)]
    [InlineData("", "there", 9, false, false)]
    [InlineData("", "", 9, false, true)]
    [InlineData("elsewhere", "there", 9, true, true)]
    public void A_process_that_is_not_seen_is_believed_until_it_has_been_silent_for_ten_minutes(
        string host, string place, int minutes, bool isLocal, bool isTaken)
    {
        using var session = new Session();
        var path = Path.Combine(session.Out, "runs", "a", "seed=0");
        Directory.CreateDirectory(path);
        var status = Path.Combine(path, "status.json");
        File.WriteAllText(status, "{}");
        // Of this machine and container: its locks are seen, so it is gone.
        var owner = RunOwner.Current with { Host = host.Length > 0 ? host : Environment.MachineName, Process = 77 };
        var file = Written(path, place.Length > 0 ? owner with { Place = place } : owner);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow - TimeSpan.FromHours(3));
        // It is heard from by its heartbeat.
        File.SetLastWriteTimeUtc(status, DateTime.UtcNow - TimeSpan.FromMinutes(minutes));
        if (isTaken)
        {
            RunLock.Take(path, isLocal)!.Dispose();
            Assert.False(File.Exists(file));
            return;
        }
        var refused = Assert.Throws<PlasticException>(() => RunLock.Take(path, isLocal));
        Assert.Equal(ExitCode.Exists, refused.Code);
        Assert.StartsWith($"{path} is being trained by another process, process 77 on {owner.Host}, last heard from ", refused.Message);
        Assert.Matches(minutes > 0 ? "from (8:59|9:0.) ago; it is believed to be gone after 10:00 of silence$" : "from 0:00 ago", refused.Message);
        Assert.True(File.Exists(file));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"token\":1}")]
    [InlineData("\0\0\0\0")]
    public void A_lock_file_that_a_killed_process_left_without_a_name_hinders_nobody(string content)
    {
        using var session = new Session();
        var path = Path.Combine(session.Out, "runs", "a", "seed=0");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(LockOf(path), content);
        RunClaim.Take(path).Dispose();
        Assert.False(File.Exists(LockOf(path)));
    }

    [SkippableFact]
    public void The_same_job_takes_its_run_over_when_it_was_started_again_and_no_other_does()
    {
        NeedStrace();
        var first = new RunOwner("elsewhere", 1, 2) { Job = "12_3", Restarts = 1 };
        Assert.True((first with { Restarts = 2 }).Replaces(first));
        Assert.False((first with { Restarts = 1 }).Replaces(first));
        Assert.False((first with { Restarts = 2, Job = "12_4" }).Replaces(first));
        Assert.False((first with { Job = null, Restarts = null }).Replaces(first with { Job = null, Restarts = null }));

        using var session = new Session();
        var found = session.Train("cuereward", [.. Small[1..], "max_batch=2"]).Results[^1];
        File.WriteAllText(Path.Combine(found, "status.json"), JsonText.Document(new RunStatus(RunState.Running, 1).OwnedBy(first)));
        Written(found, first);
        var job = new[] { ("SLURM_ARRAY_JOB_ID", "12"), ("SLURM_ARRAY_TASK_ID", "3"), ("SLURM_JOB_ID", "40") };
        ExitCode Again((string, string)[] environment) => Run(session, environment, "max_batch=2").Code;
        Assert.Equal(ExitCode.Exists, Again([.. job, ("SLURM_RESTART_COUNT", "1")]));
        Assert.Equal(ExitCode.Exists, Again([.. job[1..], ("SLURM_RESTART_COUNT", "2")]));
        Assert.Equal(ExitCode.Ok, Again([.. job, ("SLURM_RESTART_COUNT", "2")]));
    }

    [Fact]
    public void Whoever_has_lost_a_run_writes_nothing_more_and_leaves_the_lock_of_the_one_who_has_it()
    {
        using var session = new Session();
        var path = Path.Combine(session.Out, "runs", "a", "seed=0");
        using var claim = RunClaim.Take(path);
        var directory = claim.Create(new Dictionary<string, string> { ["config.json"] = "{}" }, new Dictionary<string, byte[]>());
        using var journal = new RunJournal(directory, Assert.Fail);
        journal.Note("one");
        var other = Written(path, RunOwner.Current with { Host = "elsewhere", Process = 77 });
        var before = session.Everything();

        Assert.False(claim.IsHeld);
        foreach (var write in new[] { () => directory.Write("a.json", "{}"), () => journal.Note("two"), journal.Running, journal.Finished })
        {
            var refused = Assert.Throws<PlasticException>(write);
            Assert.Equal(ExitCode.Exists, refused.Code);
            Assert.Equal(
                $"{path} was taken over by process 77 on elsewhere while this process was not heard from; it has stopped writing there", refused.Message);
        }
        journal.Stopped(RunState.Failed, "why");
        // Nor does it begin: it would cut the log, and remove checkpoints and what is being written.
        File.WriteAllText(Path.Combine(path, "metrics.jsonl"), "1\n2\n");
        File.WriteAllText(Path.Combine(path, "a.tmp"), "");
        before = session.Everything();
        Assert.Throws<PlasticException>(() => claim.Create(new Dictionary<string, string>(), new Dictionary<string, byte[]>()));
        Assert.Throws<PlasticException>(claim.Reopen);
        Assert.Throws<PlasticException>(() => new RunRecorder(directory, journal, [], null, metricsBytes: 2));
        Assert.Equal("1\n2\n", File.ReadAllText(Path.Combine(path, "metrics.jsonl")));
        claim.Dispose();
        Assert.Equal(before, session.Everything());
        Assert.Contains("elsewhere", File.ReadAllText(other));
        Assert.DoesNotContain("two", File.ReadAllText(Path.Combine(path, "log.txt")));
    }

    [SkippableFact]
    public void Without_locks_one_of_two_programs_trains_a_run_and_the_other_is_told()
    {
        NeedStrace();
        using var whole = new Session();
        var expected = File.ReadAllText(Path.Combine(whole.Train("cuereward", [.. Small[1..], "max_batch=300"]).Results[^1], "metrics.jsonl"));
        for (var trial = 0; trial < (IsNightly ? 50 : 4); trial++)
        {
            using var session = new Session();
            string[] words = ["train", .. Small, "max_batch=300", "--checkpoint", "0", "--out", session.Out];
            var both = new[] { Unlocked([], words), Unlocked([], words) };
            var errors = Array.ConvertAll(both, program => program.StandardError.ReadToEndAsync());
            foreach (var program in both) Assert.True(program.WaitForExit(120_000));
            var codes = both.Select(program => (ExitCode)program.ExitCode).Order().ToArray();
            Assert.True(codes is [ExitCode.Ok, ExitCode.Exists], $"trial {trial}: {string.Join(" and ", codes)}");
            Assert.All(errors, text => Assert.Contains("has no locks", text.Result));
            Assert.Equal(expected, File.ReadAllText(Directory.EnumerateFiles(session.Out, "metrics.jsonl", SearchOption.AllDirectories).Single()));
            Assert.DoesNotContain(session.Everything(), file => file.EndsWith(".tmp", StringComparison.Ordinal) || file.EndsWith(".lock", StringComparison.Ordinal));
        }
    }

    [SkippableFact]
    public void A_holder_that_was_paused_while_its_run_was_taken_over_writes_nothing_after_it_wakes()
    {
        NeedStrace();
        using var whole = new Session();
        var expected = whole.Train("cuereward", [.. Small[1..], "max_batch=12000", "log_every=100", "validate_every=1000"]).Results[^1];
        using var session = new Session();
        // Seldom, so that it is not paused between a look and a write.
        string[] words = ["train", .. Small, "max_batch=12000", "log_every=100", "validate_every=1000", "--checkpoint", "1", "--out", session.Out];
        var path = Path.Combine(session.Out, Path.GetRelativePath(whole.Out, expected));
        using var paused = Unlocked([("SLURM_JOB_ID", "7")], words);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(path, "checkpoints", "LATEST")), TimeSpan.FromMinutes(1)));
        var tracee = File.ReadAllText($"/proc/{paused.Id}/task/{paused.Id}/children").Trim();
        Signal("STOP", tracee);

        var (code, errors) = Run(session, [("SLURM_JOB_ID", "7"), ("SLURM_RESTART_COUNT", "1")], "max_batch=12000", "log_every=100", "validate_every=1000", "--checkpoint", "1");
        Assert.True(code == ExitCode.Ok, errors);
        foreach (var file in new[] { "metrics.jsonl", "test.json", "checkpoints/best.safetensors" })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(expected, file)), File.ReadAllBytes(Path.Combine(path, file)));
        }
        var before = Content(session);

        Signal("CONT", tracee);
        Assert.True(paused.WaitForExit(60_000));
        Assert.Equal((int)ExitCode.Exists, paused.ExitCode);
        Assert.Contains("was taken over by", paused.StandardError.ReadToEnd());
        Assert.Equal(before, Content(session));
    }

    private static string LockOf(string path) => Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.lock");

    /// <summary>Writes a run's lock file as another process would.</summary>
    private static string Written(string path, RunOwner owner)
    {
        // Replaced, not written to: this process may have locked it.
        var lease = new JsonObject { ["token"] = "0123", ["owner"] = JsonNode.Parse(JsonText.Line(owner)) };
        AtomicFile.Write(LockOf(path), lease.ToJsonString());
        return LockOf(path);
    }

    /// <summary>Paths, lengths and times of all that is there.</summary>
    private static string[] Content(Session session) =>
        [.. new DirectoryInfo(session.Out).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Select(file => $"{file.FullName} {file.Length} {file.LastWriteTimeUtc:O}").Order(StringComparer.Ordinal)];

    private static void NeedStrace() =>
        Skip.If(!File.Exists("/usr/bin/strace"), "strace is not installed");

    private static void Signal(string name, string process)
    {
        using var kill = Process.Start("kill", [$"-{name}", process]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private static (ExitCode Code, string Errors) Run(Session session, (string, string)[] environment, params string[] settings)
    {
        string[] words = ["train", .. Small, .. settings, "--out", session.Out];
        using var program = Unlocked(environment, words);
        var errors = program.StandardError.ReadToEnd();
        program.WaitForExit();
        return ((ExitCode)program.ExitCode, errors);
    }

    private static Process Unlocked((string Name, string Value)[] environment, string[] words)
    {
        string[] command =
        [
            "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=flock", "-e", "inject=flock:error=ENOSYS",
            Environment.ProcessPath!, typeof(Application).Assembly.Location, .. words,
        ];
        var start = new ProcessStartInfo("strace", command) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
