using System.Globalization;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>One line per validation: for pipes and files.</summary>
internal sealed class PlainDisplay(Output output) : IDisplay
{
    public void Follow(Run run, Action<ITrainingWatcher> body) => body(new Watcher(run, output));

    private sealed class Watcher(Run run, Output output) : ITrainingWatcher
    {
        private readonly Pace pace = new(run.Settings.MaxBatch + 1);
        private double? training;

        public void Updated(int step, double loss)
        {
        }

        public void Logged(int step, double loss, double gradientNorm) => training = loss;

        public void Validated(int step, double loss, bool best, float[][] weights)
        {
            string[] parts =
            [
                string.Create(CultureInfo.InvariantCulture, $"step {step}/{run.Settings.MaxBatch}"),
                training is { } mean ? string.Create(CultureInfo.InvariantCulture, $"loss {mean:F4}") : "",
                string.Create(CultureInfo.InvariantCulture, $"validation {loss:F4}{(best ? " (best)" : "")}"),
                pace.After(step),
            ];
            output.Message($"{run.Title}: {string.Join(", ", parts.Where(part => part.Length > 0))}");
        }
    }
}
