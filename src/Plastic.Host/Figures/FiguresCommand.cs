using System.Text.Json.Nodes;
using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// `plastic figures NAME`: figures/&lt;experiment&gt;/&lt;name&gt;.{csv,svg,pdf,png} from the runs' metrics.
/// </summary>
internal static class FiguresCommand
{
    /// <summary>Draws the request's figures and says where they are.</summary>
    public static ExitCode Run(FiguresRequest request, Output output)
    {
        var files = new List<string>();
        var faults = new List<PlasticException>();
        foreach (var plan in request.Plans)
        {
            // Of all experiments those count of which there is something to see; what one lacks does not stop the others.
            if (request.Plans.Count > 1 && !plan.Runs.Any(run => HasValidation(request.Directory, run))) continue;
            try
            {
                files.AddRange(Draw(plan, request.Directory, request.AllowMissing, Gnuplot.FindOrInstall, output));
            }
            catch (PlasticException thrown) when (request.Plans.Count > 1 && thrown.Code == ExitCode.MissingInput)
            {
                output.Warn($"{plan.Name}: {thrown.Message}");
                faults.Add(thrown);
            }
        }
        if (faults.Count > 0)
        {
            foreach (var file in files) output.Result(file);
            throw new PlasticException(
                ExitCode.MissingInput, $"{faults.Count} experiments lack runs; --allow-missing draws what there is");
        }
        if (files.Count == 0)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"no runs of any experiment in {RunDirectory.Root(request.Directory)}; train them first");
        }
        foreach (var file in files) output.Result(file);
        output.Result(Path.GetDirectoryName(files[0])!);
        output.Document(new JsonObject { ["figures"] = new JsonArray([.. files.Select(file => (JsonNode)file)]) });
        return ExitCode.Ok;
    }

    private static bool HasValidation(string directory, Run run) =>
        LoggedLosses.Validation(Path.Combine(RunDirectory.PathOf(directory, run), RunDirectory.MetricsFile)).Count > 0
        || RunDirectory.IsFinished(RunDirectory.PathOf(directory, run), run);

    /// <summary>Where a plan's figures belong.</summary>
    public static string Folder(string directory, Plan plan) =>
        Path.Combine(directory == "." ? "figures" : Path.Combine(directory, "figures"), plan.Name);

    /// <summary>
    /// Draws a plan's figures; returns the files written. Without gnuplot that is the csv alone, and a warning says so.
    /// </summary>
    /// <exception cref="PlasticException">Runs are missing, or a file cannot be written.</exception>
    public static IReadOnlyList<string> Draw(
        Plan plan, string directory, bool allowMissing, Func<string?, Gnuplot?> find, Output output)
    {
        var runs = new FigureRuns(directory);
        var charts = plan.Figures
            .Select(figure => (figure.Name, Chart: Charts.Of(plan, figure, runs)))
            .Where(figure => figure.Chart is not null)
            .Select(figure => (figure.Name, Chart: figure.Chart!.SayingSeeds()))
            .ToArray();
        var tables = plan.Figures
            .Select(figure => (figure.Name, Table: Table(plan, figure, runs)))
            .Where(figure => figure.Table is not null)
            .ToArray();
        Require(plan, directory, runs, charts.Length + tables.Length, allowMissing);
        var folder = Folder(directory, plan);
        try
        {
            Directory.CreateDirectory(folder);
            var written = new List<string>();
            void Write(string name, string content)
            {
                written.Add(Path.Combine(folder, name));
                AtomicFile.Write(written[^1], content);
            }
            foreach (var (name, chart) in charts) Write($"{name}.csv", chart.Csv());
            foreach (var (name, table) in tables)
            {
                Write($"{name}.csv", table!.Csv());
                Write($"{name}.md", table.Markdown());
            }
            if (charts.Length == 0) return written;
            if (find(Environment.GetEnvironmentVariable("PATH")) is { } gnuplot)
            {
                foreach (var (name, chart) in charts) written.AddRange(Picture(gnuplot, chart, folder, name, output));
            }
            else
            {
                output.Warn("gnuplot was not found and could not be installed: only the csv of the figures is written");
            }
            return written;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PlasticException(ExitCode.InputOutput, $"{folder}: cannot be written: {fault.Message}", fault);
        }
    }

    /// <summary>A figure that is a table; null for others, and when none of its runs are there.</summary>
    public static ITable? Table(Plan plan, PlannedFigure figure, FigureRuns runs) => figure.Kind switch
    {
        FigureKind.Table kind => LossTable.Of(plan, figure, kind.columns, runs),
        { IsFrozen: true } => FrozenTable.Of(plan, figure, runs),
        _ => null,
    };

    /// <summary>Refuses a figure of nothing, and one of less than was planned unless that is allowed.</summary>
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

    /// <summary>One figure in every format, each file whole or not at all.</summary>
    private static IReadOnlyList<string> Picture(
        Gnuplot gnuplot, Chart chart, string folder, string name, Output output)
    {
        var workshop = Directory.CreateTempSubdirectory("plastic-");
        string Temporary(string extension) => Path.Combine(folder, $".{name}.{Environment.ProcessId}.{extension}");
        try
        {
            var script = Path.Combine(workshop.FullName, "figure.gp");
            File.WriteAllText(script, ChartPlot.Script(chart, Temporary));
            if (gnuplot.Run(script) is { } complaint)
            {
                output.Warn($"gnuplot could not draw {name}: {complaint}");
                return [];
            }
            var files = new List<string>();
            foreach (var extension in ChartPlot.Extensions)
            {
                files.Add(Path.Combine(folder, $"{name}.{extension}"));
                File.Move(Temporary(extension), files[^1], overwrite: true);
            }
            return files;
        }
        finally
        {
            foreach (var extension in ChartPlot.Extensions) File.Delete(Temporary(extension));
            workshop.Delete(recursive: true);
        }
    }
}
