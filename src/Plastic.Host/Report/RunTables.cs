using System.Globalization;
using System.Text.Json.Nodes;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>The tables of a report: what came of points and seeds, what is missing and why, and where the runs come from.</summary>
internal sealed class RunTables(Plan plan, string directory, FigureRuns runs)
{
    private const int MostCommands = 8;

    /// <summary>The name of the task's metric, where it decides which weights are best.</summary>
    private readonly string[] measured = plan.Runs[0].Task.Measure is { Decides: true } measure ? [measure.Name] : [];

    /// <summary>Those of the following that have rows.</summary>
    public IEnumerable<JsonObject> All => new[] { Points(), Seeds(), Absent(), Origins() }.OfType<JsonObject>();

    private string PathOf(Run run) => RunDirectory.PathOf(directory, run);

    private IEnumerable<string> Place(Run run) => plan.Axes.Select(axis => run.Text(axis));

    /// <summary>What came of every point, over the seeds that are there.</summary>
    private JsonObject? Points()
    {
        var rows = new List<string[]> { (string[])[.. plan.Axes, "units", .. measured.Select(name => $"test {name}"), "test loss", "n", "chance"] };
        foreach (var (first, seeds) in runs.Read(plan.Runs, TestResults.Read))
        {
            rows.Add(
            [
                .. Place(first), Text(first.Units), .. measured.Select(_ => Over(seeds.Select(seed => seed.TestMeasure).OfType<double>())),
                Over(seeds.Select(seed => seed.TestLoss)), Text(seeds.Count), first.Chance.ToString("F4", CultureInfo.InvariantCulture),
            ]);
        }
        return Table(
            measured is [var name] ? $"Test {name} and loss" : "Test losses", rows, plan.Axes.Count,
            "With the weights of the best validation, on the test set that all seeds and rules share; mean ± 1.96 standard errors over n seeds. Chance: of the loss.");

        static string Over(IEnumerable<double> seeds) =>
            seeds.ToArray() is { Length: > 0 } values ? LossText.Of(Mean.Of(values).Value, Mean.Of(values).Margin) : "";
    }

    /// <summary>Every finished run.</summary>
    private JsonObject? Seeds()
    {
        var rows = new List<string[]>
        {
            (string[])
            [
                .. plan.Axes, "seed", .. measured.SelectMany(name => new[] { $"test {name}", $"best validation {name}" }), "test loss",
                measured.Length > 0 ? "validation loss" : "best validation", "at step", "time",
            ],
        };
        foreach (var run in plan.Runs.Where(run => RunDirectory.IsFinished(PathOf(run), run)))
        {
            var result = TestResults.Read(PathOf(run))!;
            var times = JsonLines.ReadGrowing<Timing>(Path.Combine(PathOf(run), RunDirectory.TimingFile));
            rows.Add(
            [
                .. Place(run), run.Seed.ToString(CultureInfo.InvariantCulture),
                .. measured.SelectMany(_ => new[] { Value(result.TestMeasure, 1.96 * result.TestMeasureError), Value(result.BestMeasure, null) }),
                LossText.Of(result.TestLoss, result.TestError), LossText.Of(result.BestLoss), Text(result.BestStep),
                times.Count == 0 ? "" : DurationText.Of(TimeSpan.FromSeconds(times[^1].Seconds)),
            ]);
        }
        return Table(
            "Every run", rows, plan.Axes.Count,
            string.Concat(measured.Select(name => $"Test {name} ± 1.96 standard errors over the batches of the test set. "))
            + "Test loss ± standard error over the batches of the test set. Validation: the best one, whose weights were tested. Time: from the start, or from where the run was last resumed, to its last validation.");

        static string Value(double? value, double? margin) => value is { } known ? LossText.Of(known, margin) : "";
    }

    /// <summary>The runs that are not finished, with what is known of each.</summary>
    private JsonObject? Absent()
    {
        var rows = new List<string[]> { (string[])["run", "state", "why"] };
        foreach (var run in plan.Runs.Where(run => !RunDirectory.IsFinished(PathOf(run), run)))
        {
            var path = PathOf(run);
            if (!Directory.Exists(path))
            {
                rows.Add([run.Title, "not trained", ""]);
                continue;
            }
            var summary = RunSummary.Of(path);
            var why = RunDirectory.Difference(path, run) is { } difference
                ? $"it has other settings: {difference}"
                : LostFiles.Of(path)?.Advice ?? summary.Status?.Message ?? "";
            rows.Add([run.Title, summary.Status is null ? summary.State : $"{summary.State} at step {summary.Status.Step}", why]);
        }
        return Table("Runs that are failed, unfinished or missing", rows, 3, "They are in no table above, and in the curves as far as they are.");
    }

    /// <summary>Which program trained the runs, where, when, and by which commands.</summary>
    private JsonObject? Origins()
    {
        var rows = new List<string[]> { (string[])["what", "runs"] };
        var paths = plan.Runs.Select(PathOf).Where(Directory.Exists).ToArray();
        var places = paths.Select(path => JsonFile.ReadOrNull<EnvironmentFacts>(Path.Combine(path, RunDirectory.EnvironmentFile)))
            .OfType<EnvironmentFacts>().ToArray();
        void Add(string what, IEnumerable<string> texts, int most = int.MaxValue)
        {
            var groups = texts.GroupBy(text => text).ToArray();
            rows.AddRange(groups.Take(most).Select(group => (string[])[$"{what}: {group.Key}", Text(group.Count())]));
            if (groups.Length > most) rows.Add([$"{what}: {groups.Length - most} others", Text(groups.Skip(most).Sum(group => group.Count()))]);
        }
        Add("program", places.Select(place =>
            $"plastic {place.Version}{(place.Commit is { } commit ? $", commit {commit}" : "")}{(place.Changed == true ? " with changes" : "")}"));
        Add("machine", places.Select(place => $"{place.Processor ?? place.Architecture}, {place.System}, {place.Dotnet}"));
        Add("day", places.Select(place => place.Started.Split('T')[0]).Order(StringComparer.Ordinal), MostCommands);
        Add("command", paths.Select(path => Path.Combine(path, RunDirectory.CommandFile)).Where(File.Exists)
            .Select(file => SafeText.Line(File.ReadAllText(file).Trim())), MostCommands);
        return Table("Where the runs come from", rows, 1, "From env.json and command.txt of the runs' folders.");
    }

    private static JsonObject? Table(string title, List<string[]> rows, int firstNumber, string note) =>
        rows.Count > 1 ? PageParts.Of(title, rows, firstNumber, note) : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
