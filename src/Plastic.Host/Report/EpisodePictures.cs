using System.Globalization;
using System.Text.Json.Nodes;
using Plastic.Core;
using Plastic.Engine;
using Plastic.Settings;
using Plastic.Tasks;

namespace Plastic.Host;

/// <summary>
/// What trained networks answer in the first test episodes of few-shot tasks, image by image, and how often they are right beside
/// baselines.
/// </summary>
internal sealed class EpisodePictures
{
    private const int Episodes = 3, MostPixels = 84;

    private readonly string directory;
    private readonly FigureRuns runs;
    private readonly Dictionary<(string Folder, int Image), int> places = [];
    private readonly List<string[]> rows = [];
    private readonly int neighboursOf;

    /// <summary>Of the first finished network of each point, six at most.</summary>
    public EpisodePictures(Plan plan, string directory, FigureRuns runs)
    {
        (this.directory, this.runs) = (directory, runs);
        var networks = new FinishedNetworks(plan, directory, run => ImageTask.FolderOf(run) is not null);
        foreach (var run in networks.Shown)
        {
            var network = run.CreateNetwork();
            Memory.Require(
                run.Title, Memory.OfTesting(run, network, runs.Threads, CpuExecutor.DefaultHistoryBytes, isOnDevice: false), "a report of runs with smaller networks");
            var weights = TrainedNetwork.BestWeights(RunDirectory.PathOf(directory, run), network);
            using var crew = new Crew(runs.Threads);
            Networks.Add(new JsonObject { ["title"] = networks.Label(run), ["episodes"] = Answers(run, network, weights, crew) });
            var features = network.Encoder is null ? null : FeatureBaseline.Of(run, network, weights, crew);
            neighboursOf = Math.Max(neighboursOf, features?.Episodes ?? 0);
            rows.Add([.. plan.Axes.Select(run.Text), $"{run.Seed}", .. Accuracies(run, features)]);
        }
        if (rows.Count == 0) return;
        var measure = networks.Shown[0].Task.Measure.Name;
        rows.Insert(0, [.. plan.Axes, "seed", $"test {measure}", FeatureBaseline.Name, PixelBaseline.Name, "chance"]);
        var tested = networks.Shown.Max(run => runs.Neighbours.OfTest(run)!.Episodes);
        var ofFeatures = neighboursOf > 0 ? $"; nearest features: the same with the features of the network's own encoder, in {neighboursOf}" : "";
        Table = PageParts.Of(
            $"Test {measure} beside baselines{networks.Part}", rows, plan.Axes.Count + 1,
            $"The share of episodes whose first query is answered right, ± 1.96 standard errors over the batches of the test set. {PixelBaseline.Meaning}, in {CountText.Of(tested, "test episode")}{ofFeatures}.");
    }

    /// <summary>For each network, its name and its answers in some episodes.</summary>
    public JsonArray Networks { get; } = [];

    /// <summary>The pictures that the answers are about: png in base64.</summary>
    public JsonArray Images { get; } = [];

    /// <summary>The networks beside baselines; null without networks.</summary>
    public JsonObject? Table { get; }

    private IEnumerable<string> Accuracies(Run run, BaselineResult? features)
    {
        var result = TestResults.Read(RunDirectory.PathOf(directory, run))!;
        yield return result.TestMeasure is { } accuracy ? LossText.Of(accuracy, 1.96 * result.TestMeasureError) : "";
        yield return features is null ? "" : LossText.Of(features.Accuracy);
        yield return LossText.Of(runs.Neighbours.OfTest(run)!.Accuracy);
        yield return run.Task.Measure.Chance.ToString("F4", CultureInfo.InvariantCulture);
    }

    private JsonArray Answers(Run run, PlasticNetwork network, float[][] weights, Crew crew)
    {
        using var executor = Executor.Create(network, crew, run.Seed);
        using var images = ImageSet.Open(ImageTask.FolderOf(run)!);
        var batch = new BatchSource(run, crew).FirstTest();
        var (way, steps) = (batch.Outputs, batch.Steps);
        var outputs = new Dictionary<string, double[]> { ["output"] = new double[batch.Size * steps * way] };
        if (network.PlasticSynapses.Count > 0) outputs["eta"] = new double[batch.Size * steps];
        executor.Evaluate(weights, batch, outputs);
        return new JsonArray([.. Enumerable.Range(0, Math.Min(Episodes, batch.Size)).Select(sample =>
        {
            var episode = new int[steps];
            var labels = new int[steps];
            FewShot.Draw(images.Classes(Part.Test), way, run.Settings.Episode.Labels, new RandomStream(run.Task.TestKey, 0, sample), episode, labels);
            return new JsonArray([.. Enumerable.Range(0, steps).Select(t =>
            {
                var at = sample * steps + t;
                var step = new JsonObject
                {
                    ["image"] = Place(images, run, episode[t]),
                    ["class"] = ClassName(images, episode[t]),
                    ["label"] = labels[t],
                };
                if (t >= way) Answer(step, outputs["output"].AsSpan(at * way, way));
                if (outputs.TryGetValue("eta", out var eta)) step["eta"] = PageParts.Short(eta[at]);
                return step;
            })]);
        })]);
    }

    /// <summary>The likeliest label, the first of equally likely ones, and its probability.</summary>
    private static void Answer(JsonObject step, ReadOnlySpan<double> scores)
    {
        var likeliest = Measure.Likeliest(scores);
        var sum = 0.0;
        foreach (var score in scores) sum += Math.Exp(score - scores[likeliest]);
        step["answer"] = likeliest;
        step["probability"] = PageParts.Short(1 / sum);
    }

    private static string ClassName(ImageSet images, int image)
    {
        var classes = images.Classes(Part.Test);
        var label = Enumerable.Range(0, classes.Count).Last(label => classes.First(label) <= image);
        return SafeText.Line(images.Facts.Test.Names[label]);
    }

    /// <summary>Where a picture is among all of the page's; networks of the same task share them.</summary>
    private int Place(ImageSet images, Run run, int image)
    {
        var name = (ImageTask.FolderOf(run)!, image);
        if (places.TryGetValue(name, out var known)) return known;
        var bytes = new byte[images.Facts.ImageBytes];
        images.Read(image, bytes);
        var side = Math.Min(images.Side, MostPixels);
        var shown = new byte[side * side * 3];
        Resampling.Square(new PixelImage(images.Side, images.Side, bytes), side, shown);
        Images.Add(Convert.ToBase64String(new PixelImage(side, side, shown).Png()));
        return places[name] = Images.Count - 1;
    }
}
