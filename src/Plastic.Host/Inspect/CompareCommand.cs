using System.Globalization;
using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>`plastic compare A B …`: test losses and metrics of runs over their seeds, point by point, across experiments.</summary>
internal static class CompareCommand
{
    /// <summary>The finished runs of one point.</summary>
    private sealed record Row(string Of, Run First, IReadOnlyList<RunFacts> All, IReadOnlyList<double> Losses, IReadOnlyList<double> Validations)
    {
        /// <summary>The task's metric on the test set, of those runs that have it.</summary>
        public required IReadOnlyList<double> Measures { get; init; }

        /// <summary>The same in the best validations.</summary>
        public required IReadOnlyList<double> ValidationMeasures { get; init; }
    }

    /// <summary>A column of the results: its name, a row's numbers, and how readily it is left out where there is no room.</summary>
    private sealed record Column(string Name, Func<Row, IReadOnlyList<double>> Of, int Rank);

    public static ExitCode Run(CompareRequest request, Output output)
    {
        var rows = request.Targets.SelectMany(target => RowsOf(target, request.Directory)).ToArray();
        if (rows.All(row => row.Losses.Count == 0))
        {
            throw new PlasticException(ExitCode.MissingInput, "none of these runs is finished; plastic list runs shows how far they are");
        }
        var tasks = rows.Select(row => row.First.Settings.Task).Distinct().ToArray();
        if (tasks.Length > 1) output.Warn($"losses of different tasks cannot be compared: {string.Join(", ", tasks)}");
        string[] differing =
        [
            .. rows.SelectMany(row => SettingHelp.Of(row.First.Settings.Library)).Select(setting => setting.Name).Distinct()
                .Where(key => key != "seed" && rows.Select(row => row.First.Text(key)).Distinct().Count() > 1),
        ];
        var first = rows.First(row => row.Losses.Count > 0);
        var columns = ColumnsOf(rows).ToArray();
        var compared = columns[0];
        var table = rows.Select(row => (string[])
        [
            row.Of, .. differing.Select(key => row.First.Text(key)),
            row.First.Units.ToString(CultureInfo.InvariantCulture), Seeds(row), .. columns.Select(column => Text(column.Of(row))),
            row == first ? "" : Difference(compared.Of(row), compared.Of(first)),
        ]).Prepend(["runs", .. differing, "units", "n", .. columns.Select(column => column.Name), "difference"]).ToArray();

        output.Document(new
        {
            Rows = rows.Select(row => new
            {
                Runs = row.Of,
                Directories = row.All.Select(run => run.Path),
                Settings = differing.ToDictionary(key => key, key => row.First.Text(key)),
                row.First.Units,
                Finished = row.Losses.Count,
                row.Losses,
                row.Validations,
                TestLoss = row.Losses.Count == 0 ? (double?)null : Mean.Of(row.Losses).Value,
                StandardError = row.Losses.Count == 0 ? null : Mean.Of(row.Losses).StandardError,
                MeasureName = row.First.Task.Measure?.Name,
                row.Measures,
                row.ValidationMeasures,
                TestMeasure = row.Measures.Count == 0 ? (double?)null : Mean.Of(row.Measures).Value,
                MeasureStandardError = row.Measures.Count == 0 ? null : Mean.Of(row.Measures).StandardError,
            }),
        });
        if (request.Csv)
        {
            foreach (var row in table) output.Result(CsvText.Row(row));
            return ExitCode.Ok;
        }
        int[] ranks = [0, .. differing.Select(_ => 1), 3, 0, .. columns.Select(column => column.Rank), 2];
        bool[] numbers = [false, .. differing.Select(_ => false), true, true, .. columns.Select(_ => true), true];
        foreach (var line in Columns.Lines(table, ranks, numbers, output.ResultsWidth)) output.Result(line);
        output.Message($"mean ± 1.96 standard errors over n seeds; difference: {compared.Name} less that of the first row");
        return ExitCode.Ok;
    }

    /// <summary>What is shown of the results, what is compared first: the metric where it decides which weights are best, else the loss.</summary>
    private static IEnumerable<Column> ColumnsOf(Row[] rows)
    {
        var loss = new Column("test loss", row => row.Losses, 0);
        // Metrics of different tasks share no column.
        if (rows.Select(row => row.First.Task.Measure?.Name).Distinct().ToArray() is not [{ } name] || rows.All(row => row.Measures.Count == 0))
        {
            return [loss, new Column("best validation", row => row.Validations, 4)];
        }
        var metric = new Column($"test {name}", row => row.Measures, 0);
        return rows.All(row => row.First.Task.Measure.Decides)
            ? [metric, new Column($"best validation {name}", row => row.ValidationMeasures, 4), loss with { Rank = 3 }]
            : [loss, new Column("best validation", row => row.Validations, 4), metric];
    }

    /// <summary>The points of a target: runs that differ in the seed alone.</summary>
    private static IEnumerable<Row> RowsOf(string target, string directory)
    {
        var runs = RunTargets.Of(target, directory).Select(RunFacts.Of).Where(run => run.Run is not null).ToArray();
        foreach (var point in runs.GroupBy(run => Path.GetDirectoryName(run.Path)))
        {
            var finished = point.Where(run => run.Summary.Test is not null && RunDirectory.IsFinished(run.Path)).ToArray();
            yield return new Row(
                target, point.First().Run!, [.. point], [.. finished.Select(run => run.Summary.Test!.Loss)],
                [.. finished.Select(run => run.Summary.Test!.BestValidationLoss)])
            {
                Measures = [.. finished.Select(run => run.Summary.Test!.Measure).OfType<double>()],
                ValidationMeasures = [.. finished.Select(run => run.ValidationMeasure).OfType<double>()],
            };
        }
    }

    private static string Seeds(Row row) => row.Losses.Count == row.All.Count ? $"{row.All.Count}" : $"{row.Losses.Count} of {row.All.Count}";

    private static string Text(IReadOnlyList<double> values) =>
        values.Count == 0 ? "" : LossText.Of(Mean.Of(values).Value, Mean.Of(values).Margin);

    /// <summary>The difference of two means, with 1.96 standard errors where both have one.</summary>
    private static string Difference(IReadOnlyList<double> row, IReadOnlyList<double> first)
    {
        if (row.Count == 0 || first.Count == 0) return "";
        var (a, b) = (Mean.Of(row), Mean.Of(first));
        var error = a.StandardError is { } ea && b.StandardError is { } eb ? 1.96 * Math.Sqrt(ea * ea + eb * eb) : (double?)null;
        var difference = a.Value - b.Value;
        return (difference < 0 ? "−" : "+") + LossText.Of(Math.Abs(difference), error);
    }
}
