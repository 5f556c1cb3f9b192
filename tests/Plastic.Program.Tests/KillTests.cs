using System.Diagnostics;
using Plastic.Host;
using Xunit;
using Xunit.Abstractions;

namespace Plastic.Program.Tests;

/// <summary>
/// A run that is killed again and again, while it writes a checkpoint before every step: no checkpoint that was there is lost
/// or cannot be read, and it ends in the bits of one that was never killed. PLASTIC_NIGHTLY=1 kills 200 times.
/// </summary>
public sealed class KillTests(ITestOutputHelper log)
{
    private static readonly bool IsNightly = Environment.GetEnvironmentVariable("PLASTIC_NIGHTLY") == "1";

    private static readonly string[] Words =
    [
        "cuereward", "rule=neuromodulated", "batch=2", "hidden=4", "validate_every=40", "validation_batches=2", "test_batches=2",
        "log_every=9", IsNightly ? "max_batch=6000" : "max_batch=300",
    ];

    [Fact]
    public void Killed_at_any_moment_nothing_acknowledged_is_lost()
    {
        using var whole = new Session();
        Assert.Equal(ExitCode.Ok, whole.Run(["train", .. Words, "--out", whole.Out]).Code);
        using var killed = new Session();
        string[] command = [typeof(Application).Assembly.Location, "train", .. Words, "--checkpoint", "0", "--out", killed.Out];
        var folder = Path.Combine(killed.Out, Path.GetRelativePath(whole.Out, Folder(whole)));
        var checkpoints = Path.Combine(folder, RunDirectory.Checkpoints);
        var random = new Random(20221);
        var (kills, resumed, acknowledged) = (0, 0, -1);
        for (; kills < (IsNightly ? 200 : 6); kills++)
        {
            using var program = Process.Start(
                new ProcessStartInfo("dotnet", command) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            program.StandardError.ReadLine();
            Thread.Sleep(random.Next(0, 400));
            if (program.HasExited) break;
            program.Kill();
            program.WaitForExit();
            if (!File.Exists(Path.Combine(checkpoints, "LATEST"))) continue;
            var latest = File.ReadAllText(Path.Combine(checkpoints, "LATEST")).Trim();
            var warnings = new List<string>();
            var found = Checkpoint.ReadNewest(checkpoints, warnings.Add);
            Assert.Empty(warnings);
            Assert.True(found!.Value.State.Step >= int.Parse(latest["step-".Length..]), $"{latest} was acknowledged");
            Assert.True(found.Value.State.Step >= acknowledged, $"step {acknowledged} was acknowledged");
            acknowledged = found.Value.State.Step;
            resumed++;
        }
        log.WriteLine($"{kills} kills, {resumed} with a checkpoint, the last at step {acknowledged}");
        Assert.True(resumed > 0);
        Assert.Equal(ExitCode.Ok, killed.Run(["train", .. Words, "--resume", "must", "--out", killed.Out]).Code);
        foreach (var file in new[] { "metrics.jsonl", "test.json", Path.Combine("checkpoints", "best.safetensors") })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(Folder(whole), file)), File.ReadAllBytes(Path.Combine(folder, file)));
        }
        Assert.DoesNotContain(killed.Everything(), path => path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    private static string Folder(Session session) =>
        Path.GetDirectoryName(Directory.EnumerateFiles(session.Out, "config.json", SearchOption.AllDirectories).Single())!;
}
