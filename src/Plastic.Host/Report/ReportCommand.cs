using System.Text.Json.Nodes;
using Plastic.CommandLine;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// `plastic report NAME`: reports/&lt;experiment&gt;.html, one page that needs nothing else: curves, tables, η(t) and fast
/// weights of what was trained so far.
/// </summary>
internal sealed class ReportCommand
{
    private readonly ReportRequest request;
    private readonly JsonArray charts = [], tables = [];

    private ReportCommand(ReportRequest request) => this.request = request;

    public static ExitCode Run(ReportRequest request, Output output)
    {
        var file = new ReportCommand(request).Write();
        output.Document(new { Report = file });
        output.Result(file);
        var left = LeftOut(request).ToArray();
        if (left.Length > 0)
        {
            output.Message(
                $"left out: {CountText.Of(left.Length, "run")} of rules from files ({string.Join(", ", left.Distinct())}); name each file, rule=FILE, to show them");
        }
        return ExitCode.Ok;
    }

    /// <summary>The rules of runs in the plan's folder that come from files which the command line does not name.</summary>
    private static IEnumerable<string> LeftOut(ReportRequest request)
    {
        foreach (var path in RunFolders.Under(Path.Combine(RunDirectory.Root(request.Directory), request.Plan.Name)))
        {
            if (RunFacts.Of(path).Run is { RuleFile: not null, Settings.Rule: var rule } && request.Plan.Library.RuleFile(rule) is null)
            {
                yield return rule;
            }
        }
    }

    private string Write()
    {
        var plan = request.Plan;
        var runs = new FigureRuns(request.Directory, Environment.ProcessorCount);
        foreach (var figure in plan.Figures)
        {
            var part = PartOf(figure);
            // The page's curves have bands instead of a line for every seed.
            if (!figure.Kind.IsSeeds && Charts.Of(plan, figure, runs) is { } chart) charts.Add(PageParts.Of(TitleOf(figure.Kind) + part, chart.WithSeeds()));
            if (figure.Kind.IsLearning && Charts.Training(ShownRuns.Of(plan, figure), runs) is { } training)
            {
                charts.Add(PageParts.Of("Training loss" + part, training.WithSeeds()));
            }
            if (FiguresCommand.Table(plan, figure, runs) is { } table)
            {
                tables.Add(PageParts.Of(TitleOf(figure.Kind) + part, table.Rows, table.FirstNumber, table.Note));
            }
        }
        if (charts.Count + tables.Count == 0)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"no runs of {plan.Name} in {RunDirectory.Root(request.Directory)}; train them first");
        }
        var pictures = new EpisodePictures(plan, request.Directory, runs);
        if (pictures.Table is { } beside) tables.Add(beside);
        foreach (var table in new RunTables(plan, request.Directory, runs).All) tables.Add(table);
        var insides = new NetworkInsides(plan, request.Directory);
        if (insides.Rates is { } rates) charts.Add(rates);
        var finished = plan.Runs.Count(run => RunDirectory.IsFinished(PathOf(run), run));
        var page = Resource.Text("Report.page.html")
            .Replace("/*title*/", System.Net.WebUtility.HtmlEncode($"{Sentence(plan.Summary)} ({plan.Title})"))
            .Replace("/*style*/", PageStyle.Text)
            .Replace("/*parts.js*/", Resource.Text("Report.parts.js"))
            .Replace("/*chart.js*/", Resource.Text("Report.chart.js"))
            .Replace("/*page.js*/", Resource.Text("Report.page.js"))
            // The default encoder escapes "<", so no text ends the script element around it.
            .Replace("/*data*/", Data(finished, insides, pictures).ToJsonString());
        var file = Path.Combine(request.Directory, "reports", $"{plan.Title}.html");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            AtomicFile.Write(file, page);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PlasticException(ExitCode.InputOutput, $"{file}: cannot be written: {fault.Message}", fault);
        }
        return file;
    }

    /// <summary>What a figure shows, for people; its name is that of a file.</summary>
    private static string TitleOf(FigureKind kind) => kind switch
    {
        { IsLearning: true } => "Validation loss",
        { IsTraining: true } => "Training loss",
        { IsInnerRate: true } => "Inner learning rate",
        { IsFrozen: true } => "Loss of the last batches, which train nothing",
        FigureKind.Against against => $"Test loss over {against.axis}",
        FigureKind.Table table => $"Test loss by {table.columns}",
        { IsMetric: true } => "Validation metric",
        FigureKind.MetricTable table => $"Test metric by {table.columns}",
        FigureKind.Ranks ranks => $"Ranks of each {ranks.axis}",
        _ => throw new NotSupportedException($"no title for {kind}"),
    };

    /// <summary>What sets a figure's runs apart from those of the others: ", cell LSTM".</summary>
    private string PartOf(PlannedFigure figure)
    {
        var plan = request.Plan;
        IReadOnlyList<string> Values(string axis, IEnumerable<Run> runs) => [.. runs.Select(run => run.Text(axis)).Distinct()];
        return string.Concat(plan.Axes
            .Where(axis => Values(axis, figure.Runs).Count == 1 && Values(axis, plan.Runs).Count > 1)
            .Select(axis => $", {axis} {Values(axis, figure.Runs)[0]}"));
    }

    private static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private string PathOf(Run run) => RunDirectory.PathOf(request.Directory, run);

    private JsonObject Data(int finished, NetworkInsides insides, EpisodePictures pictures)
    {
        var plan = request.Plan;
        var foreign = Listing.ForeignSettings(plan.Library, plan.Runs[0].Settings.Task);
        var shared = SettingHelp.Of(plan.Library)
            .Where(setting => !foreign.Contains(setting.Name))
            .Select(setting => (setting.Name, Texts: plan.Runs.Select(run => setting.Text(run.Settings)).Distinct().ToArray()))
            .Where(setting => setting.Texts.Length == 1 && setting.Name != "seed");
        return new JsonObject
        {
            ["title"] = Sentence(plan.Summary),
            ["name"] = plan.Title.Replace(",", ", ", StringComparison.Ordinal),
            ["summary"] = $"{Sentence(plan.Runs[0].Task.Floor)}.",
            ["state"] = $"{finished} of {plan.Runs.Count} runs finished; seeds {string.Join(", ", plan.Seeds)}; plastic {ProgramVersion.Text}.",
            ["charts"] = charts,
            ["tables"] = tables,
            ["heats"] = insides.Heats,
            ["answers"] = pictures.Networks,
            ["images"] = pictures.Images,
            ["settings"] = new JsonArray([.. shared.Select(setting => new JsonArray(setting.Name, setting.Texts[0]))]),
        };
    }
}
