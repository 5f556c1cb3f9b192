using System.Globalization;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>One line per validation, and one for the sweep whenever a run ends: for pipes and files.</summary>
internal sealed class PlainDisplay(Output output) : IDisplay
{
    private Sweep? sweep;

    public void Show(Sweep sweep, Action body)
    {
        this.sweep = sweep;
        body();
    }

    public ITrainingWatcher Begin(Run run) => new Watcher(run, output);

    public void End(Run run, string line, bool hasFailed)
    {
        if (sweep is not { Runs: > 1 }) return;
        if (hasFailed) output.Warn(line);
        else output.Message(line);
        output.Message(sweep.Line);
    }

    private sealed class Watcher(Run run, Output output) : ITrainingWatcher
    {
        private readonly Pace pace = new(run.Settings.MaxBatch + 1);
        private double? training;

        public void Warmed(int done, int updates, double loss)
        {
            if (done == updates)
            {
                output.Message($"{run.Title}: encoder warmed up as a prototypical network, {CountText.Of(updates, "update")}, loss {LossText.Of(loss)}");
            }
        }

        public void Began(int step)
        {
        }

        public void Updated(int step, double loss)
        {
        }

        public void Logged(int step, double loss, double gradientNorm) => training = loss;

        public void Validated(Validation validation, float[][] weights)
        {
            var (speed, left) = pace.After(validation.Step);
            string[] parts =
            [
                string.Create(CultureInfo.InvariantCulture, $"step {validation.Step}/{run.Settings.MaxBatch}"),
                training is { } mean ? $"loss {LossText.Of(mean)}" : "",
                $"validation {LossText.Of(validation.Loss)}{(validation.IsBest ? " (best)" : "")}",
                validation.Measure is { } measured ? $"{run.Task.Measure.Name} {LossText.Of(measured)}" : "",
                speed, left,
            ];
            output.Message($"{run.Title}: {string.Join(", ", parts.Where(part => part.Length > 0))}");
        }
    }
}
