using System.Diagnostics;
using System.Text.Json.Nodes;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Which process may write to a run's folder, which one did, and how others resume the run.</summary>
public sealed class OwnershipTests
{
    private static readonly string[] Short =
        ["cuereward", "batch=2", "hidden=4", "validate_every=10", "validation_batches=1", "test_batches=1", "log_every=5"];

    [Fact]
    public void Of_fifty_starts_at_once_one_proceeds()
    {
        using var session = new Session();
        var folder = Path.Combine(session.Out, "runs", "a", "b", "seed=0");
        var refused = 0;
        var held = new List<RunClaim>();
        Parallel.For(0, 50, new ParallelOptions { MaxDegreeOfParallelism = 50 }, _ =>
        {
            try
            {
                var claim = RunClaim.Take(folder);
                lock (held) held.Add(claim);
            }
            catch (PlasticException fault)
            {
                Assert.Equal(ExitCode.Exists, fault.Code);
                Interlocked.Increment(ref refused);
            }
        });
        Assert.Single(held);
        Assert.Equal(49, refused);
        Assert.Throws<PlasticException>(() => RunClaim.Take(folder));
        held[0].Dispose();
        Assert.DoesNotContain(session.Everything(), path => path.EndsWith(".lock", StringComparison.Ordinal));
        RunClaim.Take(folder).Dispose();
    }

    [Fact]
    public void A_claim_under_contention_has_one_holder_at_a_time()
    {
        using var session = new Session();
        var folder = Path.Combine(session.Out, "runs", "a", "seed=0");
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        int holders = 0, most = 0, taken = 0;
        Parallel.For(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            try
            {
                using var claim = RunClaim.Take(folder);
                var now = Interlocked.Increment(ref holders);
                lock (session) most = Math.Max(most, now);
                Interlocked.Increment(ref taken);
                Interlocked.Decrement(ref holders);
            }
            catch (PlasticException fault)
            {
                Assert.Equal(ExitCode.Exists, fault.Code);
            }
        });
        Assert.Equal(1, most);
        Assert.InRange(taken, 100, 4000);
    }

    [Fact]
    public void Changes_by_another_process_before_the_claim_are_seen_under_it()
    {
        using var session = new Session();
        string[] words = ["train", .. Short, "max_batch=12", "--out", session.Out];
        var folder = session.Run(words).Results[^1];
        using (RunClaim.Take(folder))
        {
            // A finished run stays finished, whoever holds the claim; extending it needs the claim.
            Assert.Equal(ExitCode.Ok, session.Run(words).Code);
            var ended = session.Run("resume", folder, "max_batch=20");
            Assert.Equal(ExitCode.Exists, ended.Code);
            Assert.Contains("is being trained by this process", ended.Messages[^1]);
        }
        Assert.Contains("\"max_batch\": 12", File.ReadAllText(Path.Combine(folder, "config.json")));
    }

    [Fact]
    public void Owners_are_distinguished_by_host_process_and_start()
    {
        var here = RunOwner.Current;
        Assert.True(here.IsAlive);
        Assert.False((here with { Started = here.Started + 1 }).IsAlive);
        Assert.False((here with { Process = int.MaxValue }).IsAlive);
        Assert.Null((here with { Host = "elsewhere" }).IsAlive);
    }

    [Fact]
    public void A_run_whose_process_is_gone_is_listed_as_lost_and_can_be_resumed()
    {
        using var whole = new Session();
        var expected = whole.Run(["train", .. Short, "max_batch=60", "--out", whole.Out]).Results[^1];
        using var session = new Session();
        string[] words =
        [
            "--default-signal=INT", "dotnet", typeof(Application).Assembly.Location, "train", .. Short, "max_batch=60", "--checkpoint", "0",
            "--out", session.Out,
        ];
        using (var program = Process.Start(new ProcessStartInfo("env", words) { RedirectStandardError = true, RedirectStandardOutput = true })!)
        {
            program.StandardError.ReadLine();
            program.StandardError.ReadLine();
            program.Kill(entireProcessTree: true);
            program.WaitForExit();
        }
        var folder = Path.Combine(session.Out, Path.GetRelativePath(whole.Out, expected));
        var status = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "status.json")))!;
        if ((string)status["state"]! == "running")
        {
            Assert.Contains(session.Run("list", "runs", "--out", session.Out).Results, line => line.Contains("lost at step"));
        }

        var ended = session.Run("resume", folder + "/");
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Equal(folder, ended.Results[^1]);
        Assert.Contains("cell=RNN,rule=gradient seed 0: test loss", ended.Results[^2]);
        foreach (var file in new[] { "metrics.jsonl", "test.json", "config.json" })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(expected, file)), File.ReadAllBytes(Path.Combine(folder, file)));
        }
        Assert.Contains(session.Run("list", "runs", "--out", session.Out).Results, line => line.Contains("finished"));
        Assert.Equal(ExitCode.Ok, session.Run("resume", folder).Code);
        Assert.Equal(ExitCode.MissingInput, session.Run("resume", session.Out).Code);
        Assert.Equal(ExitCode.Usage, session.Run("resume").Code);
    }

    [Fact]
    public void Resume_must_needs_a_checkpoint_and_never_starts_over()
    {
        using var session = new Session();
        string[] words = ["train", .. Short, "max_batch=12", "--out", session.Out];
        var ended = session.Run([.. words, "--resume", "must"]);
        Assert.Equal(ExitCode.MissingInput, ended.Code);
        Assert.Contains("no checkpoint", Assert.Single(ended.Messages));
        Assert.Empty(session.Everything());
        Assert.Equal(ExitCode.Usage, session.Run([.. words, "--resume", "perhaps"]).Code);

        Assert.Equal(ExitCode.Ok, session.Run([.. words, "--checkpoint", "0"]).Code);
        var folder = Path.GetDirectoryName(Directory.EnumerateFiles(session.Out, "config.json", SearchOption.AllDirectories).Single())!;
        var status = Path.Combine(folder, "status.json");
        File.WriteAllText(status, JsonText.Document(new RunStatus(RunState.Interrupted, 12)));
        Assert.Contains(session.Run(words).Messages, line => line.Contains("resumes from step 1"));
        File.WriteAllText(status, JsonText.Document(new RunStatus(RunState.Interrupted, 12)));
        ended = session.Run([.. words, "--resume", "never"]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Contains(ended.Messages, line => line.Contains("starting over"));
    }
}
