using System.Text;
using System.Text.Json.Nodes;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>Runs in columns: what differs among them, their state, loss, metric, age and size, and their folders.</summary>
internal sealed class RunList
{
    private readonly IReadOnlyList<RunFacts> runs;
    private readonly string[] differing;

    public RunList(IReadOnlyList<RunFacts> runs)
    {
        this.runs = runs;
        differing =
        [
            .. runs.Where(run => run.Run is not null).SelectMany(run => SettingHelp.Of(run.Run!.Settings.Library))
                .Select(setting => setting.Name).Distinct()
                .Where(key => runs.SelectMany(run => run.Texts(key)).Where(text => text.Length > 0).Distinct().Count() > 1),
        ];
    }

    /// <summary>One line a run after a header, for a terminal of a width; null for no limit.</summary>
    public IEnumerable<string> Lines(int? width)
    {
        // The name of the metric, where runs have one.
        string[] metric = runs.Where(run => run.Summary.Test?.Measure is not null).Select(run => run.Measure?.Name).OfType<string>().Distinct().ToArray() switch
        {
            [] => [],
            [var name] => [name],
            _ => ["metric"],
        };
        string[] head = ["name", "tags", "experiment", .. differing, "state", "loss", .. metric, "age", "size", "folder"];
        var hasExperiments = runs.Select(run => run.Experiment).Distinct().Count() > 1;
        var rows = runs.Select(run => (string[])
        [
            run.Label.Name, string.Join(',', run.Label.Tags), hasExperiments ? run.Experiment : "",
            .. differing.Select(key => run.Texts(key).First()),
            run.Summary.Status is { State: not RunState.Finished and var state, Step: var step } ? $"{run.State} at step {step}" : run.State,
            run.Summary.Test is { } test ? LossText.Of(test.Loss) : "",
            .. metric.Select(_ => run.Summary.Test is { Measure: { } value } tested ? LossText.Of(value, 1.96 * tested.MeasureStandardError) : ""), AgeText(run.Age), SizeText.Of(run.Bytes), run.Path,
        ]).Prepend(head).ToArray();
        // State, loss and metric are always shown; folders are the longest, then follow size, age, tags and settings from the last.
        int[] ranks = [0, 3, 0, .. differing.Select((_, k) => 4 + differing.Length - k > 6 ? 2 : 1), 0, 0, .. metric.Select(_ => 0), 5, 6, 7];
        bool[] numbers = [false, false, false, .. differing.Select(_ => false), false, true, .. metric.Select(_ => true), true, true, false];
        return Columns.Lines(rows, ranks, numbers, width);
    }

    /// <summary>Every fact, and every setting that differs.</summary>
    public string Csv()
    {
        var text = new StringBuilder();
        string[] facts = ["experiment", "name", "state", "step", "loss", "validation", "measure", "validation_measure", "age", "size"];
        Add(["directory", "tags", .. facts.Select(fact => fact switch { "age" => "age_seconds", "size" => "bytes", _ => fact }), .. differing]);
        foreach (var run in runs)
        {
            Add([run.Path, string.Join(' ', run.Label.Tags), .. facts.Concat(differing).Select(key => run.Texts(key).First())]);
        }
        return text.ToString();

        void Add(IEnumerable<string> cells) => text.Append(CsvText.Row(cells)).Append('\n');
    }

    /// <summary>The same for --json, with all settings, of their types.</summary>
    public IEnumerable<object> Facts() => runs.Select(run => new
    {
        Directory = run.Path,
        run.Experiment,
        run.Label.Name,
        run.Label.Tags,
        run.State,
        run.Summary.Status?.Step,
        run.Summary.Status?.Message,
        run.Summary.Test?.Loss,
        run.Summary.Test?.StandardError,
        run.Validation,
        MeasureName = run.Measure?.Name,
        run.Summary.Test?.Measure,
        run.Summary.Test?.MeasureStandardError,
        run.ValidationMeasure,
        AgeSeconds = Math.Round(run.Age.TotalSeconds),
        run.Bytes,
        Settings = run.Run is { } saved ? JsonNode.Parse(saved.Json) : null,
    });

    /// <summary>Says how many of the runs have code that no command runs without --trust.</summary>
    public void SayUntrusted(Output output)
    {
        var count = runs.Count(run => run.Run is { } saved && RunCode.Untrusted(run.Path, saved).Any());
        if (count == 0) return;
        output.Message(
            $"the code of {count} of {CountText.Of(runs.Count, "run")} has not been used on this machine and was not run: "
            + "eval, resume and export run it with --trust");
    }

    private static string AgeText(TimeSpan age) => age switch
    {
        { TotalSeconds: < 60 } => $"{(int)age.TotalSeconds} s",
        { TotalMinutes: < 60 } => $"{(int)age.TotalMinutes} min",
        { TotalHours: < 48 } => $"{(int)age.TotalHours} h",
        _ => $"{(int)age.TotalDays} d",
    };
}
