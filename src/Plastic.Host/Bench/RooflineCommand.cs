using System.Globalization;
using Plastic.CommandLine;
using Plastic.Engine;

namespace Plastic.Host;

/// <summary>
/// `plastic bench roofline`: the machine's limits, what a training step requires, and how close each part of the step comes
/// to the limits.
/// </summary>
internal static class RooflineCommand
{
    private static readonly (StepPart Part, string Name)[] Parts =
    [
        (StepPart.Forward, "synapses, forward"),
        (StepPart.Backward, "synapses, backward"),
        (StepPart.WeightGradients, "slow weights' gradients"),
        (StepPart.Vectors, "vectors"),
        (StepPart.Other, "data, states, shards"),
    ];

    public static ExitCode Run(RooflineRequest request, Output output)
    {
        using var timer = new StepTimer(request.Workload, request.Resources);
        var limits = MachineLimits.Measure(timer.Crew);
        timer.Time(1);
        var profiles = timer.StartProfiling();
        var wall = Enumerable.Range(0, request.Repeat).Sum(_ => timer.Step());
        var available = wall * timer.Threads;
        var times = request.Repeat * (double)request.Workload.Steps * request.Workload.Network.Batch;
        var costs = new StepCosts(timer.Program, request.Workload.Steps);
        var rows = Parts.Select(part => new Line(
            part.Name, profiles.Sum(p => p.Seconds(part.Part)), times * costs.Of(part.Part))).ToList();
        rows.Add(new Line("sums, clip, optimiser, waiting", Math.Max(0, available - rows.Sum(row => row.Seconds)), default));

        Report(rows, limits, timer, wall / request.Repeat, output);
        output.Document(new
        {
            timer.Threads,
            limits.FlopsPerSecond,
            limits.CacheBytesPerSecond,
            limits.MemoryBytesPerSecond,
            SecondsPerStepProfiled = wall / request.Repeat,
            Parts = rows.Select(row => new
            {
                row.Name,
                Share = row.Seconds / rows.Sum(r => r.Seconds),
                row.Cost.Flops,
                row.Cost.Bytes,
                row.Seconds,
                OfBound = row.Seconds > 0 ? row.Bound(limits, timer.Threads).Seconds / row.Seconds : 0,
                Bound = row.Bound(limits, timer.Threads).Limit,
            }),
        });
        return ExitCode.Ok;
    }

    /// <summary>A part of the step: the total seconds of all threads, and the work done in that time.</summary>
    private sealed record Line(string Name, double Seconds, Cost Cost)
    {
        /// <summary>The shortest time that one thread's share of the machine allows, in seconds, and the limit that sets it.</summary>
        public (double Seconds, string Limit) Bound(MachineLimits limits, int threads)
        {
            var arithmetic = Cost.Flops / (limits.FlopsPerSecond / threads);
            var traffic = Cost.Bytes / (limits.CacheBytesPerSecond / threads);
            return arithmetic >= traffic ? (arithmetic, "arithmetic") : (traffic, "cache");
        }
    }

    private static void Report(List<Line> rows, MachineLimits limits, StepTimer timer, double step, Output output)
    {
        var threads = timer.Threads;
        output.Result(Invariant(
            $"{threads} threads: {limits.FlopsPerSecond / 1e9:0} GFLOP/s, {limits.CacheBytesPerSecond / 1e9:0} GB/s from the second-level cache, {limits.MemoryBytesPerSecond / 1e9:0} GB/s from memory"));
        output.Result(Invariant($"a training step takes {step * 1000:0.00} ms"));
        output.Result($"{"",-28}{"time",6}{"GFLOP/s",10}{"GB/s",7}{"of bound",10}  bound");
        var total = rows.Sum(row => row.Seconds);
        foreach (var row in rows)
        {
            var (bound, limit) = row.Bound(limits, threads);
            var share = Invariant($"{row.Name,-28}{row.Seconds / total,6:0%}");
            output.Result(bound == 0
                ? share
                : share + Invariant(
                    $"{row.Cost.Flops / row.Seconds * threads / 1e9,10:0}{row.Cost.Bytes / row.Seconds * threads / 1e9,7:0}{bound / row.Seconds,10:0%}  {limit}"));
        }
        output.Result("arithmetic and minimum traffic from the second-level cache, counted from the StepProgram");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
