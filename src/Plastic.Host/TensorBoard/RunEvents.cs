using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// What TensorBoard shows of a run, as records of one event file: its settings, then a number for each of its metrics, and for a finished
/// run the test.
/// </summary>
internal sealed class RunEvents
{
    /// <summary>The name of the file: always the same, so that nothing is there twice.</summary>
    public const string FileName = "events.out.tfevents.0.plastic";

    private readonly string measure;

    /// <param name="run">The run.</param>
    public RunEvents(Run run) => measure = run.Task.Measure?.Name ?? "measure";

    /// <summary>The folder of all event files under the folder that --out names.</summary>
    public static string Root(string directory) => Path.Combine(directory, "tensorboard");

    /// <summary>A run's event file: in a folder of the name that the run's folder has.</summary>
    public static string FileOf(string directory, Run run) => Path.Combine([Root(directory), .. run.Directory.Split('/'), FileName]);

    /// <summary>Everything that a run's folder holds.</summary>
    /// <param name="run">The run.</param>
    /// <param name="path">Its folder.</param>
    /// <exception cref="PlasticException">A file of the folder is missing, or its content is wrong.</exception>
    public static IEnumerable<byte[]> Of(Run run, string path)
    {
        var (events, times) = (new RunEvents(run), new WallTimes(path));
        yield return EventFile.Version(times.Start);
        yield return EventFile.Settings(times.Start, SettingsOf(run));
        foreach (var line in JsonLines.ReadGrowing<Metrics>(Path.Combine(path, RunDirectory.MetricsFile)))
        {
            foreach (var record in events.Of(times.Of(line.Step), line)) yield return record;
        }
        if (TestResults.Read(path) is not { } result) yield break;
        foreach (var record in events.Of(times.End, result)) yield return record;
    }

    /// <summary>A line of metrics.jsonl.</summary>
    /// <param name="time">Seconds since 1970.</param>
    /// <param name="line">The line.</param>
    public IEnumerable<byte[]> Of(double time, Metrics line) => Scalars(
        time, line.Step, ("loss/training", line.TrainingLoss), ("gradient_norm", line.GradientNorm),
        ("loss/validation", line.ValidationLoss), ($"{measure}/validation", line.ValidationMeasure));

    /// <summary>The result of a run.</summary>
    /// <param name="time">Seconds since 1970.</param>
    /// <param name="result">The result, at the step whose weights were tested.</param>
    public IEnumerable<byte[]> Of(double time, RunResult result) =>
        Scalars(time, result.BestStep, ("loss/test", result.TestLoss), ($"{measure}/test", result.TestMeasure)).Append(EventFile.Finished(time));

    private static IEnumerable<byte[]> Scalars(double time, int step, params (string Tag, double? Value)[] numbers) =>
        numbers.Where(number => number.Value is not null).Select(number => EventFile.Scalar(time, step, number.Tag, number.Value!.Value));

    /// <summary>The settings that the run's task has.</summary>
    private static IEnumerable<KeyValuePair<string, string>> SettingsOf(Run run)
    {
        var library = run.Settings.Library;
        var foreign = Listing.ForeignSettings(library, run.Settings.Task);
        return SettingHelp.Of(library).Where(setting => !foreign.Contains(setting.Name))
            .Select(setting => KeyValuePair.Create(setting.Name, setting.Text(run.Settings)));
    }
}
