using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>--dry-run: what would be trained, how large it is, and how long it would take.</summary>
/// <param name="name">What the runs belong to.</param>
/// <param name="runs">The runs.</param>
/// <param name="isTest">Whether they train nothing.</param>
/// <param name="directory">The folder that holds runs/.</param>
/// <param name="resources">What they may use of the machine.</param>
/// <param name="jobs">Runs in parallel.</param>
internal sealed class DryRun(string name, IReadOnlyList<Run> runs, bool isTest, string directory, Resources resources, int jobs)
{
    private readonly Networks networks = new();

    /// <summary>Prints it.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public ExitCode Run(Output output, CancellationToken stop)
    {
        var rows = new List<object>();
        var total = 0.0;
        var todo = runs
            .Where(run => RunDirectory.Inspect(PathOf(run), run) != RunPresence.Finished).ToHashSet();
        var share = new MachineShare(resources, jobs, [.. todo], isTest, networks);
        share.RequireMemory();
        if (todo.Count > 0) resources.WarnOf(share.Device, output);
        var times = new RunTimes(resources, isTest, networks, stop);
        foreach (var run in runs)
        {
            var path = PathOf(run);
            var isFinished = !todo.Contains(run);
            var network = networks.Of(run);
            var parameters = network.Parameters.Sum(p => (long)p.Size);
            var updates = isTest ? 0 : run.Settings.MaxBatch + 1;
            var measured = isFinished ? null : times.Of(run);
            var seconds = measured is null ? 0 : RunTimes.Seconds(run, measured, updates);
            total += seconds;
            rows.Add(new
            {
                run.Point,
                run.Seed,
                Directory = path,
                run.Units,
                Parameters = parameters,
                Updates = updates,
                MemoryMb = isFinished ? (long?)null : Memory.Megabytes(share.BytesOf(run)),
                Device = share.Device?.Name,
                DeviceBytes = isFinished || share.Device is null ? (long?)null : share.DeviceBytesOf(run),
                Finished = isFinished,
                Seconds = Math.Round(seconds, 1),
                ScaledFrom = measured?.From,
            });
            output.Result(
                $"{path}: {run.Units} units, {parameters} parameters, {CountText.Of(updates, "update")}, "
                + (isFinished
                    ? "finished earlier"
                    : $"{Memory.Megabytes(share.BytesOf(run))} MB, "
                        + (share.Device is { } device ? $"{Memory.Megabytes(share.DeviceBytesOf(run))} MB of {device.Name}, " : "")
                        + $"about {DurationText.Of(TimeSpan.FromSeconds(seconds))}"
                        + (measured?.From is { } smaller ? $" (scaled up from {smaller})" : "")));
        }
        output.Document(new { Name = name, Runs = rows, Seconds = Math.Round(total, 1) });
        output.Result(
            $"{CountText.Of(runs.Count, "run")} of {name}, about "
            + $"{DurationText.Of(TimeSpan.FromSeconds(total))} one after the other on "
            + $"{CountText.Of(resources.ThreadCount(), "thread")}; nothing was trained");
        return ExitCode.Ok;
    }

    private string PathOf(Run run) => RunDirectory.PathOf(directory, run);
}
