using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>`plastic train NAME --dry-run`: what would be trained, how large it is, and how long it would take.</summary>
internal sealed class DryRun(TrainRequest request, CancellationToken stop)
{
    private readonly Networks networks = new();

    public static ExitCode Run(TrainRequest request, Output output, CancellationToken stop) => new DryRun(request, stop).Run(output);

    private ExitCode Run(Output output)
    {
        var rows = new List<object>();
        var total = 0.0;
        var todo = request.Plan.Runs
            .Where(run => RunDirectory.Inspect(PathOf(run), run) != RunPresence.Finished).ToHashSet();
        var share = new MachineShare(request.Resources, request.Jobs, [.. todo], request.Plan.IsTest, networks);
        share.RequireMemory();
        if (todo.Count > 0) request.Resources.WarnOf(share.Device, output);
        var times = new RunTimes(request.Resources, request.Plan.IsTest, networks, stop);
        foreach (var run in request.Plan.Runs)
        {
            var path = PathOf(run);
            var isFinished = !todo.Contains(run);
            var network = networks.Of(run);
            var parameters = network.Parameters.Sum(p => (long)p.Size);
            var updates = request.Plan.IsTest ? 0 : run.Settings.MaxBatch + 1;
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
        output.Document(new { request.Plan.Name, Runs = rows, Seconds = Math.Round(total, 1) });
        output.Result(
            $"{CountText.Of(request.Plan.Runs.Count, "run")} of {request.Plan.Name}, about "
            + $"{DurationText.Of(TimeSpan.FromSeconds(total))} one after the other on "
            + $"{CountText.Of(request.Resources.ThreadCount(), "thread")}; nothing was trained");
        return ExitCode.Ok;
    }

    private string PathOf(Run run) => RunDirectory.PathOf(request.Directory, run);
}
