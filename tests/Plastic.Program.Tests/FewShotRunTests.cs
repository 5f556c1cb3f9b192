using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Plastic.Core;
using Plastic.Host;
using Plastic.Settings;
using Plastic.Tasks;
using SkiaSharp;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Few-shot runs of a made image set, from training to figures, page and export: what these say is what the networks do.</summary>
public sealed partial class FewShotRunTests : IDisposable
{
    private const int Side = 16, Way = 5, Batch = 4, TestBatches = 8, Tested = Batch * TestBatches;
    private static readonly string[] Small =
    [
        "cell=RNN", "encoder=conv4", "encoder_width=2", "hidden=24", "labels=shuffled", $"batch={Batch}", "max_batch=4", "validate_every=2",
        "validation_batches=2", $"test_batches={TestBatches}", "log_every=1",
    ];

    private readonly Session session = new();
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("plastic-set-");
    private readonly string data;

    public FewShotRunTests() => data = $"data={MadeSet.Write(root.FullName, Side, seed: 1)}";

    public void Dispose()
    {
        session.Dispose();
        root.Delete(recursive: true);
    }

    [Fact]
    public void Figures_and_tables_have_chance_and_neighbours_of_pixels_in_the_same_episodes()
    {
        var files = Drawn("rule=hebbian,none");
        var run = MadeSet.Run([data, .. Small]);
        Assert.True(run.Task.Measure.Decides);
        var figure = File.ReadAllLines(files.Single(file => IsOf("accuracy", file) && file.EndsWith(".csv", StringComparison.Ordinal)));
        Assert.Equal("curve,step,validation_accuracy,low,high,seeds,chance,nearest_pixels", figure[0]);
        Assert.Equal(7, figure.Length);
        var validation = Neighbours(run, Part.Validation, run.Task.ValidationKey(run.Seed),
            from step in new[] { 0, 2, 4 } from batch in Enumerable.Range(0, 2) select Tasks.Task.ValidationStep(step, batch));
        Assert.All(figure[1..], line => Assert.Equal([0.2, validation], line.Split(',')[^2..].Select(Number)));

        var table = File.ReadAllLines(files.Single(file => IsOf("accuracy_table", file) && file.EndsWith(".csv", StringComparison.Ordinal)));
        Assert.EndsWith("seeds,chance,nearest_pixels", table[0]);
        var test = Neighbours(run, Part.Test, run.Task.TestKey, Enumerable.Range(0, TestBatches).Select(batch => (long)batch));
        Assert.Equal(3, table.Length);
        Assert.All(table[1..], line => Assert.Equal([0.2, test], line.Split(',')[^2..].Select(Number)));
        Assert.NotEqual(validation, test);
        Assert.Contains($"in {Tested} episodes", File.ReadAllText(files.Single(file => file.EndsWith(".md", StringComparison.Ordinal))));
    }

