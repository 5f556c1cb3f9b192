using System.Globalization;
using Plastic.CommandLine;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>What is known of a run from its folder, for lists.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Run">Its settings; null where they cannot be read.</param>
/// <param name="Summary">How far it is.</param>
/// <param name="Label">What it is called.</param>
/// <param name="Age">The time since something was last written that tells of its progress.</param>
/// <param name="Bytes">The size of its files.</param>
internal sealed record RunFacts(string Path, Run? Run, RunSummary Summary, RunLabel Label, TimeSpan Age, long Bytes)
{
    public static RunFacts Of(string path)
    {
        Run? run = null;
        try
        {
            run = SavedRun.Read(path);
        }
        catch (PlasticException)
        {
            // It is listed all the same, as unreadable.
        }
        var status = new FileInfo(System.IO.Path.Combine(path, RunDirectory.StatusFile));
        var config = new FileInfo(System.IO.Path.Combine(path, RunDirectory.ConfigFile));
        var bytes = new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        var age = DateTime.UtcNow - (status.Exists ? status : config).LastWriteTimeUtc;
        return new RunFacts(path, run, RunSummary.Of(path), RunLabel.Read(path), age < TimeSpan.Zero ? TimeSpan.Zero : age, bytes);
    }

    /// <summary>The name of the folder two above, as `train` makes them: the experiment or the task.</summary>
    public string Experiment =>
        System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(Path)) ?? "");

    /// <summary>In words; finished, running, failed, interrupted, dead, or what is wrong with the folder.</summary>
    public string State => Run is null ? "unreadable" : Summary.State;

    /// <summary>The best validation so far.</summary>
    public double? Validation => Summary.Test?.BestValidationLoss
        ?? (Logged(LoggedLosses.Validation) is { Count: > 0 } losses ? losses.Values.Min() : null);

    /// <summary>The task's additional metric; null where it has none, or is not known.</summary>
    public Measure? Measure => Run?.Task.Measure;

    /// <summary>That metric in the best validation so far; null before the first.</summary>
    public double? ValidationMeasure
    {
        get
        {
            if (Summary.Test?.BestValidationMeasure is { } known) return known;
            var logged = Logged(LoggedLosses.ValidationMeasure);
            return Summary.Test is { } test
                ? logged.TryGetValue(test.BestStep, out var tested) ? tested : null
                : Measure is { Decides: true } && logged.Count > 0 ? logged.Values.Max() : null;
        }
    }

    /// <summary>The text of a setting or of a fact, as conditions compare it; several for tags.</summary>
    public IEnumerable<string> Texts(string key) => key switch
    {
        "experiment" => [Experiment],
        "name" => [Label.Name],
        "tag" => Label.Tags.DefaultIfEmpty(""),
        "state" => [State],
        "step" => [Number(Summary.Status?.Step)],
        "loss" => [Number(Summary.Test?.Loss)],
        "validation" => [Number(Validation)],
        "measure" => [Number(Summary.Test?.Measure)],
        "validation_measure" => [Number(ValidationMeasure)],
        "age" => [Number(Age.TotalSeconds)],
        "size" => [Number(Bytes)],
        _ when key == Measure?.Name => Texts("measure"),
        _ => [Run is null ? "" : Run.Text(key)],
    };

    /// <summary>Whether it meets a condition.</summary>
    public bool Meets(Condition condition) => condition.Holds(Texts(condition.Key));

    /// <summary>Its place in an order: numbers by size and before texts, what is not there last.</summary>
    public (int Kind, double Number, string Text) Order(string key)
    {
        var text = Texts(key).First();
        return text.Length == 0 ? (2, 0, "")
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? (0, number, "")
            : (1, 0, text);
    }

    private IReadOnlyDictionary<long, double> Logged(Func<string, IReadOnlyDictionary<long, double>> read)
    {
        try
        {
            return read(System.IO.Path.Combine(Path, RunDirectory.MetricsFile));
        }
        catch (PlasticException)
        {
            return new Dictionary<long, double>();
        }
    }

    private static string Number(double? value) => value is { } known ? known.ToString("R", CultureInfo.InvariantCulture) : "";
}
