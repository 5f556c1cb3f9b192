using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Plastic.CommandLine;
using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Runs that train on a device. Skipped where there is none.</summary>
[Collection(GpuDevices.Collection)]
public sealed class GpuRunTests
{
    private static readonly string[] Small =
        ["cuereward", "hidden=4", "batch=2", "max_batch=23", "validate_every=5", "log_every=7", "validation_batches=2", "test_batches=2"];

    /// <summary>How far numbers of a device may be from the CPU's after 24 updates, relative to them.</summary>
    private const double Distance = 1e-5;

    [SkippableFact]
    public void A_run_stopped_at_any_step_ends_in_the_same_bytes_and_its_checkpoints_move_between_device_and_CPU()
    {
        using var device = GpuDevices.Open();
        // The last eleven updates change nothing; eleven are more than what is pending.
        var run = ResumeTests.Plan("cuereward", "freeze_last=11");
        using var session = new Session();
        string In(string name) => Path.Combine(session.Out, name);
        Assert.True(ResumeTests.Train(run, In("whole"), threads: 1, stopAt: -1, device: device));
        foreach (var (at, afterValidation) in new[] { (3, false), (10, true), (24, false) })
        {
            var folder = In($"cut{at}");
            Assert.False(ResumeTests.Train(run, folder, threads: 2, at, afterValidation, device));
            Assert.True(ResumeTests.Train(run, folder, threads: 1, stopAt: -1, device: device));
            ResumeTests.HaveTheSameFiles(In("whole"), folder);
        }

        Assert.True(ResumeTests.Train(run, In("cpu"), threads: 1, stopAt: -1));
        RequireClose(In("cpu"), In("whole"));
        Assert.False(ResumeTests.Train(run, In("to cpu"), threads: 1, 12, device: device));
        Assert.True(ResumeTests.Train(run, In("to cpu"), threads: 1, stopAt: -1));
        RequireClose(In("cpu"), In("to cpu"));
        Assert.False(ResumeTests.Train(run, In("to device"), threads: 1, 12));
        Assert.True(ResumeTests.Train(run, In("to device"), threads: 1, stopAt: -1, device: device));
        RequireClose(In("cpu"), In("to device"));
    }

    [SkippableFact]
    public void A_device_that_disappears_ends_a_run_on_one_line_with_a_checkpoint_to_resume_from()
    {
        using var device = GpuDevices.Open();
        using var session = new Session();
        var run = MadeSet.Run(Small);
        var (whole, lost) = (Path.Combine(session.Out, "whole"), Path.Combine(session.Out, "lost"));
        Assert.NotNull(Work(() => new LostDevice(GpuDevices.Open())).Train(run, whole, Quiet).Result);
        // In the middle of training: of a step, six launches; of an evaluation, one.
        var thrown = Assert.Throws<DeviceException>(
            () => Work(() => new LostDevice(GpuDevices.Open()) { Launches = 70 }).Train(run, lost, Quiet));
        var failure = Failure.Of(thrown);
        Assert.Equal((ExitCode.Failed, thrown.Message), (failure.Code, failure.Line));
        Assert.Equal(RunState.Failed, RunStatus.Read(lost)!.State);
        var (state, _) = Checkpoint.ReadNewest(Path.Combine(lost, RunDirectory.Checkpoints), warning => Assert.Fail(warning))!.Value;
        Assert.InRange(state.Step, 1, 22);
        Assert.DoesNotContain(session.Everything(), path => path.EndsWith(".tmp", StringComparison.Ordinal));

        Assert.NotNull(Work(GpuDevices.Open).Train(run, lost, Quiet).Result);
        ResumeTests.HaveTheSameFiles(whole, lost);
        var resumed = JsonDocument.Parse(File.ReadAllLines(Path.Combine(lost, RunDirectory.ResumedFile)).Single()).RootElement;
        Assert.StartsWith("opencl:0", resumed.GetProperty("device").GetString());

        // Without a checkpoint before every step, several steps are pending then; without any, it starts over.
        for (var launches = 60; launches < 67; launches++)
        {
            var early = Path.Combine(session.Out, $"early{launches}");
            thrown = Assert.Throws<DeviceException>(
                () => Work(() => new LostDevice(GpuDevices.Open()) { Launches = launches }, seconds: 1000).Train(run, early, Quiet));
            Assert.Equal(DeviceFault.Lost, thrown.Fault);
        }
        var again = Path.Combine(session.Out, "early60");
        Assert.Null(Checkpoint.ReadNewest(Path.Combine(again, RunDirectory.Checkpoints), warning => Assert.Fail(warning)));
        Assert.NotNull(Work(GpuDevices.Open, seconds: 1000).Train(run, again, Quiet).Result);
        ResumeTests.HaveTheSameFiles(whole, again);
    }

