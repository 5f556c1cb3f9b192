using Plastic.CommandLine;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// `plastic train NAME`: every run of an experiment, with --jobs several in parallel, then its figures. Finished runs are not trained
/// again.
/// </summary>
internal sealed class TrainCommand
{
    // Reasons of more failed runs than this would fill the screen; each was shown when it failed.
    private const int MostNamed = 4;

    private readonly TrainRequest request;
    private readonly Output output;
    private MachineShare? share;
    private readonly string command;
    private readonly RunQueue queue;
    private readonly CancellationToken stop;
    private readonly RankLeader ranks;
    private readonly Networks networks = new();
    private readonly SameRuns same;

    private TrainCommand(TrainRequest request, IReadOnlyList<string> words, Output output, Interruption interruption, Team team)
    {
        ranks = new RankLeader(team, request.Plan.Runs, interruption);
        this.request = request;
        this.output = output;
        stop = interruption.Token;
        command = CommandText.Of(words);
        queue = new RunQueue(output, stop);
        same = new SameRuns(RunDirectory.Root(request.Directory));
    }

    /// <param name="request">What to train.</param>
    /// <param name="words">The command line, for the record.</param>
    /// <param name="output">Where results and messages go.</param>
    /// <param name="team">The ranks, of which this is the first.</param>
    public static ExitCode Run(TrainRequest request, IReadOnlyList<string> words, Output output, Team team)
    {
        foreach (var idle in request.Plan.Idle) output.Warn(idle);
        using var interruption = new Interruption();
        if (request.DryRun) return Estimate(request, output, interruption);
        var command = new TrainCommand(request, words, output, interruption, team);
        try
        {
            return command.RunAll();
        }
        catch (OperationCanceledException)
        {
            if (command.queue.Unsaved is not { } failure)
            {
                output.Message("stopped; run the same command again to resume");
                return interruption.Code;
            }
            output.Error(failure);
            return failure.Code;
        }
    }

