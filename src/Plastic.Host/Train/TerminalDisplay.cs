using System.Diagnostics;
using System.Globalization;
using Plastic.Tasks;
using Spectre.Console;

namespace Plastic.Host;

/// <summary>A line per run that is written over as it goes.</summary>
internal sealed class TerminalDisplay(Output output) : IDisplay
{
    private const double RefreshSeconds = 0.1;

    private readonly IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Error),
        ColorSystem = output.Color ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
    });

    // Of the 80 columns that a terminal has at least, the numbers take up to 64.
    public void Follow(Run run, Action<ITrainingWatcher> body)
    {
        console.WriteLine(run.Title);
        console.Progress()
            .Columns(new ProgressBarColumn { Width = 14 }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                var task = context.AddTask("starting", maxValue: run.Settings.MaxBatch + 1);
                body(new Watcher(run, task));
            });
    }

    private sealed class Watcher(Run run, ProgressTask task) : ITrainingWatcher
    {
        private readonly Pace pace = new(run.Settings.MaxBatch + 1);
        private long shown;
        private double? validation;

        public void Updated(int step, double loss)
        {
            // Steps are many; a person reads few of them.
            if (Stopwatch.GetElapsedTime(shown).TotalSeconds < RefreshSeconds && step < run.Settings.MaxBatch) return;
            shown = Stopwatch.GetTimestamp();
            task.Value = step + 1;
            task.Description = Markup.Escape(string.Create(
                CultureInfo.InvariantCulture,
                $"step {step}  loss {loss:F4}  validation {validation:F4}  {pace.After(step + 1)}"));
        }

        public void Logged(int step, double loss, double gradientNorm)
        {
        }

        public void Validated(int step, double loss, bool best, float[][] weights) => validation = loss;
    }
}