    [SkippableFact]
    public void Where_memory_does_not_suffice_there_is_one_line_and_no_folder()
    {
        GpuDevices.Need();
        using var session = new Session();
        var run = MadeSet.Run(Small);
        var needed = Placement.DeviceBytes(run.CreateNetwork(), run.Episodes.Steps, run.Settings.Optimiser(), Facts());
        var refused = Assert.Throws<DeviceException>(
            () => Work(() => new LostDevice(GpuDevices.Open()) { Bytes = needed - 1 }).Train(run, Path.Combine(session.Out, "run"), Quiet));
        Assert.Equal(ExitCode.Failed, Failure.Of(refused).Code);
        Assert.Empty(session.Everything());
        Assert.NotNull(Work(() => new LostDevice(GpuDevices.Open()) { Bytes = needed }).Train(run, Path.Combine(session.Out, "run"), Quiet).Result);

        using var large = new Session();
        var ended = large.Run(["train", "cuereward", "rule=oja", "hidden=2000", "batch=1000", "--device", "opencl", "--out", large.Out]);
        Assert.Equal(ExitCode.Failed, ended.Code);
        Assert.Contains("opencl:0", Assert.Single(ended.Messages));
        Assert.Empty(large.Everything());
    }

    [SkippableFact]
    public void A_missing_device_is_refused_before_anything_is_written()
    {
        GpuDevices.Need();
        using var session = new Session();
        foreach (var words in new[] { Small, [.. Small, "--dry-run"] })
        {
            var ended = session.Run(["train", .. words, "--device", "opencl:99", "--out", session.Out]);
            Assert.Equal(ExitCode.Configuration, ended.Code);
            Assert.Contains("no device opencl:99", Assert.Single(ended.Messages));
            Assert.Empty(session.Everything());
        }
    }

    [SkippableFact]
    public void Every_command_runs_on_a_device_and_several_runs_at_a_time_do()
    {
        GpuDevices.Need();
        using var session = new Session();
        var dry = session.Run(["train", .. Small, "--device", "opencl", "--out", session.Out, "--dry-run", "--json"]);
        Assert.Equal(ExitCode.Ok, dry.Code);
        var run = MadeSet.Run(Small);
        var planned = JsonDocument.Parse(dry.Output).RootElement.GetProperty("runs")[0];
        Assert.Equal(
            Placement.DeviceBytes(run.CreateNetwork(), run.Episodes.Steps, run.Settings.Optimiser(), Facts()),
            planned.GetProperty("device_bytes").GetInt64());

        var trained = session.Run(["train", .. Small, "seed=0..1", "--jobs", "2", "--device", "opencl", "--out", session.Out]);
        Assert.True(trained.Code == ExitCode.Ok, string.Join('\n', trained.Messages));
        using var alone = new Session();
        Assert.Equal(ExitCode.Ok, alone.Run(["train", .. Small, "seed=1", "--device", "opencl", "--out", alone.Out]).Code);
        string[] folders = [.. Folders(session)];
        Assert.Equal(2, folders.Length);
        ResumeTests.HaveTheSameFiles(Folders(alone).Single(), folders[1]);
        var environment = JsonDocument.Parse(File.ReadAllText(Path.Combine(folders[0], RunDirectory.EnvironmentFile))).RootElement;
        Assert.StartsWith("opencl:0", environment.GetProperty("device").GetString());

        double Loss(params string[] words)
        {
            var ended = session.Run(["eval", folders[0], "--json", .. words]);
            Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
            return JsonDocument.Parse(ended.Output).RootElement.GetProperty("loss").GetDouble();
        }
        var loss = Loss();
        Assert.InRange(Loss("--device", "opencl"), loss * (1 - 1e-5), loss * (1 + 1e-5));
        Assert.Equal(ExitCode.Ok, session.Run("resume", folders[0], "max_batch=25", "--device", "opencl").Code);

        var timed = session.Run("bench", "step", "--hidden", "4", "--batch", "2", "--steps", "3", "--repeat", "2", "--device", "opencl", "--json");
        Assert.StartsWith("opencl:0", JsonDocument.Parse(timed.Output).RootElement.GetProperty("device").GetString());
        var check = session.Run("gradcheck", "none", "--device", "opencl", "--json");
        Assert.True(check.Code == ExitCode.Ok, check.Output);
        Assert.Equal("opencl:0", JsonDocument.Parse(check.Output).RootElement.GetProperty("device").GetString());
    }

    // Two runs at a time, each with its own context; copies are made as late as a card may make them, and nothing is left at the end.
    [SkippableFact]
    public void Runs_on_what_stands_in_for_CUDA_give_the_bytes_of_OpenCL_s()
    {
        GpuDevices.Need();
        using Session cuda = new(), opencl = new();
        string[] words = ["train", .. Small, "seed=0..1", "--jobs", "2"];
        var (code, _, messages, calls) = StandIn.Run([], [.. words, "--device", "cuda", "--out", cuda.Out]);
        Assert.True(code == ExitCode.Ok, string.Join('\n', [.. messages, .. calls]));
        StandIn.AssertTidy(calls);
        Assert.Equal(ExitCode.Ok, opencl.Run([.. words, "--device", "opencl", "--out", opencl.Out]).Code);
        foreach (var (expected, found) in Folders(opencl).Zip(Folders(cuda))) ResumeTests.HaveTheSameFiles(expected, found);
    }

