using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Plastic.Host;
using Plastic.Settings;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The accuracy of few-shot runs: which weights it chooses, and that everything which tells results tells it, with its error.</summary>
public sealed class FewShotMetricTests : IDisposable
{
    private const int Batch = 4, TestBatches = 8;
    private static readonly string[] small =
    [
        "cell=RNN", "encoder=conv4", "encoder_width=2", "hidden=24", "labels=shuffled", $"batch={Batch}", "max_batch=6", "validate_every=1",
        "validation_batches=2", $"test_batches={TestBatches}", "log_every=1", "lr=0.01",
    ];

    private readonly Session session = new();
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("plastic-set-");
    private readonly string[] words;

    public FewShotMetricTests() => words = [$"data={MadeSet.Write(root.FullName, side: 16, seed: 1)}", .. small];

    public void Dispose()
    {
        session.Dispose();
        root.Delete(recursive: true);
    }

    [Fact]
    public void The_best_weights_are_those_of_the_largest_metric_where_it_decides_and_the_newest_of_equals()
    {
        var decides = MadeSet.Run(words).Task.Measure;
        Assert.True(decides.Decides);
        var old = new BestValidation(10, 0.5, 0.6);
        Assert.True(new BestValidation(20, 0.9, 0.7).Beats(old, decides));
        Assert.False(new BestValidation(20, 0.1, 0.5).Beats(old, decides));
        Assert.True(new BestValidation(20, 0.9, 0.6).Beats(old, decides));
        Assert.True(new BestValidation(20, 0.9, 0).Beats(BestValidation.None, decides));

        var adds = new Tasks.Measure("share", (_, _) => 0);
        Assert.All([null, adds], other =>
        {
            Assert.True(new BestValidation(20, 0.4, 0.1).Beats(old, other));
            Assert.True(new BestValidation(20, 0.5, 0.1).Beats(old, other));
            Assert.False(new BestValidation(20, 0.6, 0.9).Beats(old, other));
        });
    }

    [Fact]
    public void A_run_tells_its_accuracies_with_their_errors_and_names_both_chances()
    {
        var ended = session.Run(["train", .. words, "--out", session.Out, "--json"]);
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        var told = Json(ended.Output).GetProperty("runs")[0];
        var run = MadeSet.Run(words);
        var folder = RunDirectory.PathOf(session.Out, run);

        // The newest of the largest validation accuracies.
        var validations = File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(Json).Where(line => line.TryGetProperty("validation_measure", out _))
            .Select(line => (Step: line.GetProperty("step").GetInt32(), Measure: line.GetProperty("validation_measure").GetDouble())).ToArray();
        Assert.Equal(7, validations.Length);
        var best = validations.Last(validation => validation.Measure == validations.Max(other => other.Measure));

        // The accuracy of each batch of the test set, by the reference.
        var network = run.CreateNetwork();
        var weights = Array.ConvertAll(TrainedNetwork.BestWeights(folder, network), p => Array.ConvertAll(p, x => (double)x));
        var episodes = run.Episodes.Of(Tasks.Part.Test, Batch, TestBatches);
        double[] accuracies = [.. Enumerable.Range(0, TestBatches).Select(k =>
        {
            var batch = episodes.Batch(run.Task.TestKey, k, Batch);
            return run.Task.Measure.Of(batch, network.RunReference(weights, batch, false).Outputs["output"]);
        })];
        var mean = accuracies.Average();
        var error = Math.Sqrt(accuracies.Sum(x => (x - mean) * (x - mean)) / (TestBatches - 1) / TestBatches);
        Assert.True(error > 0);

        var test = Json(File.ReadAllText(Path.Combine(folder, "test.json")));
        foreach (var (from, measure, standardError) in new[]
        {
            (test, "measure", "measure_standard_error"), (told, "test_measure", "test_measure_standard_error"),
        })
        {
            Assert.Equal(best.Step, from.GetProperty("best_step").GetInt32());
            Assert.Equal(best.Measure, from.GetProperty("best_validation_measure").GetDouble());
            Assert.Equal(mean, from.GetProperty(measure).GetDouble(), 1e-12);
            Assert.Equal(error, from.GetProperty(standardError).GetDouble(), 1e-12);
        }

        var loss = LossText.Of(test.GetProperty("loss").GetDouble());
        var accuracy = Invariant($"test accuracy {mean:F4} ± {1.96 * error:F4} (chance 0.2000)");
        var whole = Invariant($"{accuracy}, best validation accuracy {best.Measure:F4} at step {best.Step}");
        var again = session.Train(words[0], words[1..]);
        Assert.EndsWith($": {whole}; test loss {loss} (chance 1.6094)", again.Results[0]);
        Assert.Contains(whole, session.Run("show", folder).Results);
        Assert.EndsWith($": {accuracy} over {TestBatches} batches; test loss {loss} (chance 1.6094)", session.Run("eval", folder).Output);
        var evaluated = Json(session.Run("eval", folder, "--json").Output);
        Assert.Equal(mean, evaluated.GetProperty("measure").GetDouble(), 1e-12);
        Assert.Equal(error, evaluated.GetProperty("measure_standard_error").GetDouble(), 1e-12);
    }

