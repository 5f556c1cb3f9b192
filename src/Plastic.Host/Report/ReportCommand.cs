using System.Globalization;
using System.Text.Json.Nodes;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Settings;

namespace Plastic.Host;

/// <summary>
/// `plastic report NAME`: reports/&lt;experiment&gt;.html, one page that needs nothing else: curves, tables, η(t) and fast
/// weights of what was trained so far.
/// </summary>
internal sealed class ReportCommand
{
    private const int MostHeats = 6;

    private readonly ReportRequest request;
    private readonly int threads = Environment.ProcessorCount;
    private readonly JsonArray charts = [], tables = [], heats = [];
    private int left;

    private ReportCommand(ReportRequest request) => this.request = request;

    public static ExitCode Run(ReportRequest request, Output output)
    {
        var file = new ReportCommand(request).Write();
        output.Document(new { Report = file });
        output.Result(file);
        return ExitCode.Ok;
    }

    private string Write()
    {
        var plan = request.Plan;
        var runs = new FigureRuns(request.Directory);
        foreach (var figure in plan.Figures)
        {
            if (Charts.Of(plan, figure, runs) is { } chart) charts.Add(Json(figure.Name, chart.WithSeeds()));
            if (FiguresCommand.Table(plan, figure, runs) is { } table)
            {
                tables.Add(Json(figure.Name, table.Rows, table.FirstNumber, table.Note));
            }
        }
        if (charts.Count + tables.Count == 0)
        {
            throw new PlasticException(
                ExitCode.MissingInput, $"no runs of {plan.Name} in {RunDirectory.Root(request.Directory)}; train them first");
        }
        Results();
        Insides();
        var finished = plan.Runs.Count(run => RunDirectory.IsFinished(PathOf(run), run));
        var page = Resource("page.html")
            .Replace("/*title*/", $"plastic: {plan.Name}")
            .Replace("/*chart.js*/", Resource("chart.js"))
            .Replace("/*page.js*/", Resource("page.js"))
            // The default encoder escapes "<", so no text ends the script element around it.
            .Replace("/*data*/", Data(finished).ToJsonString());
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

    private string PathOf(Run run) => RunDirectory.PathOf(request.Directory, run);

    private JsonObject Data(int finished)
    {
        var plan = request.Plan;
        var foreign = Listing.ForeignSettings(plan.Library, plan.Runs[0].Settings.Task);
        var shared = SettingHelp.Of(plan.Library)
            .Where(setting => !foreign.Contains(setting.Name))
            .Select(setting => (setting.Name, Texts: plan.Runs.Select(run => setting.Text(run.Settings)).Distinct().ToArray()))
            .Where(setting => setting.Texts.Length == 1 && setting.Name != "seed");
        return new JsonObject
        {
            ["name"] = plan.Name,
            ["summary"] = $"{plan.Summary}. {plan.Runs[0].Task.Floor}.",
            ["state"] = $"{finished} of {plan.Runs.Count} runs finished; seeds {string.Join(", ", plan.Seeds)}; plastic {ProgramVersion.Text}.",
            ["charts"] = charts,
            ["tables"] = tables,
            ["heats"] = heats,
            ["settings"] = new JsonArray([.. shared.Select(setting => new JsonArray(setting.Name, setting.Texts[0]))]),
        };
    }

    /// <summary>What came of every point, over the seeds that are there.</summary>
    private void Results()
    {
        var plan = request.Plan;
        var rows = new List<string[]> { (string[])[.. plan.Axes, "units", "test loss", "n", "chance"] };
        foreach (var (first, seeds) in new FigureRuns(request.Directory).Read(plan.Runs, TestResults.Read))
        {
            var point = ChartPoint.Of(0, [.. seeds.Select(seed => seed.TestLoss)]);
            rows.Add(
            [
                .. plan.Axes.Select(axis => first.Text(axis)),
                first.Units.ToString(CultureInfo.InvariantCulture), LossTable.Cell(point with { Seeds = 0 }),
                seeds.Count.ToString(CultureInfo.InvariantCulture), first.Chance.ToString("F4", CultureInfo.InvariantCulture),
            ]);
        }
        if (rows.Count > 1)
        {
            tables.Add(Json(
                "Test losses", rows, plan.Axes.Count,
                "With the weights of the best validation, on the test set that all seeds and rules share; mean ± 1.96 standard errors over n seeds."));
        }
    }

    /// <summary>η(t) and the fast weights of the first finished network of each plastic point.</summary>
    private void Insides()
    {
        var curves = new List<ChartCurve>();
        var networks = request.Plan.Runs.GroupBy(run => run.Point)
            .Select(seeds => seeds.FirstOrDefault(run => run.IsPlastic && HasNetwork(run))).OfType<Run>().ToArray();
        foreach (var run in networks.Take(MostHeats))
        {
            var network = new PlasticNetwork(run.Network);
            Memory.Require(
                run.Title, Memory.OfLooking(run, network, threads, Engine.CpuExecutor.DefaultHistoryBytes), "a report of runs with smaller networks");
            var weights = TrainedNetwork.BestWeights(PathOf(run), network);
            var label = $"{FigureRuns.Label(run, request.Plan.Runs, request.Plan.Axes)}, seed {run.Seed}";
            var rates = Evaluation.Of(run, network, weights, threads, Engine.CpuExecutor.DefaultHistoryBytes, default).Rates!;
            // A rate that never changes needs no curve.
            var isSteady = rates.StandardDeviation.All(deviation => deviation < 1e-6) && rates.Mean.Max() - rates.Mean.Min() < 1e-6;
            if (!isSteady) curves.Add(new ChartCurve(label, run.Settings.Rule,
                [.. rates.Mean.Select((mean, t) => ChartPoint.Around(t, mean, rates.StandardDeviation[t], 1))]));
            var history = FastWeightHistory.Of(run, network, weights, LayerOf(network), threads);
            heats.Add(new JsonObject
            {
                ["title"] = label,
                ["rows"] = history.Rows,
                ["columns"] = history.Columns,
                ["largest"] = Short(history.Largest),
                ["at"] = new JsonArray([.. history.At.Select(step => (JsonNode)step)]),
                ["steps"] = new JsonArray([.. history.Encoded().Select(text => (JsonNode)text)]),
            });
        }
        left = networks.Length - Math.Min(networks.Length, MostHeats);
        if (curves.Count > 0)
        {
            charts.Add(Json($"inner learning rate η(t), before clipping, or M(t){(left > 0 ? $" (of the first {MostHeats} of {networks.Length} networks)" : "")}", new Chart(
                "t", "eta", "step of the episode", "η or M (mean ± SD over test episodes)", curves, HasMarks: false)));
        }
    }

    /// <summary>The layer whose fast weights are shown: the recurrent one, or the first that learns.</summary>
    private static string LayerOf(PlasticNetwork network) => network.PlasticSynapses
        .Select(synapse => synapse.Name)
        .OrderBy(name => name == "recurrent" ? 0 : 1)
        .First();

    private bool HasNetwork(Run run) => RunDirectory.IsFinished(PathOf(run), run)
        && File.Exists(Path.Combine(PathOf(run), RunDirectory.Checkpoints, RunRecorder.BestFile));

    private static JsonObject Json(string title, Chart chart)
    {
        var styles = Palette.Styles([.. chart.Curves.Select(curve => curve.Group)]);
        return new JsonObject
        {
            ["title"] = title,
            ["xLabel"] = chart.XLabel,
            ["yLabel"] = chart.YLabel,
            ["note"] = chart.Note,
            ["xRange"] = Range(Axis.X(chart)),
            ["yRange"] = Range(Axis.Y(chart)),
            ["levels"] = new JsonArray([.. chart.Levels.Select(level => new JsonObject { ["name"] = level.Name, ["at"] = level.At })]),
            ["hasMarks"] = chart.HasMarks,
            ["curves"] = new JsonArray([.. chart.Curves.Zip(styles, (curve, style) => new JsonObject
            {
                ["label"] = curve.Label,
                ["colour"] = style.Colour,
                ["dash"] = new JsonArray([.. style.Dash.Select(length => (JsonNode)length)]),
                ["hasBand"] = curve.Points.Any(point => point.Band is not null),
                ["x"] = Numbers(curve.Points.Select(point => point.X)),
                ["y"] = Numbers(curve.Points.Select(point => point.Value)),
                ["low"] = Numbers(curve.Points.Select(point => point.Low)),
                ["high"] = Numbers(curve.Points.Select(point => point.High)),
            })]),
        };
    }

    private static JsonArray Range(Axis axis) => new(axis.Low, axis.High);

    private static JsonObject Json(string title, IEnumerable<string[]> rows, int firstNumber, string note) => new()
    {
        ["title"] = title,
        ["rows"] = new JsonArray([.. rows.Select(row => new JsonArray([.. row.Select(cell => (JsonNode)cell)]))]),
        ["firstNumber"] = firstNumber,
        ["note"] = note,
    };

    private static JsonArray Numbers(IEnumerable<double> values) => new([.. values.Select(value => (JsonNode)Short(value))]);

    /// <summary>Five digits are enough to look at.</summary>
    private static double Short(double value) =>
        double.Parse(value.ToString("G5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Resource(string name)
    {
        using var stream = typeof(ReportCommand).Assembly.GetManifestResourceStream($"Plastic.Host.Report.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