    // A card's context is the process's: what loses it for one run loses it for all.
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void No_more_runs_are_started_on_a_device_that_is_lost_and_the_same_command_goes_on(int jobs)
    {
        using var session = new Session();
        string[] words = ["train", .. Small, "seed=0..4", "--jobs", $"{jobs}", "--device", "cuda", "--out", session.Out];
        var (code, output, messages, calls) = StandIn.Run(["STANDIN_LOSE_AFTER=70"], words);
        Assert.True(code == ExitCode.SomeFailed, string.Join('\n', [output, .. messages, .. calls]));
        Assert.Equal(
            "plastic: warning: cuda:0 was lost, so no more runs were started; run the same command again to continue",
            Assert.Single(messages, line => line.Contains("was lost", StringComparison.Ordinal)));
        // Those fail that are under way, with a folder or before they had one.
        var said = Regex.Match(messages[^1], "^plastic: ([12]) of 5 runs failed, ([34]) were not started: ");
        Assert.True(said.Success, messages[^1]);
        var failed = int.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(failed, 1, jobs);
        Assert.InRange(Folders(session).Count(), 1, failed);
        Assert.Equal($"{5 - failed}", said.Groups[2].Value);

        (code, output, messages, calls) = StandIn.Run([], words);
        Assert.True(code == ExitCode.Ok, string.Join('\n', [output, .. messages, .. calls]));
        Assert.Equal(5, Folders(session).Count());
    }

    [SkippableFact]
    public void A_loss_that_is_not_finite_ends_a_run_at_its_step_with_the_CPU_s_words()
    {
        GpuDevices.Need();
        string[] wild =
            ["train", "cuereward", "hidden=4", "batch=2", "max_batch=60", "validation_batches=2", "test_batches=2", "clip=none", "lr=3", "p_lr=1", "max_grad_norm=none"];
        using Session host = new(), device = new();
        var expected = host.Run([.. wild, "--out", host.Out]);
        Assert.Contains("the training loss at step 3 is NaN", expected.Messages[^1]);
        var found = device.Run([.. wild, "--device", "opencl", "--out", device.Out]);
        Assert.Equal((expected.Code, expected.Messages[^1]), (found.Code, found.Messages[^1]));
        Assert.Equal(3, RunStatus.Read(Folders(device).Single())!.Step + 1);
    }

    [SkippableFact]
    public void A_network_with_an_encoder_trains_with_its_encoder_on_the_CPU()
    {
        GpuDevices.Need();
        var root = Directory.CreateTempSubdirectory("plastic-set-");
        try
        {
            string[] words =
            [
                "train", $"data={MadeSet.Write(root.FullName, side: 16, seed: 1)}", "cell=RNN", "rule=hebbian", "encoder=resnet12", "encoder_width=2",
                "hidden=8", "batch=2", "max_batch=3", "validate_every=2", "validation_batches=1", "test_batches=1", "log_every=1",
            ];
            using Session host = new(), device = new();
            var onHost = host.Run([.. words, "--out", host.Out]);
            Assert.True(onHost.Code == ExitCode.Ok, string.Join('\n', onHost.Messages));
            var ended = device.Run([.. words, "--device", "opencl", "--out", device.Out]);
            Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
            RequireClose(Folders(host).Single(), Folders(device).Single());
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static ITrainingWatcher Quiet() => new Watchers();

    private static DeviceFacts Facts()
    {
        using var device = GpuDevices.Open();
        return device.Facts;
    }

    private static RunWork Work(Func<IDevice> open, int seconds = 0)
    {
        var request = (TrainRequest)CommandParser.Parse(["train", .. Small, "--checkpoint", $"{seconds}"], new DeferredLoader()).Command;
        return new RunWork(
            new Networks(), request.Checkpoints, request.Resources, 1, "by a test", null, new Output(TextWriter.Null, TextWriter.Null), default)
        {
            Device = open,
        };
    }

    private static IEnumerable<string> Folders(Session session) =>
        Directory.EnumerateFiles(session.Out, "config.json", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!).Order(StringComparer.Ordinal);

    /// <summary>All numbers of the course of training, of which there are as many.</summary>
    private static void RequireClose(string expected, string found)
    {
        var (a, b) = (Numbers(expected), Numbers(found));
        Assert.Equal(a.Length, b.Length);
        var distance = a.Zip(b, (x, y) => Math.Abs(x - y) / Math.Abs(x)).Max();
        Assert.True(distance <= Distance, $"{distance}");
        Assert.NotEqual(a, b);

        static double[] Numbers(string folder) =>
        [
            .. File.ReadLines(Path.Combine(folder, RunDirectory.MetricsFile)).SelectMany(line => JsonDocument.Parse(line).RootElement.EnumerateObject()
                .Where(field => field.Name is "training_loss" or "gradient_norm" or "validation_loss").Select(field => field.Value.GetDouble())),
        ];
    }
}