    private static ExitCode Estimate(TrainRequest request, Output output, Interruption interruption)
    {
        try
        {
            var (plan, resources) = (request.Plan, request.Resources);
            return new DryRun(plan.Name, plan.Runs, plan.IsTest, request.Directory, resources, request.Jobs).Run(output, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            output.Message("stopped; nothing was trained");
            return interruption.Code;
        }
    }

    private ExitCode RunAll()
    {
        // All checks first: a conflict should not appear after hours of training.
        foreach (var run in request.Plan.Runs) ImageTask.Require(run.Task);
        if (request.Plan.IsTest && request.Checkpoints.Resume == Resume.Must)
        {
            throw new PlasticException(
                ExitCode.Usage, $"{request.Plan.Name} trains nothing and has no checkpoints: --resume must does not apply to it");
        }
        ranks.RequireTrainable(request.Plan.IsTest);
        request.Resources.RequireDevice();
        OutputFolder.RequireWritable(Path.Combine(RunDirectory.Root(request.Directory), request.Plan.Name));
        OutputFolder.RequireWritable(FiguresCommand.Folder(request.Directory, request.Plan));
        if (OutputFolder.Unlocked(RunDirectory.Root(request.Directory)) is { } unlocked) output.Warn(unlocked);
        var todo = new List<Run>();
        foreach (var run in request.Plan.Runs)
        {
            if (RunDirectory.Inspect(PathOf(run), run) != RunPresence.Finished) todo.Add(run);
        }
        share = new MachineShare(request.Resources, request.Jobs, todo, request.Plan.IsTest, networks);
        share.RequireMemory();
        if (todo.Count > 0) request.Resources.WarnOf(share.Device, output);
        // Who asks for a run again takes back what stopped it.
        foreach (var run in todo) StopFile.Remove(PathOf(run));
        var sources = request.Plan.Runs.Zip(request.Plan.Tested).ToDictionary(pair => pair.First, pair => pair.Second);
        var missing = sources.Values.Where(source => !RunDirectory.IsFinished(PathOf(source), source)).ToArray();
        if (missing.Length > 0)
        {
            throw new PlasticException(
                ExitCode.MissingInput,
                $"{request.Plan.Name} tests networks of {missing[0].Experiment}; {missing.Length} of them have not been trained: "
                + string.Join("; ", missing.Select(source => source.Directory)));
        }
        var outcomes = RunEvery(todo, run => sources.TryGetValue(run, out var source)
            ? Work.Test(run, PathOf(run), source, PathOf(source))
            : Work.Train(run, PathOf(run), () => queue.Watcher(run)));
        var failed = outcomes.Where(outcome => outcome.Failure is not null).ToArray();
        var stopped = outcomes.Count(outcome => outcome.IsStopped);
        var waiting = outcomes.Count(outcome => outcome is { Failure: null, Result: null, IsStopped: false });
        var failure = failed switch
        {
            [] => null,
            [var only] when outcomes.Length == 1 => only.Failure,
            _ => new Failure(
                ExitCode.SomeFailed,
                $"{failed.Length} of {outcomes.Length} runs failed{(waiting > 0 ? $", {waiting} were not started" : "")}: "
                + string.Join("; ", failed.Take(MostNamed).Select(outcome => $"{outcome.Run.Title}: {outcome.Failure!.Line}"))
                + (failed.Length > MostNamed ? $"; and {failed.Length - MostNamed} more" : "")),
        };
        IReadOnlyList<string> figures = [];
        try
        {
            // Of a sweep that failed in part, what there is.
            if (outcomes.Any(outcome => outcome.Result is not null)) figures = Figures(allowMissing: failure is not null || stopped > 0);
        }
        catch (PlasticException thrown)
        {
            // The runs are finished all the same; and why one failed is more than why nothing could be drawn.
            failure ??= Failure.Of(thrown);
        }
        Report(outcomes, figures);
        if (failure is not null)
        {
            output.Error(failure);
            return failure.Code;
        }
        if (stopped == 0) return ExitCode.Ok;
        output.Message($"{stopped} of {CountText.Of(outcomes.Length, "run")} stopped by plastic stop; run the same command again to resume");
        return ExitCode.TryAgain;
    }

    private RunWork Work => new(networks, request.Checkpoints, request.Resources, share!.Threads, command, request.Label, output, stop)
    {
        EventsFile = run => request.TensorBoard ? RunEvents.FileOf(request.Directory, run) : null,
        Same = request.TensorBoard ? null : same,
        Ranks = ranks,
    };

    private string PathOf(Run run) => RunDirectory.PathOf(request.Directory, run);

    /// <summary>Every run of the plan; those that are left to do by as many workers as there are jobs.</summary>
    private RunOutcome[] RunEvery(IReadOnlyList<Run> todo, Func<Run, RunOutcome> once)
    {
        var earlier = request.Plan.Runs.Except(todo).ToArray();
        foreach (var run in earlier)
        {
            output.Message($"{run.Title}: already finished, not {(request.Plan.IsTest ? "tested" : "trained")} again");
            RunLabel.Add(PathOf(run), request.Label);
            if (request.TensorBoard) ExportTensorBoardCommand.Write(request.Directory, run, PathOf(run));
        }
        var outcomes = queue.Run(todo, share!, request.MaxFailures, PathOf, once);
        foreach (var run in earlier) outcomes[run] = RunOutcome.Earlier(run, PathOf(run));
        return [.. request.Plan.Runs.Select(run => outcomes[run])];
    }

    private void Report(RunOutcome[] outcomes, IReadOnlyList<string> figures)
    {
        var results = outcomes.Length == 1
            ? outcomes[0].Path
            : Path.Combine(RunDirectory.Root(request.Directory), request.Plan.Name);
        output.Document(new { request.Plan.Name, Runs = outcomes.Select(outcome => outcome.Report), Figures = figures, Results = results });
        // On one terminal the lines of runs that have just ended are there already.
        var areShown = outcomes.Length > 1 && output is { Live: not null, ResultsWidth: not null };
        foreach (var outcome in outcomes.Where(outcome => !(areShown && outcome.Trained))) output.Result(outcome.Line);
        foreach (var file in figures) output.Result(file);
        // A run that could not begin has no folder.
        if (Directory.Exists(results)) output.Result(results);
    }

    private IReadOnlyList<string> Figures(bool allowMissing) => FiguresCommand.Draw(request.Plan, request.Directory, allowMissing, request.Resources.ThreadCount());
}
