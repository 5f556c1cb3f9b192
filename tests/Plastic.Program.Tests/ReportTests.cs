using System.Text.Json;
using System.Text.RegularExpressions;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The page of an experiment.</summary>
public sealed partial class ReportTests
{
    private static readonly string[] Tiny =
    [
        "hidden=4", "batch=2", "max_batch=3", "validate_every=1", "validation_batches=1", "test_batches=1", "seed=0..1",
    ];

    [Fact]
    public void A_page_holds_curves_tables_rates_and_fast_weights_and_loads_nothing()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Train("cuereward_demo", Tiny).Code);
        var ended = session.Run(["report", "cuereward_demo", "--out", session.Out, .. Tiny]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        var file = ended.Results[^1];
        Assert.StartsWith(Path.Combine(session.Out, "reports", "cuereward_demo,hidden=4"), file);
        var page = File.ReadAllText(file);

        // Nothing is fetched: no address in an attribute, a style or a script's call.
        Assert.DoesNotMatch(Fetches(), page);
        Assert.Contains("const lineChart", page);
        // Every colour that a curve has is one of the page's, light and dark.
        Assert.All(Colours().Matches(page), colour => Assert.Equal(2, Regex.Count(page, Regex.Escape($"{colour.Groups[1].Value}: #"))));
        var data = JsonDocument.Parse(Data().Match(page).Groups[1].Value.Replace("<\\/", "</")).RootElement;
        var charts = data.GetProperty("charts").EnumerateArray().ToArray();
        Assert.Equal(
            ["Validation loss", "Training loss", "Inner learning rate η(t), before clipping, or M(t)"],
            charts.Select(chart => chart.GetProperty("title").GetString()));
        Assert.Equal(["gradient, 4 units", "hebbian, 4 units", "none, 6 units"], Labels(charts[0]));
        Assert.Equal([0, 1, 2, 3], charts[0].GetProperty("curves")[0].GetProperty("x").EnumerateArray().Select(x => x.GetInt32()));
        Assert.Equal(["gradient, seed 0", "hebbian, seed 0"], Labels(charts[2]));
        var levels = charts[0].GetProperty("levels").EnumerateArray().ToDictionary(
            level => level.GetProperty("name").GetString()!, level => level.GetProperty("at").GetDouble());
        Assert.Equal(1.0 / 6, levels["chance 0.167"], 9);
        Assert.Equal(0.0179, levels["floor 0.0179"], 4);
        Assert.Equal("mean ± 1.96 SEM, n = 2", charts[0].GetProperty("note").GetString());

        var heats = data.GetProperty("heats").EnumerateArray().ToArray();
        Assert.Equal(2, heats.Length);
        foreach (var heat in heats)
        {
            Assert.Equal(20, heat.GetProperty("steps").GetArrayLength());
            Assert.All(heat.GetProperty("steps").EnumerateArray(), step => Assert.Equal(16, step.GetBytesFromBase64().Length));
            Assert.Contains(
                heat.GetProperty("steps").EnumerateArray().SelectMany(step => step.GetBytesFromBase64()), level => level is 127 or 129);
            Assert.True(heat.GetProperty("largest").GetDouble() > 0);
        }
        var tables = Tables(data);
        Assert.Equal(["Test losses", "Every run", "Where the runs come from"], tables.Keys);
        Assert.Equal(4, tables["Test losses"].Length);
        Assert.Equal(7, tables["Every run"].Length);
        Assert.All(tables["Every run"][1..], row => Assert.Matches(@"^\d\.\d+$", row[3]));
        Assert.Contains(tables["Where the runs come from"], row => row[0].StartsWith("command: plastic train cuereward_demo") && row[1] == "6");
        Assert.Equal("Cue and reward: RNNs with the gradient rule, Hebb's rule and no plasticity", data.GetProperty("title").GetString());
        Assert.StartsWith("Cue and reward: RNNs", Title().Match(page).Groups[1].Value);
        Assert.StartsWith("6 of 6 runs finished", data.GetProperty("state").GetString());
    }

    [Fact]
    public void Failed_and_missing_runs_are_named_with_the_reason()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.Ok, session.Train("cuereward_demo", Tiny).Code);
        var runs = RunFolders.Under(session.Out);
        Directory.Delete(runs[0], recursive: true);
        File.Delete(Path.Combine(runs[1], "test.json"));
        File.WriteAllText(Path.Combine(runs[1], "status.json"), """{"state":"failed","step":2,"message":"the loss is </script> NaN"}""");
        File.Delete(Path.Combine(runs[2], "test.json"));
        var page = File.ReadAllText(session.Run(["report", "cuereward_demo", "--out", session.Out, .. Tiny]).Results[^1]);
        var rows = Tables(JsonDocument.Parse(Data().Match(page).Groups[1].Value).RootElement)["Runs that are failed, unfinished or missing"];
        Assert.Equal(["cell=RNN,rule=gradient seed 0", "not trained", ""], rows[1]);
        Assert.Equal(["cell=RNN,rule=gradient seed 1", "failed at step 2", "the loss is </script> NaN"], rows[2]);
        Assert.Contains("plastic resume", rows[3][2]);
    }

    [Fact]
    public void Without_runs_there_is_no_page()
    {
        using var session = new Session();
        Assert.Equal(ExitCode.MissingInput, session.Run("report", "cuereward_demo", "--out", session.Out).Code);
        Assert.Empty(session.Everything());
    }

    private static string[] Labels(JsonElement chart) =>
        [.. chart.GetProperty("curves").EnumerateArray().Select(curve => curve.GetProperty("label").GetString()!)];

    [GeneratedRegex(@"\b(src|href)\s*=\s*[""']|url\(|@import|\bfetch\(|XMLHttpRequest")]
    private static partial Regex Fetches();

    private static Dictionary<string, string[][]> Tables(JsonElement data) => data.GetProperty("tables").EnumerateArray().ToDictionary(
        table => table.GetProperty("title").GetString()!,
        table => table.GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select(cell => cell.GetString()!).ToArray()).ToArray());

    [GeneratedRegex(@"""colour"":""var\((--curve-\d)\)""")]
    private static partial Regex Colours();

    [GeneratedRegex("<title>(.*?)</title>")]
    private static partial Regex Title();

    [GeneratedRegex(@"<script id=""data"" type=""application/json"">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Data();
}
