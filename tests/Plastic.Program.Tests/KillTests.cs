using System.Diagnostics;
using Plastic.Host;
using Xunit;
using Xunit.Abstractions;

namespace Plastic.Program.Tests;

/// <summary>
/// A run that is killed repeatedly while it writes a checkpoint before every step: no acknowledged checkpoint is lost or
/// unreadable, and the run ends in the bits of one that was never killed. PLASTIC_NIGHTLY=1 kills 200 times.
/// </summary>
[Collection(GpuDevices.Collection)]
public sealed class KillTests(ITestOutputHelper log)
{
    private static readonly bool IsNightly = Environment.GetEnvironmentVariable("PLASTIC_NIGHTLY") == "1";

    /// <summary>Settings of both runs.</summary>
    private static readonly string[] Small = ["batch=2", "validation_batches=2", "test_batches=2", "log_every=9"];

    [Fact]
    public void Killed_at_any_moment_nothing_acknowledged_is_lost() => Holds(
        kills: IsNightly ? 200 : 6,
        ["cuereward", "rule=neuromodulated", "hidden=4", "validate_every=40", IsNightly ? "max_batch=6000" : "max_batch=300", .. Small]);

    /// <summary>What an encoder keeps beside its weights is in the checkpoints too: running statistics, and how many passes there were.</summary>
    [Fact]
    public void Killed_at_any_moment_an_encoder_goes_on_with_what_it_kept()
    {
        var root = Directory.CreateTempSubdirectory("plastic-set-");
        try
        {
            Holds(
                kills: IsNightly ? 50 : 3,
                [
                    $"data={MadeSet.Write(root.FullName, side: 16, seed: 1)}", "cell=RNN", "rule=hebbian", "encoder=resnet12", "encoder_width=2", "encoder_warmup=5", "hidden=8",
                    "validate_every=10", IsNightly ? "max_batch=2000" : "max_batch=40", .. Small,
                ]);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [SkippableFact]
    public void Killed_at_any_moment_a_run_on_a_device_goes_on_there_in_the_same_bits()
    {
        GpuDevices.Need();
        Holds(
            kills: IsNightly ? 20 : 2,
            ["cuereward", "--device", "opencl", "hidden=4", "validate_every=20", IsNightly ? "max_batch=1000" : "max_batch=60", .. Small]);
    }

    private void Holds(int kills, string[] words)
    {
        using var whole = new Session();
        Assert.Equal(ExitCode.Ok, whole.Run(["train", .. words, "--out", whole.Out]).Code);
        using var killed = new Session();
        string[] command = [typeof(Application).Assembly.Location, "train", .. words, "--checkpoint", "0", "--out", killed.Out];
        var folder = Path.Combine(killed.Out, Path.GetRelativePath(whole.Out, Folder(whole)));
        var checkpoints = Path.Combine(folder, RunDirectory.Checkpoints);
        var random = new Random(20221);
        var (killings, acknowledged) = (0, -1);
        for (; killings < kills; killings++)
        {
            using var program = Process.Start(
                new ProcessStartInfo("dotnet", command) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            program.StandardError.ReadLine();
            // However busy the machine is, every process gets at least one checkpoint further than the previous one.
            SpinWait.SpinUntil(() => program.HasExited || Latest(checkpoints) > acknowledged, TimeSpan.FromMinutes(1));
            Thread.Sleep(random.Next(0, 400));
            if (program.HasExited) break;
            program.Kill();
            program.WaitForExit();
            var latest = Latest(checkpoints);
            var warnings = new List<string>();
            var found = Checkpoint.ReadNewest(checkpoints, warnings.Add);
            Assert.Empty(warnings);
            Assert.True(found!.Value.State.Step >= latest, $"step {latest} was acknowledged");
            Assert.True(found.Value.State.Step >= acknowledged, $"step {acknowledged} was acknowledged");
            acknowledged = found.Value.State.Step;
        }
        log.WriteLine($"{killings} kills, the last at step {acknowledged}");
        Assert.True(killings > 0);
        Assert.Equal(ExitCode.Ok, killed.Run(["train", .. words, "--resume", "must", "--out", killed.Out]).Code);
        // The checkpoint of the last step holds weights, best weights and moments, and what an encoder keeps. A run that was killed after
        // that step has one more, of what comes next.
        var last = File.ReadAllText(Path.Combine(Folder(whole), RunDirectory.Checkpoints, "LATEST")).Trim();
        foreach (var file in new[] { "metrics.jsonl", "test.json", "checkpoints/best.safetensors", $"checkpoints/{last}/state.safetensors" })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(Folder(whole), file)), File.ReadAllBytes(Path.Combine(folder, file)));
        }
        Assert.DoesNotContain(killed.Everything(), path => path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    /// <summary>The newest step that is acknowledged; −1 before the first.</summary>
    private static int Latest(string checkpoints)
    {
        var file = Path.Combine(checkpoints, "LATEST");
        return File.Exists(file) ? int.Parse(File.ReadAllText(file).Trim()["step-".Length..]) : -1;
    }

    private static string Folder(Session session) =>
        Path.GetDirectoryName(Directory.EnumerateFiles(session.Out, "config.json", SearchOption.AllDirectories).Single())!;
}
