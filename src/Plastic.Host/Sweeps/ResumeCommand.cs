using Plastic.CommandLine;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// `plastic resume RUN [key=value …]`: continues a run from its newest checkpoint, whatever command started it; with max_batch=N for
/// longer, which works for a finished run too.
/// </summary>
internal static class ResumeCommand
{
    public static ExitCode Run(ResumeRequest request, IReadOnlyList<string> words, Output output, Team team)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.Run));
        var before = SavedRun.ReadToRun(path, request.Reading);
        var run = request.Under(before, out var conflict) ?? throw new PlasticException(ExitCode.Configuration, conflict);
        RunData.Remember(path, before.TaskFile);
        using var interruption = new Interruption();
        var ranks = new RankLeader(team, [run], interruption);
        ranks.RequireTrainable(isTest: false);
        var networks = new Networks();
        var share = new MachineShare(request.Resources, 1, [run], isTest: false, networks);
        share.RequireMemory("fewer --threads or a lower --history");
        request.Resources.WarnOf(share.Device, output);
        var display = IDisplay.For(output);
        if (!run.Settings.Equals(before.Settings)) Change(path, before, run, output);
        if (OutputFolder.Unlocked(path) is { } unlocked) output.Warn(unlocked);
        StopFile.Remove(path);
        try
        {
            var work = new RunWork(
                networks, request.Checkpoints, request.Resources, request.Resources.ThreadCount(),
                CommandText.Of(words), null, output, interruption.Token)
            {
                Ranks = ranks,
            };
            RunOutcome? outcome = null;
            var sweep = new Sweep([run]);
            display.Show(sweep, () =>
            {
                sweep.Began();
                outcome = work.Train(run, path, () => new Watchers(display.Begin(run), sweep.Watcher(run)));
                sweep.Ended(outcome);
                display.End(run, outcome.Line, hasFailed: false);
            });
            if (outcome!.IsStopped)
            {
                output.Message("stopped by plastic stop; run the same command again to resume");
                return ExitCode.TryAgain;
            }
            if (!outcome.Trained) output.Message($"{path} is already finished");
            output.Document(new { Runs = new[] { outcome.Report } });
            output.Result(outcome.Line);
            output.Result(path);
            return ExitCode.Ok;
        }
        catch (OperationCanceledException)
        {
            output.Message("stopped; run the same command again to resume");
            return interruption.Code;
        }
    }

    /// <summary>The run as another rank finds it in its folder, with its rule and its task.</summary>
    public static Run RunOf(ResumeRequest request) =>
        SavedRun.ReadToRun(Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.Run)), request.Reading);

    private static void Change(string path, Run before, Run run, Output output)
    {
        using (var claim = RunClaim.Take(path))
        {
            if (!SavedRun.Read(path).Settings.Equals(before.Settings))
            {
                throw new PlasticException(ExitCode.Exists, $"another process changed the settings of {path} in the meantime");
            }
            claim.Change(run, output.Warn);
        }
        var changes = SettingsChanges.Between(before.Settings, run.Settings)
            .Select(change => $"{change.Key} {change.Before} → {change.After}");
        var isOther = before.Is(run.Settings) ? "" : ": the run no longer belongs to its experiment, whose figures and tables leave it out";
        output.Message(string.Join(", ", changes) + isOther);
    }
}
