using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>How the runs of a command share the machine's threads and memory.</summary>
internal sealed class MachineShare
{
    private readonly Dictionary<string, long> bytes;
    private readonly IReadOnlyList<Run> runs;

    /// <param name="request">The command.</param>
    /// <param name="runs">The runs that are left to do.</param>
    /// <param name="networks">The runs' networks.</param>
    public MachineShare(TrainRequest request, IReadOnlyList<Run> runs, Networks networks)
    {
        this.runs = runs;
        Jobs = Math.Max(1, Math.Min(request.Jobs, runs.Count));
        Threads = Math.Max(1, request.Resources.ThreadCount() / Jobs);
        var history = request.Resources.History();
        // A point's runs differ in the seed alone.
        bytes = runs.DistinctBy(run => run.Point).ToDictionary(run => run.Point, run => request.Plan.IsTest
            ? Memory.OfTesting(run, networks.Of(run), Threads, history)
            : Memory.OfTraining(run, networks.Of(run), Threads, history));
    }

    /// <summary>The number of runs trained in parallel.</summary>
    public int Jobs { get; }

    /// <summary>The number of threads of each run.</summary>
    public int Threads { get; }

    /// <summary>The memory of one of the runs, in bytes.</summary>
    public long BytesOf(Run run) => bytes[run.Point];

    /// <summary>Stops a command whose largest runs, as many as go at the same time, do not fit.</summary>
    /// <exception cref="PlasticException">They need more memory than the machine has.</exception>
    public void RequireMemory()
    {
        var largest = runs.OrderByDescending(BytesOf).Take(Jobs).ToArray();
        if (largest.Length == 0) return;
        const string advice = "a smaller hidden or batch, fewer --threads or --jobs, or a lower --history";
        Memory.Require(largest[0].Title, BytesOf(largest[0]), advice);
        Memory.Require($"{largest[0].Title} and {Jobs - 1} more in parallel", largest.Sum(BytesOf), advice);
    }
}
