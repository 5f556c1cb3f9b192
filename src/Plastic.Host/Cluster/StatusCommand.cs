using System.Text.Json;
using Plastic.CommandLine;

namespace Plastic.Host;

/// <summary>`plastic status NAME`: where the runs of an experiment stand, from their folders and Slurm's queue.</summary>
internal static class StatusCommand
{
    // More runs than this are shown only where there is something to say of them, unless -v asks for all.
    private const int MostShown = 24;

    public static ExitCode Run(StatusRequest request, Output output)
    {
        var runs = ClusterRuns.Of(request.Directory, request.Name);
        if (runs.QueueFault.Length > 0) output.Warn($"waiting jobs are not seen: {runs.QueueFault}");
        output.Document(new
        {
            request.Name,
            Counts = Enum.GetValues<ClusterState>().ToDictionary(NameOf, runs.Count),
            runs.StepsLeft,
            SecondsLeft = runs.SecondsLeft is { } seconds ? Math.Round(seconds) : (double?)null,
            Runs = runs.All.Select(run => new
            {
                run.Directory,
                State = NameOf(run.State),
                run.Step,
                run.Updates,
                SecondsLeft = run.SecondsLeft is { } left ? Math.Round(left) : (double?)null,
                run.Job,
                run.Note,
            }),
        });
        foreach (var line in Table(Shown(runs, output.Verbose), output.ResultsWidth)) output.Result(line);
        output.Result(Paragraph.Of(Summary(runs), ", ", output.ResultsWidth));
        return ExitCode.Ok;
    }

    private static ClusterRun[] Shown(ClusterRuns runs, bool isWhole) =>
    [
        .. runs.All.Where(run => isWhole || runs.All.Count <= MostShown || run.State is not (ClusterState.Finished or ClusterState.Waiting)),
    ];

    /// <summary>A line a run: the settings that differ, its state, step and time left.</summary>
    private static IEnumerable<string> Table(ClusterRun[] runs, int? width)
    {
        if (runs.Length == 0) return [];
        var differing = runs.SelectMany(run => run.Settings.Keys).Distinct()
            .Where(key => runs.Select(run => Text(run, key)).Distinct().Count() > 1).ToArray();
        var rows = runs.Select(run => (string[])
        [
            .. differing.Select(key => Text(run, key)), NameOf(run.State), $"{run.Step}", run.Updates > 0 ? $"{run.Updates}" : "",
            run.SecondsLeft is { } left ? DurationText.Of(TimeSpan.FromSeconds(left)) : "", run.Job ?? "", SafeText.Line(run.Note),
        ]).Prepend([.. differing, "state", "step", "of", "left", "job", "note"]).ToArray();
        // The note is left out first, then the job and the settings from the last; state, step and time stay.
        int[] ranks = [.. differing.Select((_, k) => 1 + k), 0, 0, differing.Length + 1, 0, differing.Length + 2, differing.Length + 3];
        bool[] numbers = [.. differing.Select(_ => false), false, true, true, true, false, false];
        return Columns.Lines(rows, ranks, numbers, width);
    }

    private static IEnumerable<string> Summary(ClusterRuns runs)
    {
        yield return CountText.Of(runs.All.Count, "run");
        foreach (var state in Enum.GetValues<ClusterState>())
        {
            if (runs.Count(state) is > 0 and var count) yield return $"{count} {NameOf(state)}";
        }
        if (runs.StepsLeft > 0) yield return $"{CountText.Of(runs.StepsLeft, "step")} left";
        if (runs.SecondsLeft is { } seconds) yield return $"about {DurationText.Of(TimeSpan.FromSeconds(seconds))} at this pace";
    }

    private static string Text(ClusterRun run, string key) =>
        !run.Settings.TryGetValue(key, out var value) ? ""
        : value.ValueKind == JsonValueKind.String ? SafeText.Line(value.GetString()!)
        : value.ValueKind == JsonValueKind.Null ? "none"
        : value.GetRawText();

    private static string NameOf(ClusterState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{state}");
}
