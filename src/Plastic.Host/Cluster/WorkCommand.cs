using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// `plastic work SUBMISSION TASK`: trains the runs of one task, one after the other. A run that fails does not keep the others from being
/// trained; one that is to stop is not begun.
/// </summary>
internal sealed class WorkCommand
{
    private readonly WorkRequest request;
    private readonly Output output;
    private readonly Submission submission;
    private readonly Interruption interruption;
    private readonly IDisplay display;
    private readonly Restarts restarts;
    private Sweep sweep = new([]);

    private WorkCommand(WorkRequest request, Submission submission, Interruption interruption, Output output)
    {
        (this.request, this.submission, this.interruption, this.output) = (request, submission, interruption, output);
        restarts = new Restarts(submission, request.Task);
        display = IDisplay.For(output);
    }

    /// <param name="request">Which task.</param>
    /// <param name="output">Where results and messages go.</param>
    public static ExitCode Run(WorkRequest request, Output output)
    {
        // First, so that an early signal is not the end.
        using var interruption = new Interruption();
        var submission = Submission.Read(request.Submission);
        if (request.Task >= submission.Tasks.Count)
        {
            throw new PlasticException(ExitCode.Usage, $"{submission.Path} has the tasks 0 to {submission.Tasks.Count - 1}, and no task {request.Task}");
        }
        try
        {
            return new WorkCommand(request, submission, interruption, output).RunAll(submission.Tasks[request.Task].Runs);
        }
        catch (OperationCanceledException)
        {
            output.Message("stopped; the same command goes on");
            return interruption.Code;
        }
    }

    private ExitCode RunAll(IReadOnlyList<TaskRun> planned)
    {
        var restart = Environment.GetEnvironmentVariable(Restarts.Variable) is { Length: > 0 } number ? $", restart {number}" : "";
        output.Message($"task {request.Task} of {submission.Path} on {Environment.MachineName}: {CountText.Of(planned.Count, "run")}{restart}");
        var work = planned.Select(run => (Planned: run, Path: submission.PathOf(run), Run: submission.RunOf(run, request.Reading))).ToArray();
        sweep = new Sweep([.. work.Select(each => each.Run)]);
        var outcomes = new List<RunOutcome>();
        display.Show(sweep, () =>
        {
            foreach (var (run, path, settings) in work)
            {
                interruption.Token.ThrowIfCancellationRequested();
                outcomes.Add(One(run, path, settings));
            }
        });
        foreach (var outcome in outcomes) output.Result(outcome.Line);
        output.Document(new { Runs = outcomes.Select(outcome => outcome.Report) });
        var failures = outcomes.Select(outcome => outcome.Failure).OfType<Failure>().ToArray();
        // What another process trains may be free later: the caller tries again.
        var failure = failures.FirstOrDefault(failure => failure.Code == ExitCode.Exists) ?? failures switch
        {
            [] => null,
            [var only] => only,
            _ => new Failure(ExitCode.SomeFailed, $"{failures.Length} of {outcomes.Count} runs failed"),
        };
        if (failure is null) return ExitCode.Ok;
        output.Error(failure);
        return failure.Code;
    }

    private RunOutcome One(TaskRun planned, string path, Run run)
    {
        sweep.Began();
        RunOutcome outcome;
        try
        {
            outcome = Train(planned, path, run);
        }
        catch (Exception thrown) when (thrown is not OperationCanceledException)
        {
            outcome = new RunOutcome(run, path, null, Failure.Of(thrown), Trained: true);
            output.Detail(thrown.ToString());
        }
        sweep.Ended(outcome);
        display.End(run, outcome.Line, outcome.Failure is not null);
        return outcome;
    }

    private RunOutcome Train(TaskRun planned, string path, Run run)
    {
        if (RunDirectory.Inspect(path, run) == RunPresence.Finished) return RunOutcome.Earlier(run, path);
        if (StopFile.IsThere(path)) return RunOutcome.Stopped(run, path);
        Begin(planned, path);
        ImageTask.Require(run.Task);
        // Of this run alone: runs of a task may have different networks.
        var networks = new Networks();
        new MachineShare(request.Resources, 1, [run], isTest: false, networks).RequireMemory("more memory with --sbatch \"--mem=…\"");
        var work = new RunWork(
            networks, request.Checkpoints, request.Resources, request.Resources.ThreadCount(), submission.Facts.Command, null, output, interruption.Token);
        return work.Train(run, path, () => new Watchers(display.Begin(run), sweep.Watcher(run)));
    }

    /// <summary>Notes that a run begins; one that was begun too often is marked as failed.</summary>
    private void Begin(TaskRun planned, string path)
    {
        try
        {
            restarts.Begin(planned, Checkpoint.NewestStep(Path.Combine(path, RunDirectory.Checkpoints)));
        }
        catch (PlasticException fault)
        {
            if (Directory.Exists(path))
            {
                using var claim = RunClaim.Take(path);
                using var journal = new RunJournal(claim.Reopen(), output.Warn) { Step = RunStatus.Read(path)?.Step ?? 0 };
                journal.Stopped(RunState.Failed, fault.Message);
            }
            throw;
        }
    }
}
