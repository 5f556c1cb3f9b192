using Plastic.CommandLine;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>How the runs of a command share the machine's threads and memory.</summary>
internal sealed class MachineShare
{
    private readonly Dictionary<string, long> bytes, deviceBytes = [];
    private readonly IReadOnlyList<Run> runs;
    private readonly int ranks;

    /// <param name="resources">What the command may use.</param>
    /// <param name="jobs">The number of runs in parallel, at most.</param>
    /// <param name="runs">The runs that are left to do.</param>
    /// <param name="isTest">Whether they train nothing.</param>
    /// <param name="networks">The runs' networks.</param>
    /// <exception cref="DeviceException">There is no such device, or a run needs a larger buffer than it allows.</exception>
    public MachineShare(Resources resources, int jobs, IReadOnlyList<Run> runs, bool isTest, Networks networks)
    {
        this.runs = runs;
        ranks = resources.RanksHere();
        Device = resources.RequireDevice();
        Jobs = Math.Max(1, Math.Min(jobs, runs.Count));
        Threads = Math.Max(1, resources.ThreadCount() / Jobs);
        var (history, isOnDevice) = (resources.History(), Device is not null);
        // A point's runs differ in the seed alone.
        var points = runs.DistinctBy(run => run.PointDirectory).ToArray();
        bytes = points.ToDictionary(run => run.PointDirectory, run => isTest
            ? Memory.OfTesting(run, networks.Of(run), Threads, history, isOnDevice)
            : Memory.OfTraining(run, networks.Of(run), Threads, history, isOnDevice));
        if (Device is null) return;
        deviceBytes = points.ToDictionary(run => run.PointDirectory, run => Placement.DeviceBytes(
            networks.Of(run), run.Episodes.Steps, isTest ? null : run.Settings.Optimiser(), Device));
    }

    /// <summary>The device that the runs use; null for the CPU.</summary>
    public DeviceFacts? Device { get; }

    /// <summary>The number of runs trained in parallel.</summary>
    public int Jobs { get; }

    /// <summary>The number of threads of each run.</summary>
    public int Threads { get; }

    /// <summary>The memory of one of the runs, in bytes.</summary>
    public long BytesOf(Run run) => bytes[run.PointDirectory];

    /// <summary>The memory of one of the runs on the device, in bytes.</summary>
    public long DeviceBytesOf(Run run) => deviceBytes[run.PointDirectory];

    /// <summary>The bytes of this machine's memory that one of the runs takes: a device that is its CPU has the same memory.</summary>
    public long MachineBytesOf(Run run) => BytesOf(run) + (Device is { IsCpu: true } ? DeviceBytesOf(run) : 0);

    /// <summary>Stops a command whose largest runs, as many as go at the same time, do not fit.</summary>
    /// <param name="advice">What the user can do, for the message.</param>
    /// <exception cref="PlasticException">They need more memory than the machine has.</exception>
    /// <exception cref="DeviceException">They need more memory than the device has.</exception>
    public void RequireMemory(string advice = "a smaller hidden or batch, fewer --threads or --jobs, or a lower --history")
    {
        var largest = runs.OrderByDescending(MachineBytesOf).Take(Jobs).ToArray();
        if (largest.Length == 0) return;
        if (Device is not null) RequireDeviceMemory(Device);
        Memory.Require(largest[0].Title, MachineBytesOf(largest[0]), advice, ranks: ranks);
        Memory.Require($"{largest[0].Title} and {Jobs - 1} more in parallel", largest.Sum(MachineBytesOf), advice, ranks: ranks);
    }

    private void RequireDeviceMemory(DeviceFacts device)
    {
        var largest = runs.OrderByDescending(DeviceBytesOf).Take(Jobs).ToArray();
        var needed = largest.Sum(DeviceBytesOf);
        if (needed <= device.MemoryBytes) return;
        throw new DeviceException(
            DeviceFault.Memory,
            $"{largest[0].Title}{(Jobs > 1 ? $" and {Jobs - 1} more in parallel" : "")} needs {Memory.Megabytes(needed)} MB of {device.Name} "
            + $"({device.Model}), which has {Memory.Megabytes(device.MemoryBytes)} MB: try a smaller hidden or batch{(Jobs > 1 ? ", or fewer --jobs" : "")}");
    }
}