    [Fact]
    public void Runs_are_listed_ordered_and_compared_by_accuracy_also_those_of_earlier_versions()
    {
        var ended = session.Run(["train", .. words, "rule=hebbian,none", "--seed", "0..1", "--out", session.Out, "--quiet"]);
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        Run[] runs = [.. from rule in new[] { "hebbian", "none" } from seed in new[] { 0, 1 } select MadeSet.Run([.. words, $"rule={rule}", $"seed={seed}"])];
        string[] folders = [.. runs.Select(run => RunDirectory.PathOf(session.Out, run))];
        var results = folders.Select(folder => TestResults.Read(folder)!).ToArray();
        Told();

        // Earlier versions wrote no accuracy of the best validation; their log has it.
        foreach (var file in folders.Select(folder => Path.Combine(folder, "test.json")))
        {
            var values = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            Assert.True(values.Remove("best_validation_measure") && values.Remove("measure_standard_error"));
            File.WriteAllText(file, values.ToJsonString());
            var task = Path.Combine(Path.GetDirectoryName(file)!, "data.json");
            values = JsonNode.Parse(File.ReadAllText(task))!.AsObject();
            Assert.True(values.Remove("measure_decides") && values.Remove("measure_chance"));
            File.WriteAllText(task, values.ToJsonString());
        }
        Assert.Equal(results.Select(result => result with { TestMeasureError = null }), folders.Select(folder => TestResults.Read(folder)!));
        Told();

        void Told()
        {
            string[] list = ["list", "runs", "--out", session.Out];
            var listed = session.Run([.. list, "--sort", "accuracy", "--reverse", "--json"]);
            var found = Json(listed.Output).GetProperty("runs").EnumerateArray().ToArray();
            Assert.Equal(
                results.Select(result => result.TestMeasure!.Value).OrderDescending(), found.Select(one => one.GetProperty("measure").GetDouble()));
            Assert.All(found, one => Assert.Equal(
                results[Array.IndexOf(folders, one.GetProperty("directory").GetString())].BestMeasure, one.GetProperty("validation_measure").GetDouble()));
            var most = results.Max(result => result.TestMeasure!.Value);
            foreach (var key in new[] { "accuracy", "measure" })
            {
                var filtered = session.Run([.. list, "--filter", Invariant($"{key}>={most:R}")]);
                Assert.Equal(1 + results.Count(result => result.TestMeasure == most), filtered.Results.Length);
                Assert.Matches(@" loss +accuracy +age ", filtered.Results[0]);
            }

            var points = session.Run(["compare", .. folders.Select(folder => Path.GetDirectoryName(folder)!).Distinct(), "--csv"]).Results;
            Assert.Equal("runs,rule,units,n,test accuracy,best validation accuracy,test loss,difference", points[0]);
            foreach (var (line, seeds) in points[1..].Zip(results.Chunk(2)))
            {
                var cells = line.Split(',')[^4..];
                Assert.Equal(Of(seeds.Select(seed => seed.TestMeasure!.Value)), cells[0]);
                Assert.Equal(Of(seeds.Select(seed => seed.BestMeasure!.Value)), cells[1]);
                Assert.Equal(Of(seeds.Select(seed => seed.TestLoss)), cells[2]);
            }
            var difference = results[2..].Average(seed => seed.TestMeasure!.Value) - results[..2].Average(seed => seed.TestMeasure!.Value);
            Assert.StartsWith((difference < 0 ? "−" : "+") + LossText.Of(Math.Abs(difference)), points[2].Split(',')[^1]);
        }

        static string Of(IEnumerable<double> seeds)
        {
            var mean = Mean.Of([.. seeds]);
            return LossText.Of(mean.Value, 1.96 * mean.StandardError);
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
