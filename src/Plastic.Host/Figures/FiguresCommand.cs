using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// `plastic figures NAME`: figures/&lt;experiment&gt;/&lt;name&gt;.{csv,svg,pdf,png}, or .{csv,md} for a table, from the runs' files; a table that can be drawn has the pictures too.
/// </summary>
internal static class FiguresCommand
{
    /// <summary>Draws the requested figures and prints where they are.</summary>
    public static ExitCode Run(FiguresRequest request, Output output)
    {
        var files = new List<string>();
        var faults = 0;
        foreach (var plan in request.Plans)
        {
            // Of all experiments, those without any runs are skipped; what one lacks does not stop the others.
            if (request.Plans.Count > 1 && !plan.Runs.Any(run => HasValidation(request.Directory, run))) continue;
            try
            {
                files.AddRange(Draw(plan, request.Directory, request.AllowMissing, Environment.ProcessorCount));
            }
            catch (PlasticException thrown) when (request.Plans.Count > 1 && thrown.Code == ExitCode.MissingInput)
            {
                output.Warn($"{plan.Name}: {thrown.Message}");
                faults++;
            }
        }
        if (faults > 0)
        {
            foreach (var file in files) output.Result(file);
            throw new PlasticException(
                ExitCode.MissingInput, $"{CountText.Of(faults, "experiment")} not drawn, as said above; --allow-missing draws them without the runs that are missing");
        }
        if (files.Count == 0)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"no runs of any experiment in {RunDirectory.Root(request.Directory)}; train one first");
        }
        foreach (var file in files) output.Result(file);
        output.Result(Path.GetDirectoryName(files[0])!);
        output.Document(new { Figures = files });
        return ExitCode.Ok;
    }

    private static bool HasValidation(string directory, Run run) =>
        LoggedLosses.Validation(Path.Combine(RunDirectory.PathOf(directory, run), RunDirectory.MetricsFile)).Count > 0
        || RunDirectory.IsFinished(RunDirectory.PathOf(directory, run), run);

    /// <summary>The folder of a plan's figures.</summary>
    public static string Folder(string directory, Plan plan) =>
        Path.Combine(directory == "." ? "figures" : Path.Combine(directory, "figures"), plan.Name);

    /// <summary>Draws a plan's figures; returns the files written, the numbers first.</summary>
    /// <exception cref="PlasticException">Runs or the images of their episodes are missing, a file cannot be written, or this machine cannot draw.</exception>
    public static IReadOnlyList<string> Draw(Plan plan, string directory, bool allowMissing, int threads)
    {
        var runs = new FigureRuns(directory, threads);
        var charts = plan.Figures
            .Select(figure => (figure.Name, Chart: Charts.Of(plan, figure, runs)))
            .Where(figure => figure.Chart is not null)
            .Select(figure => (figure.Name, Chart: figure.Chart!.WithSeeds()))
            .ToArray();
        var tables = plan.Figures
            .Select(figure => (figure.Name, Table: Table(plan, figure, runs)))
            .Where(figure => figure.Table is not null)
            .ToArray();
        Require(plan, directory, runs, charts.Length + tables.Length, allowMissing);
        var folder = Folder(directory, plan);
        // The numbers first: they do not need the drawing library.
        var written = FigureFiles.Writing(folder, () =>
        {
            var files = new List<string>();
            void Put(string name, string text)
            {
                files.Add(Path.Combine(folder, name));
                AtomicFile.Write(files[^1], text);
            }
            foreach (var (name, table) in tables)
            {
                Put($"{name}.csv", table!.Csv());
                Put($"{name}.md", table.Markdown());
            }
            return files;
        });
        var pictures = tables.Where(table => table.Table!.Picture is not null).Select(table => (table.Name, table.Table!.Picture!));
        return [.. written, .. FigureFiles.Write(folder, charts), .. FigureFiles.Draw(folder, [.. pictures])];
    }

    /// <summary>A figure that is a table; null for others, and if none of its runs exist.</summary>
    public static ITable? Table(Plan plan, PlannedFigure figure, FigureRuns runs) => figure.Kind switch
    {
        FigureKind.Table kind => LossTable.Of(plan, figure, kind.columns, runs),
        FigureKind.MetricTable kind => LossTable.OfMetric(plan, figure, kind.columns, runs),
        { IsFrozen: true } => FrozenTable.Of(plan, figure, runs),
        FigureKind.Ranks kind => RankTable.Of(plan, figure, kind.axis, runs),
        _ => null,
    };

    /// <summary>Refuses a figure without any runs, and one with missing runs unless that is allowed.</summary>
    private static void Require(Plan plan, string directory, FigureRuns runs, int drawn, bool allowMissing)
    {
        if (drawn == 0)
        {
            throw new PlasticException(
                ExitCode.MissingInput,
                $"no runs of {plan.Name} in {RunDirectory.Root(directory)}; train them first"
                + string.Concat(runs.Noted.Select(run => $"; {run}")));
        }
        var missing = runs.Missing;
        if (missing.Count > 0 && !allowMissing)
        {
            throw new PlasticException(
                ExitCode.MissingInput,
                $"{missing.Count} of {plan.Runs.Count} runs missing or unfinished: {string.Join("; ", missing)}; "
                + "--allow-missing draws the rest");
        }
    }
}
