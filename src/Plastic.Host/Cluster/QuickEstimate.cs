using System.Diagnostics;
using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// About how long runs take, in little time: steps of the largest and the smallest kind of run are measured, then of others while there is
/// time; the rest follow from their arithmetic.
/// </summary>
internal static class QuickEstimate
{
    // Not much longer than the runtime needs to compile what is measured.
    private const double Patience = 0.1;

    /// <summary>Seconds that each run has left.</summary>
    /// <param name="runs">The runs, with their folders.</param>
    /// <param name="resources">What each may use.</param>
    /// <param name="networks">Their networks.</param>
    /// <param name="budget">Seconds after which no further kind is measured.</param>
    /// <param name="stop">Asks to stop.</param>
    public static IReadOnlyList<double> Of(
        IReadOnlyList<(Run Run, string Path)> runs, Resources resources, Networks networks, double budget, CancellationToken stop)
    {
        var times = new RunTimes(resources, isTest: false, networks, stop) { Patience = Patience };
        var kinds = runs.Select(each => each.Run).GroupBy(RunTimes.Key)
            .ToDictionary(kind => kind.Key, kind => (Run: kind.First(), Flops: RunTimes.Flops(kind.First(), networks.Of(kind.First()))));
        var bySize = kinds.Values.OrderByDescending(kind => kind.Flops).ToArray();
        var (steps, evaluations) = (new Dictionary<double, double>(), new Dictionary<double, double>());
        var clock = Stopwatch.StartNew();
        foreach (var (run, flops) in bySize.Take(1).Concat(bySize.Skip(1).Reverse()))
        {
            // The first is measured in any case.
            if (steps.Count > 0 && clock.Elapsed.TotalSeconds > budget) break;
            var measured = times.Of(run);
            (steps[flops], evaluations[flops]) = (measured.Step, measured.Evaluation);
        }
        return
        [
            .. runs.Select(each =>
            {
                var flops = kinds[RunTimes.Key(each.Run)].Flops;
                var measured = new MeasuredRun(CostEstimate.Of(steps, flops), CostEstimate.Of(evaluations, flops), null);
                var done = Checkpoint.NewestStep(Path.Combine(each.Path, RunDirectory.Checkpoints));
                return RunTimes.Seconds(each.Run, measured, Math.Max(1, each.Run.Settings.MaxBatch + 1 - done));
            }),
        ];
    }
}
