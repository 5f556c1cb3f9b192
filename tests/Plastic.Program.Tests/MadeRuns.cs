using System.Globalization;
using System.Text;
using Plastic.CommandLine;
using Plastic.Host;
using Plastic.Settings;

namespace Plastic.Program.Tests;

/// <summary>Makes folders of runs as training leaves them, without training.</summary>
internal static class MadeRuns
{
    /// <summary>The runs of a command line.</summary>
    public static IReadOnlyList<Run> Of(params string[] words) =>
        ((TrainRequest)CommandParser.Parse(["train", .. words], new DeferredLoader()).Command).Plan.Runs;

    /// <summary>The runs of every experiment that trains networks, as the paper has them; no images are read.</summary>
    public static IEnumerable<Run> Everything() => Listing.Experiments.Where(plan => !plan.IsTest).SelectMany(plan => plan.Runs);

    /// <summary>Makes the folder of a run, as if it had been there for an hour.</summary>
    /// <param name="root">The folder of all runs.</param>
    /// <param name="run">The run.</param>
    /// <param name="state">How it ended, or that it trains.</param>
    /// <param name="share">How much of it is done.</param>
    /// <param name="owner">Who trains it, if somebody does.</param>
    /// <param name="message">Why it failed.</param>
    /// <returns>The folder.</returns>
    public static string Make(string root, Run run, RunState state = RunState.Finished, double share = 1, RunOwner? owner = null, string? message = null)
    {
        var path = Path.Combine(root, run.Directory);
        Directory.CreateDirectory(path);
        var steps = run.Settings.MaxBatch;
        var done = (int)(share * steps);
        void Write(string name, string text) => File.WriteAllText(Path.Combine(path, name), text);
        Write(RunDirectory.ConfigFile, run.Json);
        Write(RunDirectory.CommandFile, $"plastic train {run.Experiment}\n");
        var status = new RunStatus(state, done, message);
        Write(RunDirectory.StatusFile, JsonText.Document(owner is null ? status : status.OwnedBy(owner)));
        var random = new Random(HashCode.Combine(run.Seed, run.Units, run.Settings.Rule.Length));
        var (lines, times) = (new StringBuilder(), new StringBuilder());
        var every = Math.Max(1, run.Settings.ValidateEvery);
        var fall = steps / (run.IsPlastic ? 5.0 : 2.5) * (0.8 + 0.4 * random.NextDouble());
        double Loss(int step) => 0.06 + 0.12 / (1 + Math.Exp((step - fall) / (0.3 * fall))) + 0.004 * random.NextDouble();
        for (var step = 0; step <= done; step += every)
        {
            var loss = Loss(step);
            lines.Append(Line(new Metrics(step) { ValidationLoss = loss, Best = true }));
            times.Append(Line(new Timing(step, Math.Round(0.01 * step + 0.5, 3))));
            for (var log = step + every / 4; log < Math.Min(done, step + every); log += Math.Max(1, every / 4))
            {
                lines.Append(Line(new Metrics(log) { TrainingLoss = Loss(log), GradientNorm = 0.1 + random.NextDouble() }));
            }
        }
        Write(RunDirectory.MetricsFile, lines.ToString());
        Write(RunDirectory.TimingFile, times.ToString());
        if (state == RunState.Finished)
        {
            Write(RunDirectory.TestFile, JsonText.Document(new TestResults(Loss(steps), 0.001, steps - steps % every, Loss(steps))));
        }
        Age(path);
        return path;
    }

    /// <summary>Lets everything in a folder, and the folder, be an hour old.</summary>
    public static void Age(string path)
    {
        var then = DateTime.UtcNow.AddHours(-1);
        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)) File.SetLastWriteTimeUtc(file, then);
        foreach (var folder in Directory.EnumerateDirectories(path, "*", SearchOption.AllDirectories).Append(path)) Directory.SetLastWriteTimeUtc(folder, then);
    }

    /// <summary>A line of a file of lines.</summary>
    public static string Line<T>(T value) => JsonText.Line(value) + "\n";

    /// <summary>A validation, as a line.</summary>
    public static string Validation(int step, double loss) => Line(new Metrics(step) { ValidationLoss = loss, Best = false });

    /// <summary>A number as JSON has it.</summary>
    public static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
