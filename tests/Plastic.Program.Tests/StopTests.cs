using System.Diagnostics;
using System.Text.Json.Nodes;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>`plastic stop`: by a file, whoever trains a run and on whatever machine.</summary>
public sealed class StopTests
{
    private static readonly string[] Small =
        ["cell=RNN", "rule=hebbian", "hidden=4", "batch=2", "validate_every=400", "validation_batches=1", "test_batches=1", "log_every=100"];

    [Fact]
    public async Task Runs_stop_with_a_checkpoint_those_that_wait_are_not_begun_and_the_same_command_goes_on_to_the_same_bytes()
    {
        string[] words = [.. Small, "max_batch=4000", "--seed", "0..2"];
        using var whole = new Session();
        Assert.Equal(ExitCode.Ok, whole.Train("cuereward", words).Code);
        using var session = new Session();
        using (var program = Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(Application).Assembly.Location, "train", "cuereward", .. words, "--out", session.Out])
        { RedirectStandardError = true, RedirectStandardOutput = true })!)
        {
            var messages = program.StandardError.ReadToEndAsync();
            var first = Wait(() => Folders(session).FirstOrDefault());
            Assert.Equal(ExitCode.Ok, session.Run("stop", "cuereward", "--out", session.Out).Code);
            Assert.True(program.WaitForExit(60_000));
            Assert.Equal((int)ExitCode.TryAgain, program.ExitCode);
            Assert.Contains("3 of 3 runs stopped by plastic stop; run the same command again to resume", await messages);
            Assert.Equal("interrupted", (string)JsonNode.Parse(File.ReadAllText(Path.Combine(first, "status.json")))!["state"]!);
            Assert.Single(Folders(session));
        }
        // The wish was there before two of the runs were.
        Assert.Contains("asked 1 run to stop (0 in training)", session.Run("stop", "cuereward", "--out", session.Out).Output);

        Assert.Equal(ExitCode.Ok, session.Train("cuereward", words).Code);
        foreach (var path in Folders(whole))
        {
            foreach (var file in new[] { "metrics.jsonl", "test.json", "config.json", "checkpoints/best.safetensors" })
            {
                Assert.Equal(
                    File.ReadAllBytes(Path.Combine(path, file)),
                    File.ReadAllBytes(Path.Combine(session.Out, Path.GetRelativePath(whole.Out, path), file)));
            }
        }
        Assert.DoesNotContain(session.Everything(), path => path.EndsWith(".stop", StringComparison.Ordinal));
        Assert.Contains("nothing to stop: 3 runs, all finished", session.Run("stop", "cuereward", "--out", session.Out).Output);
    }

    [Fact]
    public void Resume_takes_back_what_stopped_a_run_and_stops_at_its_wish_too()
    {
        using var session = new Session();
        string[] words = ["cuereward", .. Small, "max_batch=200000", "--out", session.Out];
        using var program = Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(Application).Assembly.Location, "train", .. words])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var folder = Wait(() => Folders(session).FirstOrDefault());
        StopFile.Put(folder);
        Assert.True(program.WaitForExit(60_000));
        Assert.Equal((int)ExitCode.TryAgain, program.ExitCode);

        using var again = Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(Application).Assembly.Location, "resume", folder])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Wait(() => StopFile.IsThere(folder) ? null : "gone");
        Wait(() => RunStatus.Read(folder)?.State == RunState.Running ? "running" : null);
        Assert.Equal(ExitCode.Ok, session.Run("stop", folder).Code);
        Assert.True(again.WaitForExit(60_000));
        Assert.Equal((int)ExitCode.TryAgain, again.ExitCode);
        Assert.Contains("stopped by plastic stop", again.StandardError.ReadToEnd());
    }

    [Fact]
    public void It_needs_runs_that_are_there()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Usage, session.Run("stop").Code);
        Assert.Equal(ExitCode.MissingInput, session.Run("stop", "cuereward", "--out", session.Out).Code);
        Assert.Empty(session.Everything());
    }

    private static string[] Folders(Session session) =>
        Directory.Exists(session.Out)
            ? [.. Directory.EnumerateFiles(session.Out, "config.json", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!)
                .Where(folder => !folder.EndsWith(".tmp", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
            : [];

    private static T Wait<T>(Func<T?> found)
        where T : class
    {
        T? value = null;
        Assert.True(SpinWait.SpinUntil(() => (value = found()) is not null, TimeSpan.FromMinutes(1)));
        return value!;
    }
}
