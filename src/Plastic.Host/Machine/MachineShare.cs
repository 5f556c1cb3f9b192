using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>What each run of a command gets of the machine, and what it takes of its memory.</summary>
internal sealed class MachineShare
{
    private readonly Dictionary<string, long> bytes;
    private readonly IReadOnlyList<Run> runs;

    /// <param name="request">The command.</param>
    /// <param name="runs">The runs that it is to do.</param>
    public MachineShare(TrainRequest request, IReadOnlyList<Run> runs)
    {
        this.runs = runs;
        Jobs = Math.Max(1, Math.Min(request.Jobs, runs.Count));
        Threads = Math.Max(1, request.Resources.ThreadCount() / Jobs);
        var history = request.Resources.History();
        // A point's runs differ in nothing but the seed.
        bytes = runs.DistinctBy(run => run.Point).ToDictionary(run => run.Point, run =>
        {
            var network = new PlasticNetwork(run.Network);
            return request.Plan.IsTest
                ? Memory.OfTesting(run, network, Threads, history)
                : Memory.OfTraining(run, network, Threads, history);
        });
    }

    /// <summary>Runs at a time.</summary>
    public int Jobs { get; }

    /// <summary>Threads of each.</summary>
    public int Threads { get; }

    /// <summary>The bytes that one of the runs takes.</summary>
    public long BytesOf(Run run) => bytes[run.Point];

    /// <summary>Refuses runs of which the largest, as many as go at a time, cannot fit.</summary>
    /// <exception cref="PlasticException">They need more than there is.</exception>
    public void RequireMemory()
    {
        var largest = runs.OrderByDescending(BytesOf).Take(Jobs).ToArray();
        if (largest.Length == 0) return;
        const string advice = "a smaller hidden or batch, fewer --threads or --jobs, or less --history";
        Memory.Require(largest[0].Title, BytesOf(largest[0]), advice);
        Memory.Require($"{largest[0].Title} and {Jobs - 1} more at the same time", largest.Sum(BytesOf), advice);
    }
}
