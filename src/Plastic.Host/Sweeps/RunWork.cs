using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The work of one run: its folder, its network, its training or test.</summary>
/// <param name="networks">The runs' networks.</param>
/// <param name="checkpoints">Whether an unfinished run is resumed, and how often it writes a checkpoint.</param>
/// <param name="resources">What they may use of the machine.</param>
/// <param name="threads">Threads of one run, at least 1.</param>
/// <param name="command">The command line, for the record.</param>
/// <param name="label">What the run is called.</param>
/// <param name="output">Where messages go.</param>
/// <param name="stop">Cancels the work.</param>
internal sealed class RunWork(
    Networks networks, Checkpoints checkpoints, Resources resources, int threads, string command, Label? label, Output output, CancellationToken stop)
{
    /// <summary>Opens the device that runs use, of each run its own; null for the CPU.</summary>
    public Func<IDevice?> Device { get; init; } = resources.Open;

    /// <summary>The event file that a run writes while it trains; null for none.</summary>
    public Func<Run, string?> EventsFile { get; init; } = _ => null;

    /// <summary>Finished runs, of which one with the same settings is copied; null where all are trained.</summary>
    public SameRuns? Same { get; init; }

    /// <summary>The ranks that train with this one; this process alone if nothing else is said.</summary>
    public RankLeader Ranks { get; init; } = RankLeader.Alone;

    /// <summary>Trains a run and tests it, from its newest checkpoint if it has one.</summary>
    /// <param name="run">The run to train.</param>
    /// <param name="path">Its folder.</param>
    /// <param name="watchers">Makes the other watchers, when training starts.</param>
    public RunOutcome Train(Run run, string path, Func<ITrainingWatcher> watchers)
    {
        if (RunDirectory.Inspect(path, run) == RunPresence.Finished) return RunOutcome.Earlier(run, path);
        if (StopFile.IsThere(path)) return RunOutcome.Stopped(run, path);
        using var claim = RunClaim.Take(path);
        // Checked again: another process may have trained it in the meantime.
        var presence = RunDirectory.Inspect(path, run);
        if (presence == RunPresence.Finished) return RunOutcome.Earlier(run, path);
        if (presence == RunPresence.Absent && checkpoints.Resume != Resume.Never && Same?.Of(run) is { } same)
        {
            output.Message($"{run.Title}: the same run is finished in {same}; copied");
            claim.Create(new Dictionary<string, string>(), SameRuns.Files(same));
            // It may have been changed since it was found.
            if (RunDirectory.Inspect(path, run) != RunPresence.Finished) throw new PlasticException(ExitCode.Exists, $"{same} changed while it was copied: run the same command again");
            if (label is not null) RunLabel.Add(path, label);
            return RunOutcome.Earlier(run, path);
        }
        var asked = run;
        if (checkpoints.Resume != Resume.Never) run = Logged(run, path);
        var network = networks.Of(run);
        using var crew = new Crew(threads);
        using var device = Device();
        using var trainer = new Trainer(run, network, crew, resources.History(), device, Ranks.Team);
        var (directory, from) = Enter(run, path, claim, presence, trainer, device?.Facts);
        using var wish = new RunStop(path, claim, stop);
        try
        {
            return Recorded(
                run, directory,
                journal => Trained(run, network, trainer, directory, journal, from, device, watchers, () => Ranks.Begin(asked, run, wish.Token)));
        }
        catch (Exception thrown) when (Ranks.IsTraining)
        {
            InRanks.Abort(Ranks.Team, thrown, output);
            throw;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return RunOutcome.Stopped(run, path);
        }
    }

    private RunResult Trained(
        Run run, PlasticNetwork network, Trainer trainer, RunDirectory directory, RunJournal journal, (int Step, long MetricsBytes)? from,
        IDevice? device, Func<ITrainingWatcher> watchers, Func<CancellationToken> begin)
    {
        var saving = new Saving(() => trainer.State, TimeSpan.FromSeconds(checkpoints.Seconds), run.Settings.MaxBatch);
        using var recorder = new RunRecorder(directory, journal, network.Parameters, saving, from?.MetricsBytes ?? 0);
        if (from is var (step, _))
        {
            recorder.Resumed(step, trainer.Best, new ResumedEnvironment(step, command, EnvironmentFacts.Now(threads, device?.Facts, Ranks.Team.Count)));
        }
        using var events = EventsFile(run) is { } file ? new LiveEvents(run, directory.Path, file, output.Warn) : null;
        try
        {
            var result = trainer.Run(events is null ? new Watchers(recorder, watchers()) : new Watchers(recorder, events, watchers()), begin());
            Ranks.Ended();
            recorder.Finish(result);
            events?.Finish(result);
            return result;
        }
        catch (Exception thrown) when (RankLeader.AllKnow(thrown))
        {
            Ranks.Ended();
            if (thrown is OperationCanceledException)
            {
                directory.Require();
                Save(recorder);
            }
            throw;
        }
    }

    /// <summary>Tests the best network of another run.</summary>
    /// <param name="run">The test.</param>
    /// <param name="path">Its folder.</param>
    /// <param name="source">The run that was trained.</param>
    /// <param name="sourcePath">Its folder.</param>
    public RunOutcome Test(Run run, string path, Run source, string sourcePath)
    {
        if (StopFile.IsThere(path)) return RunOutcome.Stopped(run, path);
        using var claim = RunClaim.Take(path);
        if (RunDirectory.Inspect(path, run) == RunPresence.Finished) return RunOutcome.Earlier(run, path);
        var network = networks.Of(run);
        var weights = TrainedNetwork.BestWeights(sourcePath, network);
        // After reading the weights: another process may extend that run.
        if (TestResults.Read(sourcePath) is not { } trained || !RunDirectory.IsFinished(sourcePath, source))
        {
            throw new PlasticException(ExitCode.MissingInput, $"{sourcePath} is no longer finished");
        }
        using var device = Device();
        var directory = Create(run, claim, device?.Facts);
        using var wish = new RunStop(path, claim, stop);
        try
        {
            return Recorded(run, directory, Tested);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return RunOutcome.Stopped(run, path);
        }

        RunResult Tested(RunJournal journal)
        {
            using var recorder = new RunRecorder(directory, journal, network.Parameters, null, 0);
            var tested = Evaluation.Of(run, network, weights, threads, resources.History(), device, wish.Token);
            directory.Write(RunDirectory.InnerRateFile, tested.Rates!);
            var result = trained with
            {
                TestLoss = tested.Loss,
                TestError = tested.StandardError,
                TestMeasure = tested.Measure?.Value,
                TestMeasureError = tested.Measure?.StandardError,
                Frozen = null,
            };
            recorder.Finish(result);
            return result;
        }
    }

    /// <summary>
    /// The run's folder: that of an unfinished run with a checkpoint, to which the trainer is restored, or a new one; and the step of
    /// the checkpoint, with the length of metrics.jsonl there.
    /// </summary>
    private (RunDirectory Directory, (int Step, long MetricsBytes)? From) Enter(
        Run run, string path, RunClaim claim, RunPresence presence, Trainer trainer, DeviceFacts? device)
    {
        var folder = Path.Combine(path, RunDirectory.Checkpoints);
        if (LostFiles.Of(path) is { IsTest: false } lost)
        {
            // The same settings give the same run, so training it again loses nothing that is still there.
            output.Message($"{run.Title}: {lost.Text}" + (lost.NeedsTraining ? "; trains again from step 0" : ""));
            if (lost.NeedsTraining) return (Create(run, claim, device), null);
        }
        if (presence == RunPresence.Unfinished && checkpoints.Resume != Resume.Never
            && Checkpoint.ReadNewest(folder, output.Warn) is var (state, metricsBytes))
        {
            trainer.Restore(state);
            // Newer ones are damaged, and would count among the last two.
            claim.Require();
            Checkpoint.RemoveAfter(folder, state.Step);
            output.Message($"{run.Title}: resumes from step {state.Step}");
            SayWhereItGoesOn(run, path, device);
            return (claim.Reopen(), (state.Step, metricsBytes));
        }
        if (checkpoints.Resume == Resume.Must)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"{path} has no checkpoint to resume from; plastic train starts it over (its command is in {RunDirectory.CommandFile})");
        }
        if (presence == RunPresence.Unfinished) output.Message($"{run.Title}: unfinished run found, starting over");
        return (Create(run, claim, device), null);
    }

    /// <summary>Says where the device of a run changes, since its numbers change by rounding then.</summary>
    private void SayWhereItGoesOn(Run run, string path, DeviceFacts? device)
    {
        var now = EnvironmentFacts.NameOf(device) ?? RunDevices.Cpu;
        if (RunDevices.Of(path) is not [.., var before] || before == now) return;
        output.Message($"{run.Title}: was trained on {before} so far, goes on on {now}");
    }

    /// <summary>The run as it was started, if it was: its checkpoint counts on the lines that it has logged.</summary>
    private Run Logged(Run run, string path)
    {
        var started = RunDirectory.AsStarted(path, run);
        if (started.Settings.LogEvery != run.Settings.LogEvery)
        {
            output.Message(
                $"{run.Title}: log_every stays {started.Settings.LogEvery}, as the run was started (plastic resume RUN log_every=N changes it)");
        }
        return started;
    }

    private RunDirectory Create(Run run, RunClaim claim, DeviceFacts? device) => claim.Create(
        new Dictionary<string, string>
        {
            [RunDirectory.CommandFile] = command + "\n",
            [RunDirectory.ConfigFile] = run.Json,
            [RunDirectory.StatusFile] = JsonText.Document(new RunStatus(RunState.Running, 0).OwnedBy(RunOwner.Current)),
            [RunDirectory.EnvironmentFile] = JsonText.Document(EnvironmentFacts.Now(threads, device, Ranks.Team.Count)),
        },
        RunCode.Files(run));

    private static void Save(RunRecorder recorder)
    {
        try
        {
            recorder.Save();
        }
        catch (Exception fault)
        {
            var failure = Failure.Of(fault);
            throw new PlasticException(failure.Code, $"stopped, but no checkpoint could be written: {failure.Line}", fault);
        }
    }

    /// <summary>Does a run's work, and records in its folder when it fails or is interrupted.</summary>
    private RunOutcome Recorded(Run run, RunDirectory directory, Func<RunJournal, RunResult> work)
    {
        using var journal = new RunJournal(directory, output.Warn);
        if (label is not null) RunLabel.Add(directory.Path, label);
        try
        {
            return new RunOutcome(run, directory.Path, work(journal), null, Trained: true);
        }
        catch (OperationCanceledException)
        {
            journal.Stopped(RunState.Interrupted, journal.Step < 0 ? null : $"after the update of step {journal.Step}");
            throw;
        }
        catch (Exception thrown)
        {
            journal.Stopped(RunState.Failed, Failure.Of(thrown).Line);
            throw;
        }
    }
}