    [Fact]
    public void The_page_shows_what_the_networks_answer()
    {
        var page = Page(["rule=hebbian,none"], out _);
        Assert.Equal(
            [
                "Nearest pixels: the first query gets the label of the example whose pixels are nearest to its own, in the 24 episodes of the first validations of seed 0.",
            ],
            page.GetProperty("charts").EnumerateArray().Select(chart => chart.GetProperty("caption").GetString()).Where(caption => caption != ""));
        var images = page.GetProperty("images").EnumerateArray().Select(image => image.GetBytesFromBase64()).ToArray();
        var networks = page.GetProperty("answers").EnumerateArray().ToArray();
        Assert.Equal(["hebbian, seed 0", "none, seed 0"], networks.Select(network => network.GetProperty("title").GetString()));
        using var set = ImageSet.Open(Path.Combine(root.FullName, MadeSet.Name));
        foreach (var (shown, rule) in networks.Zip(new[] { "hebbian", "none" }))
        {
            var run = MadeSet.Run([data, .. Small, $"rule={rule}"]);
            var network = run.CreateNetwork();
            var batch = run.Episodes.Of(Part.Test, Batch, TestBatches).Batch(run.Task.TestKey, 0, Batch);
            var weights = TrainedNetwork.BestWeights(RunDirectory.PathOf(session.Out, run), network);
            var expected = network.RunReference(Array.ConvertAll(weights, p => Array.ConvertAll(p, x => (double)x)), batch, false);
            Assert.Equal(3, shown.GetProperty("episodes").GetArrayLength());
            foreach (var (steps, sample) in shown.GetProperty("episodes").EnumerateArray().Select((steps, k) => (steps, k)))
            {
                Assert.Equal(2 * Way, steps.GetArrayLength());
                foreach (var (step, t) in steps.EnumerateArray().Select((step, t) => (step, t)))
                {
                    var row = batch.Input.AsSpan((sample * 2 * Way + t) * batch.Inputs, batch.Inputs).ToArray();
                    Assert.Equal(Pixels(row, set.Facts), Decoded(images[step.GetProperty("image").GetInt32()]));
                    double[] label = t < Way ? row[^Way..] : batch.Target[((sample * 2 * Way + t) * Way)..][..Way];
                    Assert.Equal(Array.IndexOf(label, 1.0), step.GetProperty("label").GetInt32());
                    Assert.StartsWith("Test ", step.GetProperty("class").GetString());
                    Assert.Equal(t >= Way, step.TryGetProperty("answer", out var answer));
                    if (t >= Way)
                    {
                        var scores = expected.Outputs["output"][((sample * 2 * Way + t) * Way)..][..Way];
                        Assert.Equal(Array.IndexOf(scores, scores.Max()), answer.GetInt32());
                        Assert.Equal(1 / scores.Sum(score => Math.Exp(score - scores.Max())), step.GetProperty("probability").GetDouble(), 1e-4);
                    }
                    Assert.Equal(rule == "hebbian", step.TryGetProperty("eta", out var eta));
                    if (rule == "hebbian") Assert.Equal(expected.Outputs["eta"][sample * 2 * Way + t], eta.GetDouble(), 1e-4);
                }
            }
        }
        // The networks have the same episodes, whose pictures are on the page once.
        Assert.InRange(images.Length, Way, 3 * 2 * Way);
        Assert.Equal(images.Length, images.Select(Convert.ToBase64String).Distinct().Count());
    }

