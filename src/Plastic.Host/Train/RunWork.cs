using Plastic.Core;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>What one run takes: its folder, its network, its training or test; whatever comes of it stands in the folder.</summary>
/// <param name="checkpoints">How it goes on when it is unfinished, and how often it can.</param>
/// <param name="historyBytes">What the kept fast weights of the samples in flight may take, on each thread.</param>
/// <param name="threads">Threads, at least 1.</param>
/// <param name="command">The command line, for the record.</param>
/// <param name="output">Where messages go.</param>
/// <param name="stop">Asks it to stop.</param>
internal sealed class RunWork(
    Checkpoints checkpoints, long historyBytes, int threads, string command, Output output, CancellationToken stop)
{
    /// <summary>Trains a run and tests it, from its newest checkpoint if it has one.</summary>
    /// <param name="run">What to train.</param>
    /// <param name="path">Its folder.</param>
    /// <param name="watchers">Who else is told, when it begins.</param>
    public RunOutcome Train(Run run, string path, Func<ITrainingWatcher> watchers)
    {
        var presence = RunDirectory.Inspect(path, run);
        // Another process may have been at the same sweep meanwhile.
        if (presence == RunPresence.Finished) return RunOutcome.Earlier(run, path);
        var network = new PlasticNetwork(run.Network);
        using var trainer = new Trainer(run, network, threads, historyBytes);
        var (directory, from) = Enter(run, path, presence, trainer);
        using var claimed = directory;
        var saving = new Saving(() => trainer.State, TimeSpan.FromSeconds(checkpoints.Seconds), run.Settings.MaxBatch);
        using var recorder = new RunRecorder(directory, network.Parameters, saving, from?.MetricsBytes ?? 0, output.Warn);
        return Recorded(run, path, recorder, () =>
        {
            if (from is var (step, _))
            {
                recorder.Resumed(step, trainer.Best, EnvironmentFacts.ResumedJson(threads, step, command));
            }
            var result = trainer.Run(new Watchers(recorder, watchers()), stop);
            recorder.Finish(result);
            return result;
        });
    }

    /// <summary>Tests the best network of another run.</summary>
    /// <param name="run">The test.</param>
    /// <param name="path">Its folder.</param>
    /// <param name="source">The folder of the run that was trained.</param>
    public RunOutcome Test(Run run, string path, string source)
    {
        var network = new PlasticNetwork(run.Network);
        var weights = TrainedNetwork.BestWeights(source, network);
        var trained = TestResults.Read(source)!;
        using var directory = Open(run, path);
        using var recorder = new RunRecorder(directory, network.Parameters, null, 0, output.Warn);
        return Recorded(run, path, recorder, () =>
        {
            var tested = Evaluation.Of(run, network, weights, threads, historyBytes, stop);
            directory.Write(InnerRates.File, tested.Rates!.Json);
            var result = trained with
            {
                TestLoss = tested.Loss,
                TestError = tested.StandardError,
                TestMeasure = tested.Measure,
                Frozen = null,
            };
            recorder.Finish(result);
            return result;
        });
    }

    /// <summary>
    /// The run's folder: of an unfinished run with a checkpoint as it is, with the trainer brought to that checkpoint; otherwise a
    /// new one. And the step that it goes on from, with how much of its metrics counts.
    /// </summary>
    private (RunDirectory Directory, (int Step, long MetricsBytes)? From) Enter(
        Run run, string path, RunPresence presence, Trainer trainer)
    {
        var folder = Path.Combine(path, RunDirectory.Checkpoints);
        if (presence == RunPresence.Unfinished && checkpoints.Resume != Resume.Never && Checkpoint.IsThere(folder))
        {
            var directory = RunDirectory.Reopen(path);
            try
            {
                if (Checkpoint.ReadNewest(folder, output.Warn) is var (state, metricsBytes))
                {
                    trainer.Restore(state);
                    output.Message($"{run.Title}: goes on from step {state.Step}");
                    return (directory, (state.Step, metricsBytes));
                }
                directory.Dispose();
            }
            catch
            {
                directory.Dispose();
                throw;
            }
        }
        if (checkpoints.Resume == Resume.Must)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"{path} has no checkpoint to go on from; train with --resume auto starts over");
        }
        if (presence == RunPresence.Unfinished) output.Message($"{run.Title}: found unfinished, starting over");
        return (Open(run, path), null);
    }

    private RunDirectory Open(Run run, string path) => RunDirectory.Create(path, new Dictionary<string, string>
    {
        ["command.txt"] = command + "\n",
        [RunDirectory.ConfigFile] = run.Json,
        [RunDirectory.StatusFile] = new RunStatus(RunStatus.Running, 0, null, RunOwner.Current).Json,
        ["env.json"] = EnvironmentFacts.Json(threads),
    });

    /// <summary>Does a run's work; when it ends otherwise than well, the run's folder says so.</summary>
    private static RunOutcome Recorded(Run run, string path, RunRecorder recorder, Func<RunResult> work)
    {
        try
        {
            return new RunOutcome(run, path, work(), null, Trained: true);
        }
        catch (OperationCanceledException)
        {
            try
            {
                recorder.Save();
            }
            catch (Exception fault)
            {
                var line = $"stopped, and no checkpoint could be written: {Failure.Of(fault).Line}";
                recorder.Stop(RunStatus.Failed, line);
                throw new PlasticException(Failure.Of(fault).Code, line, fault);
            }
            recorder.Stop(RunStatus.Interrupted, $"after the update of step {recorder.Step}");
            throw;
        }
        catch (Exception thrown)
        {
            recorder.Stop(RunStatus.Failed, Failure.Of(thrown).Line);
            throw;
        }
    }
}
