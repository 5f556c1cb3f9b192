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
        var times = request.Repeat * (double)request.Workload.Steps * request.Workload.Network.Batch;
        var all = new StepCosts(timer.Program, request.Workload.Steps);
        var nonzero = new StepCosts(timer.Program, request.Workload.Steps, profiles.FirstOrDefault(p => p.HasDensities));
        var rows = Parts.Select(part => new Line(
            part.Name, profiles.Sum(p => p.Seconds(part.Part)), times * all.Of(part.Part), times * nonzero.Of(part.Part))).ToList();
        var rest = Math.Max(0, wall * timer.Threads - rows.Sum(row => row.Seconds));
        rows.Add(new Line("sums, clip, optimiser, waiting", rest, default, default));
        var whole = new Line("whole", rows.Sum(r => r.Seconds), Sum(rows, r => r.Cost), Sum(rows, r => r.Nonzero))
        {
            // Each part has its own limit.
            Parts = rows,
        };

        Report(rows, whole, limits, timer.Threads, wall / request.Repeat, output);
        output.Document(new
        {
            Processor = EnvironmentFacts.MachineProcessor,
            VectorBits = EnvironmentFacts.MachineVectorBits,
            timer.Threads,
            limits.FlopsPerSecond,
            limits.CacheBytesPerSecond,
            limits.MemoryBytesPerSecond,
            SecondsPerStepProfiled = wall / request.Repeat,
            OfBound = whole.OfBound(limits, timer.Threads),
            OfBoundWithoutZeros = whole.OfBoundWithoutZeros(limits, timer.Threads),
            Parts = rows.Select(row => new
            {
                row.Name,
                Share = row.Seconds / whole.Seconds,
                row.Cost.Flops,
                NonzeroFlops = row.Nonzero.Flops,
                row.Cost.Bytes,
                row.Seconds,
                OfBound = row.OfBound(limits, timer.Threads),
                OfBoundWithoutZeros = row.OfBoundWithoutZeros(limits, timer.Threads),
                Bound = Line.Limit(row.Cost, limits).Name,
            }),
        });
        return ExitCode.Ok;
    }

    private static Cost Sum(IEnumerable<Line> rows, Func<Line, Cost> cost) => rows.Aggregate(default(Cost), (sum, row) => sum + cost(row));

    /// <summary>
    /// A part of the step: the total seconds of all threads, and the work done in that time: all of it, and without operations with a zero.
    /// </summary>
    private sealed record Line(string Name, double Seconds, Cost Cost, Cost Nonzero)
    {
        /// <summary>The parts of a whole.</summary>
        public IReadOnlyList<Line>? Parts { get; init; }

        /// <summary>The least time that the limits allow, as a share of the time taken; of a whole, that of its parts together.</summary>
        public double OfBound(MachineLimits limits, int threads) => Share(limits, threads, line => line.Cost);

        /// <summary>The same, for the work that is left without zeros.</summary>
        public double OfBoundWithoutZeros(MachineLimits limits, int threads) => Share(limits, threads, line => line.Nonzero);

        /// <summary>The shortest time for a cost on the whole machine, in seconds, and the limit that sets it.</summary>
        public static (double Seconds, string Name) Limit(Cost cost, MachineLimits limits)
        {
            double arithmetic = cost.Flops / limits.FlopsPerSecond, traffic = cost.Bytes / limits.CacheBytesPerSecond;
            return arithmetic >= traffic ? (arithmetic, "arithmetic") : (traffic, "cache");
        }

        private double Share(MachineLimits limits, int threads, Func<Line, Cost> cost) =>
            Seconds == 0 ? 0 : (Parts ?? [this]).Sum(line => Limit(cost(line), limits).Seconds) * threads / Seconds;
    }

    private static void Report(List<Line> rows, Line whole, MachineLimits limits, int threads, double step, Output output)
    {
        output.Result(Invariant($"{EnvironmentFacts.MachineProcessor}, vectors of {EnvironmentFacts.MachineVectorBits} bits"));
        output.Result(Invariant(
            $"{threads} threads: {limits.FlopsPerSecond / 1e9:0} GFLOP/s, {limits.CacheBytesPerSecond / 1e9:0} GB/s from the second-level cache, {limits.MemoryBytesPerSecond / 1e9:0} GB/s from memory"));
        output.Result(Invariant($"a training step takes {step * 1000:0.00} ms"));
        output.Result($"{"",-32}{"time",6}{"GFLOP/s",10}{"GB/s",7}{"of bound",10}{"no zeros",10}  bound");
        foreach (var row in rows.Append(whole))
        {
            var share = Invariant($"{row.Name,-32}{row.Seconds / whole.Seconds,6:0%}");
            output.Result(row.Cost == default
                ? share
                : share + Invariant(
                    $"{row.Cost.Flops / row.Seconds * threads / 1e9,10:0}{row.Cost.Bytes / row.Seconds * threads / 1e9,7:0}{row.OfBound(limits, threads),10:0%}{row.OfBoundWithoutZeros(limits, threads),10:0%}  {(row.Parts is null ? Line.Limit(row.Cost, limits).Name : "")}").TrimEnd());
        }
        output.Result(
            "work counted from the StepProgram: arithmetic, and the least traffic from the second-level cache; without zeros, only the "
            + "operations in which no operand is zero");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
