using System.Globalization;
using System.Text.Json.Nodes;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// `plastic bench roofline`: what the machine can do, what a training step asks of it, and how near the two are for each
/// part of the step.
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
        var rows = Parts.Select(part => Row(
            part.Name, profiles.Sum(p => p.Seconds(part.Part)), times * StepCosts.Of(timer.Program, part.Part), available)).ToList();
        rows.Add(Row("sums, clip, AdamW, waiting", available - rows.Sum(row => row.Seconds), default, available));

        Report(rows, limits, timer, wall / request.Repeat, output);
        output.Document(Json(rows, limits, timer, wall / request.Repeat));
        return ExitCode.Ok;
    }

    private sealed record Line(string Name, double Seconds, double Share, double FlopsPerSecond, double BytesPerSecond);

    /// <summary>Rates as if all threads had been at it for as long as it took them together.</summary>
    private static Line Row(string name, double seconds, Cost cost, double available) =>
        new(name, seconds, seconds / available, cost.Flops / seconds, cost.Bytes / seconds);

    private static void Report(List<Line> rows, MachineLimits limits, StepTimer timer, double step, Output output)
    {
        var threads = timer.Threads;
        output.Result(Invariant(
            $"{threads} threads: {limits.FlopsPerSecond / 1e9:0} GFLOP/s, {limits.CacheBytesPerSecond / 1e9:0} GB/s from the second-level cache, {limits.MemoryBytesPerSecond / 1e9:0} GB/s from memory"));
        output.Result(Invariant($"a training step takes {step * 1000:0.00} ms"));
        output.Result($"{"",-28}{"time",7}{"GFLOP/s",10}{"of peak",9}{"GB/s",8}{"of cache",10}");
        foreach (var row in rows)
        {
            output.Result(row.FlopsPerSecond > 0
                ? Invariant(
                    $"{row.Name,-28}{row.Share,7:0%}{row.FlopsPerSecond * threads / 1e9,10:0}{row.FlopsPerSecond * threads / limits.FlopsPerSecond,9:0%}{row.BytesPerSecond * threads / 1e9,8:0}{row.BytesPerSecond * threads / limits.CacheBytesPerSecond,10:0%}")
                : Invariant($"{row.Name,-28}{row.Share,7:0%}"));
        }
        output.Result("counted from the Program, every matrix once an operation: fused passes may show more than the cache gives");
    }

    private static JsonObject Json(List<Line> rows, MachineLimits limits, StepTimer timer, double step) => new()
    {
        ["threads"] = timer.Threads,
        ["flops_per_second"] = limits.FlopsPerSecond,
        ["cache_bytes_per_second"] = limits.CacheBytesPerSecond,
        ["memory_bytes_per_second"] = limits.MemoryBytesPerSecond,
        ["seconds_per_step"] = step,
        ["parts"] = new JsonArray([.. rows.Select(row => new JsonObject
        {
            ["name"] = row.Name,
            ["share"] = row.Share,
            ["flops_per_second"] = row.FlopsPerSecond * timer.Threads,
            ["of_peak"] = row.FlopsPerSecond * timer.Threads / limits.FlopsPerSecond,
            ["bytes_per_second"] = row.BytesPerSecond * timer.Threads,
            ["of_cache"] = row.BytesPerSecond * timer.Threads / limits.CacheBytesPerSecond,
        })]),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
