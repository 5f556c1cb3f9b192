using System.Globalization;
using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>`plastic compare A B …`: the test losses of runs over their seeds, point by point, across experiments.</summary>
internal static class CompareCommand
{
    /// <summary>The finished runs of one point.</summary>
    private sealed record Row(string Of, Run First, IReadOnlyList<RunFacts> All, IReadOnlyList<double> Losses, IReadOnlyList<double> Validations);

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
        var table = rows.Select(row => (string[])
        [
            row.Of, .. differing.Select(key => row.First.Text(key)),
            row.First.Units.ToString(CultureInfo.InvariantCulture), Seeds(row), Loss(row.Losses), Loss(row.Validations),
            row == first ? "" : Difference(row, first),
        ]).Prepend(["runs", .. differing, "units", "n", "test loss", "best validation", "difference"]).ToArray();

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
            }),
        });
        if (request.Csv)
        {
            foreach (var row in table) output.Result(CsvText.Row(row));
            return ExitCode.Ok;
        }
        int[] ranks = [0, .. differing.Select(_ => 1), 3, 0, 0, 4, 2];
        bool[] numbers = [false, .. differing.Select(_ => false), true, true, true, true, true];
        foreach (var line in Columns.Lines(table, ranks, numbers, output.ResultsWidth)) output.Result(line);
        output.Message("mean ± 1.96 standard errors over n seeds; difference: test loss less that of the first row");
        return ExitCode.Ok;
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
                [.. finished.Select(run => run.Summary.Test!.BestValidationLoss)]);
        }
    }

    private static string Seeds(Row row) => row.Losses.Count == row.All.Count ? $"{row.All.Count}" : $"{row.Losses.Count} of {row.All.Count}";

    private static string Loss(IReadOnlyList<double> losses) =>
        losses.Count == 0 ? "" : LossText.Of(Mean.Of(losses).Value, 1.96 * Mean.Of(losses).StandardError);

    /// <summary>The difference of two means, with 1.96 standard errors where both have one.</summary>
    private static string Difference(Row row, Row first)
    {
        if (row.Losses.Count == 0) return "";
        var (a, b) = (Mean.Of(row.Losses), Mean.Of(first.Losses));
        var error = a.StandardError is { } ea && b.StandardError is { } eb ? 1.96 * Math.Sqrt(ea * ea + eb * eb) : (double?)null;
        var difference = a.Value - b.Value;
        return (difference < 0 ? "−" : "+") + LossText.Of(Math.Abs(difference), error);
    }
}
