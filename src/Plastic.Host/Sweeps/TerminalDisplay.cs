using System.Collections.Concurrent;
using System.Diagnostics;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>A line for each run in progress and one for the sweep, written again as they change.</summary>
internal sealed class TerminalDisplay(Output output, LiveLines live) : IDisplay
{
    private const double RefreshSeconds = 0.1;

    // In the order in which the runs were started.
    private readonly ConcurrentDictionary<Run, (long Order, ProgressLine Line)> lines = new();
    private Sweep sweep = new([]);
    private long begun, shown;

    public void Show(Sweep sweep, Action body)
    {
        this.sweep = sweep;
        try
        {
            body();
        }
        finally
        {
            live.Show([]);
        }
    }

    public ITrainingWatcher Begin(Run run)
    {
        var order = Interlocked.Increment(ref begun);
        var steps = run.Settings.MaxBatch + 1;
        // The settings' names would take the room of their values.
        var name = run.Title.Replace("cell=", "", StringComparison.Ordinal).Replace("rule=", "", StringComparison.Ordinal);
        void Put(ProgressLine line)
        {
            lines[run] = (order, line);
            Refresh(line.Done == steps);
        }
        Put(new ProgressLine(name, 0, steps, null, null, "", "starting"));
        return new Watcher(name, steps, Put);
    }

    public void End(Run run, string line, bool hasFailed)
    {
        lines.TryRemove(run, out _);
        Refresh(isLast: true);
        if (sweep.Runs <= 1) return;
        if (hasFailed) output.Warn(line);
        else output.Message(line);
    }

    /// <summary>Shows the lines as they are; not more often than a person can read, except for the last of a run.</summary>
    private void Refresh(bool isLast)
    {
        if (!isLast && Stopwatch.GetElapsedTime(Interlocked.Read(ref shown)).TotalSeconds < RefreshSeconds) return;
        Interlocked.Exchange(ref shown, Stopwatch.GetTimestamp());
        var width = live.Width - 1;
        var texts = lines.Values.OrderBy(line => line.Order).Select(line => line.Line.Text(width));
        live.Show(sweep.Runs > 1 ? [.. texts, sweep.LineOf(width)] : [.. texts]);
    }

    private sealed class Watcher(string name, int steps, Action<ProgressLine> put) : ITrainingWatcher
    {
        private readonly Pace pace = new(steps);
        private double? validation;
        private long shown;

        public void Warmed(int done, int updates, double loss)
        {
            if (Stopwatch.GetElapsedTime(shown).TotalSeconds < RefreshSeconds && done < updates) return;
            shown = Stopwatch.GetTimestamp();
            put(new ProgressLine(name, 0, steps, loss, null, "", $"warm-up {done}/{updates}"));
        }

        public void Began(int step)
        {
        }

        public void Updated(int step, double loss)
        {
            // There are many steps; showing a few of them is enough.
            if (Stopwatch.GetElapsedTime(shown).TotalSeconds < RefreshSeconds && step + 1 < steps) return;
            shown = Stopwatch.GetTimestamp();
            var (speed, left) = pace.After(step + 1);
            put(new ProgressLine(name, step + 1, steps, loss, validation, speed, left));
        }

        public void Logged(int step, double loss, double gradientNorm)
        {
        }

        public void Validated(Validation validation, float[][] weights) => this.validation = validation.Loss;
    }
}
