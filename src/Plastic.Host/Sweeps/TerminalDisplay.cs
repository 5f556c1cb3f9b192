using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Plastic.Settings;
using Spectre.Console;

namespace Plastic.Host;

/// <summary>A line for each run in progress and one for the sweep, rewritten as they change.</summary>
internal sealed class TerminalDisplay(Output output) : IDisplay
{
    private const double RefreshSeconds = 0.1;

    private readonly IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Error),
        ColorSystem = output.Color ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
    });

    private readonly ConcurrentDictionary<Run, ProgressTask> tasks = new();
    private ProgressContext? context;
    private ProgressTask? whole;
    private Sweep sweep = new([]);

    // The numbers take up to 64 of the at least 80 columns of a terminal.
    public void Show(Sweep sweep, Action body)
    {
        this.sweep = sweep;
        if (sweep.Runs == 0)
        {
            body();
            return;
        }
        console.Progress()
            .HideCompleted(true)
            .Columns(new ProgressBarColumn { Width = 14 }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                this.context = context;
                if (sweep.Runs > 1) whole = context.AddTask(sweep.Line, maxValue: sweep.Runs);
                body();
            });
    }

    public ITrainingWatcher Begin(Run run)
    {
        console.WriteLine(run.Title);
        var task = context!.AddTask("starting", maxValue: run.Settings.MaxBatch + 1);
        tasks[run] = task;
        return new Watcher(run, task, Refresh);
    }

    public void End(Run run, string line, bool hasFailed)
    {
        if (tasks.TryRemove(run, out var task))
        {
            task.StopTask();
            task.Value = task.MaxValue;
        }
        whole?.Increment(1);
        Refresh();
        if (sweep.Runs > 1) console.WriteLine(line);
    }

    private void Refresh()
    {
        if (whole is not null) whole.Description = Markup.Escape(sweep.Line);
    }

    private sealed class Watcher(Run run, ProgressTask task, Action refresh) : ITrainingWatcher
    {
        private readonly Pace pace = new(run.Settings.MaxBatch + 1);
        private long shown;
        private double? validation;

        public void Began(int step)
        {
        }

        public void Updated(int step, double loss)
        {
            // There are many steps; showing a few of them is enough.
            if (Stopwatch.GetElapsedTime(shown).TotalSeconds < RefreshSeconds && step < run.Settings.MaxBatch) return;
            shown = Stopwatch.GetTimestamp();
            task.Value = step + 1;
            task.Description = Markup.Escape(string.Create(
                CultureInfo.InvariantCulture,
                $"step {step}  loss {loss:F4}  validation {validation:F4}  {pace.After(step + 1)}"));
            refresh();
        }

        public void Logged(int step, double loss, double gradientNorm)
        {
        }

        public void Validated(Validation validation, float[][] weights) => this.validation = validation.Loss;
    }
}
