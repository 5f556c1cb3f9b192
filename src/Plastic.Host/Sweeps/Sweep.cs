using System.Diagnostics;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The progress of all runs of a command; thread-safe.</summary>
internal sealed class Sweep
{
    private readonly Lock gate = new();
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly int runs;
    private readonly Dictionary<Run, long> updates = [];
    private long left, made;
    private int running, failed, done;

    /// <param name="runs">The runs to train.</param>
    public Sweep(IReadOnlyList<Run> runs)
    {
        this.runs = runs.Count;
        left = runs.Sum(Updates);
    }

    public int Runs => runs;

    public void Began()
    {
        lock (gate) running++;
    }

    /// <summary>Counts the updates of a run.</summary>
    public ITrainingWatcher Watcher(Run run) => new Counter(this, run);

    /// <summary>A run has ended, after all its updates or earlier.</summary>
    public void Ended(RunOutcome outcome)
    {
        lock (gate)
        {
            running--;
            done += outcome.Result is null ? 0 : 1;
            failed += outcome.Failure is null ? 0 : 1;
            left -= Updates(outcome.Run) - updates.GetValueOrDefault(outcome.Run);
        }
    }

    /// <summary>"3 of 24 runs done, 2 running, 1 failed, 1:10:00 left".</summary>
    public string Line
    {
        get
        {
            lock (gate)
            {
                var time = made == 0 || left == 0
                    ? ""
                    : $", {DurationText.Of(TimeSpan.FromSeconds(clock.Elapsed.TotalSeconds / made * left))} left";
                return $"{done} of {runs} runs done, {running} running, {failed} failed{time}";
            }
        }
    }

    /// <summary>The same in a width: without the time that is left, then without what runs, where there is no room.</summary>
    public string LineOf(int width)
    {
        var whole = Line;
        if (whole.Length <= width) return whole;
        lock (gate)
        {
            var some = $"{done} of {runs} done, {running} running, {failed} failed";
            return some.Length <= width ? some : $"{done}/{runs} done, {failed} failed";
        }
    }

    private static long Updates(Run run) => run.Settings.MaxBatch + 1L;

    private sealed class Counter(Sweep sweep, Run run) : ITrainingWatcher
    {
        public void Warmed(int done, int updates, double loss)
        {
        }

        public void Began(int step)
        {
            lock (sweep.gate)
            {
                // Updates before the checkpoint that it resumes from are done.
                if (sweep.updates.TryAdd(run, step)) sweep.left -= step;
            }
        }

        public void Updated(int step, double loss)
        {
            lock (sweep.gate)
            {
                sweep.made++;
                sweep.left--;
                sweep.updates[run] = step + 1;
            }
        }

        public void Logged(int step, double loss, double gradientNorm)
        {
        }

        public void Validated(Validation validation, float[][] weights)
        {
        }
    }
}