    [Fact]
    public void Neighbours_of_features_are_as_often_right_as_prototypes_of_one_example()
    {
        var page = Page(["cell=prototypes", "rule=none", "encoder_width=8", "test_batches=60"], out var run);
        string[][] Rows(string title) =>
            [.. page.GetProperty("tables").EnumerateArray().Single(table => table.GetProperty("title").GetString() == title)
                .GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select(cell => cell.GetString()!).ToArray())];
        var rows = Rows("Test accuracy beside baselines");
        Assert.Equal(["test accuracy", "nearest features", "nearest pixels", "chance"], rows[0][^4..]);
        var accuracy = TestResults.Read(RunDirectory.PathOf(session.Out, run))!.TestMeasure!.Value;
        Assert.Equal(accuracy, Number(Rows("Every run")[1][Array.IndexOf(Rows("Every run")[0], "test accuracy")].Split(" ± ")[0]), 1e-4);
        var pixels = Neighbours(run, Part.Test, run.Task.TestKey, Enumerable.Range(0, 60).Select(batch => (long)batch));
        Assert.Equal([accuracy, accuracy, pixels, 0.2], Assert.Single(rows[1..])[^4..].Select(cell => Number(cell.Split(" ± ")[0])), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void An_export_holds_images_and_answers()
    {
        string[] words = [data, .. Small, "rule=hebbian"];
        Assert.Equal(ExitCode.Ok, session.Train(words[0], words[1..]).Code);
        var run = MadeSet.Run(words);
        var folder = RunDirectory.PathOf(session.Out, run);
        var file = Path.Combine(root.FullName, "episodes.safetensors");
        var ended = session.Run("export", folder, "-o", file, "--episodes", $"{Tested}");
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        var arrays = Safetensors.Read(file).Tensors.ToDictionary(tensor => tensor.Name);
        var width = 3 * Side * Side + Way;
        Assert.Equal([Tested, 2 * Way, width], arrays["inputs"].Shape);
        Assert.Equal([Tested, 2 * Way], arrays["eta"].Shape);
        Assert.Equal([2, 3, 3, 3], arrays["weights.encoder.block1.conv.weight"].Shape);
        var batches = Enumerable.Range(0, TestBatches).Select(k => run.Episodes.Of(Part.Test, Batch, TestBatches).Batch(run.Task.TestKey, k, Batch)).ToArray();
        Assert.Equal(batches.SelectMany(batch => batch.Input), (double[])arrays["inputs"].Data);
        var outputs = Array.ConvertAll((float[])arrays["outputs"].Data, x => (double)x);
        Assert.Equal(
            TestResults.Read(folder)!.TestMeasure!.Value,
            batches.Select((batch, k) => run.Task.Measure.Of(batch, outputs[(k * Batch * 2 * Way * Way)..])).Average(), 1e-12);
    }

    /// <summary>Whether a file is that of a figure; what was set by hand follows the figure's name.</summary>
    private static bool IsOf(string figure, string file) => Path.GetFileName(file).Split(',', '.')[0] == figure;

    private string[] Drawn(params string[] words)
    {
        var trained = session.Train(data, [.. Small, .. words]);
        Assert.True(trained.Code == ExitCode.Ok, string.Join('\n', trained.Messages));
        var ended = session.Run(["figures", data, "--out", session.Out, .. Small, .. words]);
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        return ended.Results[..^1];
    }

    private JsonElement Page(string[] changes, out Run run)
    {
        string[] words = [data, .. Small.Where(word => !changes.Any(change => change.Split('=')[0] == word.Split('=')[0])), .. changes];
        run = MadeSet.Run(words);
        var trained = session.Train(words[0], words[1..]);
        Assert.True(trained.Code == ExitCode.Ok, string.Join('\n', trained.Messages));
        var ended = session.Run(["report", "--out", session.Out, .. words]);
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        return JsonDocument.Parse(Data().Match(File.ReadAllText(ended.Results[^1])).Groups[1].Value).RootElement;
    }

    /// <summary>How often the first query is nearest to the example of its class, by the inputs that networks are given.</summary>
    private double Neighbours(Run run, Part part, Key key, IEnumerable<long> numbers)
    {
        using var set = ImageSet.Open(Path.Combine(root.FullName, MadeSet.Name));
        var right = new List<bool>();
        foreach (var number in numbers)
        {
            var batch = run.Episodes.Of(part, Batch, int.MaxValue).Batch(key, number, Batch);
            for (var sample = 0; sample < Batch; sample++)
            {
                double[][] rows = [.. Enumerable.Range(0, Way + 1).Select(t => batch.Input.AsSpan((sample * 2 * Way + t) * batch.Inputs, batch.Inputs).ToArray())];
                var query = Pixels(rows[Way], set.Facts);
                var nearest = rows[..Way].MinBy(row => Pixels(row, set.Facts).Zip(query).Sum(pair => (pair.First - pair.Second) * (pair.First - pair.Second)))!;
                right.Add(nearest[^Way..].SequenceEqual(batch.Target[((sample * 2 * Way + Way) * Way)..][..Way]));
            }
        }
        return right.Average(one => one ? 1.0 : 0);
    }

    /// <summary>The bytes [side, side, 3] that a step's input stands for.</summary>
    private static byte[] Pixels(double[] row, ImageSetFacts facts) =>
        [.. Enumerable.Range(0, Side * Side * 3).Select(at => (byte)Math.Round(
            255 * (row[at % 3 * Side * Side + at / 3] * facts.Deviation[at % 3] + facts.Mean[at % 3])))];

    private static byte[] Decoded(byte[] png)
    {
        using var bitmap = SKBitmap.Decode(png);
        return [.. bitmap.Pixels.SelectMany(pixel => new[] { pixel.Red, pixel.Green, pixel.Blue })];
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"<script id=""data"" type=""application/json"">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Data();
}
