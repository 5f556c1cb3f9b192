using System.Globalization;
using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// `plastic export NAME -o FILE.csv`: the metrics of all runs as one table. A line for each line of their metrics.jsonl, and for a
/// finished run one with its test loss, at the step whose weights were tested.
/// </summary>
internal static class ExportMetricsCommand
{
    public static ExitCode Run(ExportMetricsRequest request, Output output)
    {
        var plan = request.Plan;
        var found = new List<(Run Run, string Path)>();
        foreach (var run in plan.Runs)
        {
            var path = RunDirectory.PathOf(request.Directory, run);
            if (!File.Exists(Path.Combine(path, RunDirectory.MetricsFile))) continue;
            if (RunDirectory.Difference(path, run) is { } difference) output.Warn($"{path} is left out: {difference}");
            else found.Add((run, path));
        }
        if (found.Count == 0)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"no runs of {plan.Name} in {RunDirectory.Root(request.Directory)}; train them first");
        }
        OutputFolder.RequireNew(request.File);
        CsvText.Write(
            request.File,
            ["run", .. plan.Axes, "seed", "step", "training_loss", "gradient_norm", "validation_loss", "validation_measure", "test_loss", "test_measure"],
            found.SelectMany(one => Rows(plan, one.Run, one.Path)));
        output.Document(new { request.File, Runs = found.Select(one => one.Path) });
        output.Message($"metrics of {found.Count} of {CountText.Of(plan.Runs.Count, "run")}");
        output.Result(request.File);
        return ExitCode.Ok;
    }

    private static IEnumerable<IEnumerable<string>> Rows(Plan plan, Run run, string path)
    {
        string[] names = [run.Directory, .. plan.Axes.Select(run.Text), run.Seed.ToString(CultureInfo.InvariantCulture)];
        foreach (var line in JsonLines.ReadGrowing<Metrics>(Path.Combine(path, RunDirectory.MetricsFile)))
        {
            yield return Row(line.Step, line.TrainingLoss, line.GradientNorm, line.ValidationLoss, line.ValidationMeasure, null, null);
        }
        if (TestResults.Read(path) is { } test) yield return Row(test.BestStep, null, null, null, null, test.TestLoss, test.TestMeasure);

        IEnumerable<string> Row(int step, params double?[] values) =>
            [.. names, step.ToString(CultureInfo.InvariantCulture), .. values.Select(CsvText.Number)];
    }
}
