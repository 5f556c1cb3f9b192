using System.Collections.Concurrent;
using Plastic.Engine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Does the work of many runs, several in parallel. An error in one becomes its outcome, and the others continue.</summary>
/// <param name="output">Where messages go.</param>
/// <param name="stop">Cancels the work.</param>
internal sealed class RunQueue(Output output, CancellationToken stop)
{
    private readonly IDisplay display = IDisplay.For(output);
    private Sweep sweep = new([]);
    private volatile bool isDeviceLost;

    /// <summary>Why a run that was stopped could not be saved; null if all could.</summary>
    public Failure? Unsaved { get; private set; }

    /// <summary>Shows the progress of a run that begins.</summary>
    public ITrainingWatcher Watcher(Run run) => new Watchers(display.Begin(run), sweep.Watcher(run));

    /// <summary>
    /// The runs in order, by as many workers as there are jobs. After too many failures, or when the device is lost, the rest is not
    /// started: in this process, no other run could use it.
    /// </summary>
    /// <param name="todo">The runs.</param>
    /// <param name="share">What each gets of the machine.</param>
    /// <param name="maxFailures">The number of failed runs after which no new one is started.</param>
    /// <param name="pathOf">The folder of a run.</param>
    /// <param name="once">The work of one run.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public ConcurrentDictionary<Run, RunOutcome> Run(
        IReadOnlyList<Run> todo, MachineShare share, int maxFailures, Func<Run, string> pathOf, Func<Run, RunOutcome> once)
    {
        var outcomes = new ConcurrentDictionary<Run, RunOutcome>();
        sweep = new Sweep(todo);
        var next = -1;
        var failures = 0;
        void Work()
        {
            while (true)
            {
                var at = Interlocked.Increment(ref next);
                if (at >= todo.Count) return;
                stop.ThrowIfCancellationRequested();
                var run = todo[at];
                if (isDeviceLost || Volatile.Read(ref failures) >= maxFailures)
                {
                    outcomes[run] = new RunOutcome(run, pathOf(run), null, null, Trained: false);
                    continue;
                }
                outcomes[run] = One(run, pathOf(run), once);
                if (outcomes[run].Failure is not null) Interlocked.Increment(ref failures);
            }
        }

        display.Show(sweep, () =>
        {
            if (share.Jobs == 1) Work();
            else Concurrently(Work, share.Jobs);
        });
        if (isDeviceLost && outcomes.Values.Any(outcome => outcome is { Failure: null, Result: null, IsStopped: false }))
        {
            output.Warn($"{share.Device!.Name} was lost, so no more runs were started; run the same command again to continue");
        }
        return outcomes;
    }

    private RunOutcome One(Run run, string path, Func<Run, RunOutcome> once)
    {
        sweep.Began();
        RunOutcome outcome;
        try
        {
            outcome = once(run);
        }
        catch (Exception thrown) when (thrown is not OperationCanceledException)
        {
            outcome = new RunOutcome(run, path, null, Failure.Of(thrown), Trained: true);
            if (thrown is DeviceException { Fault: DeviceFault.Lost }) isDeviceLost = true;
            // The user who stopped the sweep expects that it can continue.
            if (stop.IsCancellationRequested) Unsaved = outcome.Failure;
            output.Detail(thrown.ToString());
        }
        sweep.Ended(outcome);
        display.End(run, outcome.Line, outcome.Failure is not null);
        return outcome;
    }

    /// <summary>The same work on as many threads as there are jobs; a cancellation takes precedence over other faults.</summary>
    private static void Concurrently(Action work, int jobs)
    {
        var workers = Enumerable.Range(0, jobs)
            .Select(_ => System.Threading.Tasks.Task.Factory.StartNew(work, TaskCreationOptions.LongRunning)).ToArray();
        try
        {
            System.Threading.Tasks.Task.WaitAll(workers);
        }
        catch (AggregateException thrown)
        {
            var faults = thrown.Flatten().InnerExceptions;
            throw faults.FirstOrDefault(fault => fault is OperationCanceledException) ?? faults[0];
        }
    }
}
