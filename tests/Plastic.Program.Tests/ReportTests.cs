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
        var data = JsonDocument.Parse(Data().Match(page).Groups[1].Value.Replace("<\\/", "</")).RootElement;
        var charts = data.GetProperty("charts").EnumerateArray().ToArray();
        Assert.Equal(2, charts.Length);
        Assert.Equal(["gradient", "hebbian", "none"], Labels(charts[0]));
        Assert.Equal([0, 1, 2, 3], charts[0].GetProperty("curves")[0].GetProperty("x").EnumerateArray().Select(x => x.GetInt32()));
        Assert.Equal(["gradient, seed 0", "hebbian, seed 0"], Labels(charts[1]));
        var levels = charts[0].GetProperty("levels").EnumerateArray().ToDictionary(
            level => level.GetProperty("name").GetString()!, level => level.GetProperty("at").GetDouble());
        Assert.Equal(1.0 / 6, levels["chance"], 9);
        Assert.Equal(0.0179, levels["floor"], 4);
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
        var table = Assert.Single(data.GetProperty("tables").EnumerateArray());
        Assert.Equal(4, table.GetProperty("rows").GetArrayLength());
        Assert.StartsWith("6 of 6 runs finished", data.GetProperty("state").GetString());
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

    [GeneratedRegex(@"<script id=""data"" type=""application/json"">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Data();
}
