using System.Text.Json;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>What commands say and refuse where networks run on a device. Most are skipped where there is none.</summary>
[Collection(GpuDevices.Collection)]
public sealed class GpuHostTests
{
    private const string OnTheCpu = "opencl:0 is this machine's CPU";

    private static readonly string[] Small =
        ["cuereward", "hidden=4", "batch=2", "max_batch=3", "validation_batches=1", "test_batches=1", "validate_every=2"];

    private readonly DeviceFacts facts = new(
        "opencl:7", "a model", "a platform", IsCpu: true, Units: 1, GroupSize: 256, LocalBytes: 1 << 15, MemoryBytes: 1L << 40, LargestBytes: 1L << 40,
        HasDoubles: true);

    [Fact]
    public void A_dry_run_measures_slow_work_once_and_stops_when_it_is_asked_to()
    {
        var numbers = new List<int>();
        Assert.InRange(
            RunTimes.Time(
                number =>
                {
                    numbers.Add(number);
                    Thread.Sleep(1050);
                }, default, RunTimes.WholePatience), 1, double.PositiveInfinity);
        Assert.Equal([0], numbers);

        using var source = new CancellationTokenSource();
        var made = 0;
        Assert.Throws<OperationCanceledException>(() => RunTimes.Time(
            _ =>
            {
                made++;
                source.Cancel();
            }, source.Token, RunTimes.WholePatience));
        Assert.Equal(1, made);
    }

    [Fact]
    public void A_buffer_larger_than_the_device_allows_is_refused_before_it_is_taken()
    {
        var run = MadeSet.Run(Small);
        var (network, steps, optimiser) = (run.CreateNetwork(), run.Episodes.Steps, run.Settings.Optimiser());
        var all = Placement.DeviceBytes(network, steps, optimiser, facts);
        // Not all bytes lie in one piece, and no piece is this small.
        Assert.Equal(all, Placement.DeviceBytes(network, steps, optimiser, facts with { LargestBytes = all }));
        var thrown = Assert.Throws<DeviceException>(() => Placement.DeviceBytes(network, steps, optimiser, facts with { LargestBytes = 64 }));
        Assert.Equal(DeviceFault.Memory, thrown.Fault);
        Assert.StartsWith("opencl:7 (a model) holds at most 0 MB in one piece", thrown.Message);
    }

    [SkippableFact]
    public void A_run_that_does_not_fit_names_no_folder_that_was_not_made()
    {
        GpuDevices.Need();
        using var session = new Session();
        var ended = session.Run("train", "cuereward", "rule=oja", "hidden=2000", "batch=1000", "max_batch=1", "--device", "opencl", "--out", session.Out);
        Assert.Equal(ExitCode.Failed, ended.Code);
        Assert.Contains("in one piece", Assert.Single(ended.Messages));
        Assert.Empty(ended.Results);
        Assert.Empty(session.Everything());
    }

    [SkippableFact]
    public void A_device_that_is_the_CPU_shares_its_memory_with_the_host_s_part()
    {
        GpuDevices.Need();
        var run = MadeSet.Run(Small);
        MachineShare Share(params string[] options) => new(
            ((TrainRequest)CommandParser.Parse(["train", .. Small, .. options], new DeferredLoader()).Command).Resources, 1, [run], isTest: false, new Networks());
        var (host, device) = (Share(), Share("--device", "opencl"));
        Assert.Equal(host.BytesOf(run), host.MachineBytesOf(run));
        if (device.Device!.IsCpu) Assert.Equal(device.BytesOf(run) + device.DeviceBytesOf(run), device.MachineBytesOf(run));
    }

    [SkippableFact]
    public void Commands_warn_of_a_slow_device_and_say_where_a_run_changes_its_device()
    {
        GpuDevices.Need();
        using var session = new Session();
        Ended Run(params string[] words)
        {
            var ended = session.Run(words);
            Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
            return ended;
        }
        void Warns(int times, params string[] words) =>
            Assert.Equal(times, Run(words).Messages.Count(line => line.Contains(OnTheCpu, StringComparison.Ordinal)));

        Assert.Contains(
            Run(["train", .. Small, "--device", "opencl", "--history", "9", "--out", session.Out]).Messages,
            line => line.Contains("--history has no effect on opencl:0", StringComparison.Ordinal));
        var folder = Path.GetDirectoryName(Directory.EnumerateFiles(session.Out, "config.json", SearchOption.AllDirectories).Single())!;
        Warns(1, "eval", folder, "--device", "opencl");
        Warns(0, "eval", folder);
        Warns(1, ["train", .. Small, "--device", "opencl", "--out", Path.Combine(session.Out, "other")]);
        Warns(1, "bench", "step", "--hidden", "4", "--batch", "2", "--steps", "3", "--repeat", "2", "--device", "opencl");

        string? Moves(params string[] words) =>
            Run(["resume", folder, .. words]).Messages.SingleOrDefault(line => line.Contains("was trained on", StringComparison.Ordinal));
        var device = RunDevices.Of(folder).Single();
        Assert.StartsWith("opencl:0 (", device);
        Assert.EndsWith($"was trained on {device} so far, goes on on the CPU", Moves("max_batch=5"));
        Assert.Null(Moves("max_batch=7"));
        Assert.EndsWith($"was trained on the CPU so far, goes on on {device}", Moves("max_batch=9", "--device", "opencl"));
        Assert.Contains($"trained on: {device}, then the CPU, then {device}", Run("show", folder).Results);
        Assert.Equal(
            [device, "the CPU", device],
            JsonDocument.Parse(Run("show", folder, "--json").Output).RootElement.GetProperty("devices").EnumerateArray().Select(one => one.GetString()!));
    }

    [SkippableFact]
    public void A_learner_that_gets_no_memory_of_the_host_gives_back_what_it_took()
    {
        var options = NetworkOptions.Default;
        (options.Inputs, options.Hidden, options.Outputs, options.Batch) = (3, 9, 2, 3);
        var network = new PlasticNetwork(options);
        using var crew = new Crew(1);
        using var device = new PoorDevice(GpuDevices.Open());
        using var executor = new GpuExecutor(network.Program, device);
        executor.Reserve(4, wantGradient: true);
        var before = device.Held;
        var thrown = Assert.Throws<DeviceException>(
            () => new GpuLearner(executor, 4, network.InitialValues(1), new AdamWSettings(), double.PositiveInfinity, crew));
        Assert.Equal(DeviceFault.Memory, thrown.Fault);
        Assert.Contains("pinned memory of the host for batches", thrown.Message);
        Assert.True(device.Staged > 0);
        Assert.Equal(before, device.Held);
    }

    /// <summary>A device whose host has memory for three copies, and that counts what is held.</summary>
    private sealed class PoorDevice(IDevice device) : WrappedDevice(device)
    {
        public int Staged { get; private set; }

        public int Held { get; private set; }

        public override DeviceBuffer Allocate(long floats, string what)
        {
            var taken = base.Allocate(floats, what);
            Held++;
            return new DeviceBuffer(taken.Handle, taken.Floats, _ => Release(taken));
        }

        public override HostMemory Stage(int floats)
        {
            if (Staged == 3) throw new DeviceException(DeviceFault.Memory, "no more (a test's code)");
            Staged++;
            Held++;
            var taken = base.Stage(floats);
            return new HostMemory(taken.Address, floats, _ => Release(taken));
        }

        private void Release(IDisposable taken)
        {
            taken.Dispose();
            Held--;
        }
    }
}
