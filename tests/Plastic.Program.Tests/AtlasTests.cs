using System.Globalization;
using System.Xml.Linq;
using Plastic.Claims;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Ranks, the figure of the atlas, and its page.</summary>
public sealed class AtlasTests : IDisposable
{
    private static readonly string[] Words = ["atlas", "task=cuereward,regression", "rule=gradient,hebbian,none"];
    private readonly Session session = new();

    public void Dispose() => session.Dispose();

    [Fact]
    public void Equal_losses_share_the_mean_of_their_ranks()
    {
        Assert.Equal([2, 1, 3], Ranking.Of([0.2, 0.1, 0.3]));
        Assert.Equal([2.5, 1, 2.5, 4], Ranking.Of([0.2, 0.1, 0.2, 0.3]));
        Assert.Equal([3.5, 1, 3.5, 2], Ranking.Of([double.NaN, 0.1, double.NaN, 7]));
        for (var seed = 0; seed < 50; seed++)
        {
            // By sorting: the places of equal losses are averaged.
            var random = new Random(seed);
            double[] losses = [.. Enumerable.Range(0, 1 + random.Next(9)).Select(_ => random.Next(5) / 4.0)];
            var places = losses.Order().Select((loss, k) => (loss, Place: k + 1)).GroupBy(pair => pair.loss)
                .ToDictionary(same => same.Key, same => same.Average(pair => pair.Place));
            Assert.Equal(losses.Select(loss => places[loss]), Ranking.Of(losses));
        }
    }

    [Fact]
    public void The_csv_holds_mean_ranks_and_losses_as_shares_of_chance()
    {
        // Of the cues' networks one without plasticity overflows; regression's gradient and hebbian tie.
        Trained((task, rule, seed) => (task, rule) switch
        {
            ("cuereward", "gradient") => 0.05 + 0.01 * seed,
            ("cuereward", "hebbian") => 0.065,
            ("cuereward", _) => seed == 3 ? double.NaN : 0.15,
            (_, "none") => 0.5,
            _ => 0.4,
        });
        var rows = Csv();
        // 0.05, 0.06 | 0.07, 0.08, 0.09 against 0.065: ranks 1, 1, 2, 2, 2.
        var gradient = rows[("cuereward", "gradient")];
        Assert.Equal(1.6, gradient[0], 12);
        Assert.Equal(0.07 * 6, gradient[3], 12);
        Assert.Equal([5, 5], gradient[6..]);
        Assert.True(gradient[1] < 1.6 && gradient[2] > 1.6 && gradient[4] < 0.42 && gradient[5] > 0.42);
        Assert.Equal([3, 3, 3, 0.9, 0.9, 0.9, 4, 5], rows[("cuereward", "none")].Select(number => Math.Round(number, 12)));
        Assert.Equal(1.5, rows[("regression", "hebbian")][0], 12);
        Assert.Equal((1.6 + 1.5) / 2, rows[("all", "gradient")][0], 12);
        Assert.Equal(3, rows[("all", "none")][0], 12);

        var page = File.ReadAllText(Path.Combine(Folder, Name + ".md"));
        Assert.Contains("| none | 3.0 (3.0): 90 (4 of 5) |", page);
    }

    [Fact]
    public void A_run_that_is_missing_or_failed_for_another_reason_is_no_result()
    {
        Trained((_, rule, _) => rule.Length);
        var run = MadeRuns.Of(Words)[0];
        var folder = RunDirectory.PathOf(session.Out, run);
        File.Delete(Path.Combine(folder, RunDirectory.TestFile));
        File.WriteAllText(Path.Combine(folder, RunDirectory.StatusFile), JsonText.Document(new RunStatus(RunState.Failed, 3, "no space left on the disk")));
        Assert.Equal(ExitCode.MissingInput, Draw().Code);
        Assert.Equal(ExitCode.Ok, Draw("--allow-missing").Code);
        Assert.Equal([4, 4], Csv()[("cuereward", "gradient")][6..]);
        Assert.Equal([5, 5], Csv()[("regression", "gradient")][6..]);
        // Only four seeds are complete in both tasks.
        Assert.Equal(4, Csv()[("all", "gradient")][^1]);
    }

    [Fact]
    public void The_message_of_numbers_that_overflow_is_known()
    {
        Assert.True(NumberCheck.IsReason("the training loss at step 1954 is NaN, first in Mul, 1 numbers after layer output; try lr=0.001"));
        Assert.True(NumberCheck.IsReason("the gradient at step 12 is Infinity, in a network too large to replay; try other settings"));
        Assert.True(NumberCheck.IsReason("the gradient at step 12 is ∞, in a network too large to replay; try other settings"));
        Assert.False(NumberCheck.IsReason("no space left on the disk"));
        Assert.False(NumberCheck.IsReason(null));
    }

    [Fact]
    public void The_picture_fills_a_column_and_no_text_lies_upon_another()
    {
        // The whole atlas, whose columns are narrow, with losses whose texts are long.
        Trained((_, rule, seed) => rule == "none" && seed > 2 ? double.NaN : 1e-4 * rule.Length * (1 + seed), "atlas");
        Assert.Equal(ExitCode.Ok, session.Run(["figures", "atlas", "--out", session.Out]).Code);
        Assert.Equal(
            ["csv", "md", "pdf", "png", "svg"],
            Directory.GetFiles(Folder).Select(file => Path.GetExtension(file)[1..]).Order());
        var svg = XElement.Load(Path.Combine(Folder, Name + ".svg"));
        XNamespace space = "http://www.w3.org/2000/svg";
        var box = svg.Attribute("viewBox")!.Value.Split(' ').Select(Number).ToArray();
        Assert.Equal(252, box[2]);
        var texts = svg.Descendants(space + "text").Where(text => text.Attribute("transform") is null && text.Parent!.Attribute("transform") is null)
            .Select(text => (
                Words: text.Value, Left: Number(text.Attribute("x")!.Value),
                Right: Number(text.Attribute("x")!.Value) + Number(text.Attribute("textLength")!.Value),
                Top: Number(text.Attribute("y")!.Value) - 0.72 * Number(text.Attribute("font-size")!.Value), Bottom: Number(text.Attribute("y")!.Value)))
            .ToArray();
        // Two blocks of eight rules: their names, numbers and intervals, without losses over all tasks; and four lines of words.
        Assert.Equal(2 * 8 + 8 * 8 * 2 + 8 * 7 * 2 + 4, texts.Length);
        for (var k = 0; k < texts.Length; k++)
        {
            var text = texts[k];
            Assert.True(text.Left >= 0 && text.Right <= box[2] && text.Top >= 0 && text.Bottom <= box[3], $"{text} is outside");
            foreach (var other in texts[..k])
            {
                Assert.False(
                    text.Left < other.Right && other.Left < text.Right && text.Top < other.Bottom && other.Top < text.Bottom,
                    $"{text} lies upon {other}");
            }
        }
    }

    [Fact]
    public void The_page_of_the_atlas_shows_the_numbers_of_its_csv()
    {
        var page = File.ReadAllText(Path.Combine(ReadmeTests.Root, "docs", "atlas.md"));
        var rows = Read(Path.Combine(ReadmeTests.Root, "docs", "figures", "atlas.csv"));
        var head = page.Split('\n').Single(line => line.StartsWith("| rule |", StringComparison.Ordinal)).Split('|').Select(cell => cell.Trim()).ToArray();
        Assert.Equal(rows.Keys.Select(key => key.Place).Distinct(), head[2..^1]);
        foreach (var rule in rows.Keys.Select(key => key.Value).Distinct())
        {
            var line = page.Split('\n').Single(line => line.StartsWith($"| {rule} | ", StringComparison.Ordinal)).Split('|').Select(cell => cell.Trim()).ToArray();
            foreach (var (place, cell) in head[2..^1].Zip(line[2..^1]))
            {
                var known = rows[(place, rule)];
                var (low, high) = (known[1].ToString("F1", CultureInfo.InvariantCulture), known[2].ToString("F1", CultureInfo.InvariantCulture));
                Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{known[0]:F1} ({(low == high ? low : $"{low}–{high}")})"), cell);
                if (known[6] < known[7]) Assert.EndsWith($"({known[6]} of {known[7]})", cell);
                if (known[6] > 0 && place != "all")
                {
                    var percent = cell.Split(": ")[1].Split(' ')[0];
                    if (percent == "<0.01") Assert.True(100 * known[3] < 0.01, cell);
                    else Assert.Equal(100 * known[3], Number(percent), Math.Max(0.005, 0.052 * Number(percent)));
                }
            }
        }
    }

    /// <summary>Makes the runs, with a loss for each task, rule and seed; not a number for a run whose numbers overflowed.</summary>
    private void Trained(Func<string, string, long, double> loss, params string[] words)
    {
        foreach (var run in MadeRuns.Of(words.Length > 0 ? words : Words))
        {
            var of = loss(run.Settings.Task, run.Settings.Rule, run.Seed);
            var folder = MadeRuns.Make(
                RunDirectory.Root(session.Out), run, double.IsNaN(of) ? RunState.Failed : RunState.Finished,
                message: double.IsNaN(of) ? "the training loss at step 9 is NaN, first in Mul; try lr=0.001" : null);
            if (!double.IsNaN(of)) File.WriteAllText(Path.Combine(folder, RunDirectory.TestFile), JsonText.Document(new TestResults(of, 0.001, 0, of)));
        }
    }

    private string Name => Assert.Single(Directory.GetFiles(Folder, "*.csv").Select(Path.GetFileNameWithoutExtension))!;

    private string Folder => Path.Combine(session.Out, "figures", "atlas");

    private Ended Draw(params string[] more) => session.Run(["figures", .. Words, "--out", session.Out, .. more]);

    private Dictionary<(string Place, string Value), double[]> Csv()
    {
        Draw("--allow-missing");
        return Read(Path.Combine(Folder, Name + ".csv"));
    }

    /// <summary>rank, rank_low, rank_high, loss_of_chance, low, high, finished, seeds; not a number where there is none.</summary>
    private static Dictionary<(string Place, string Value), double[]> Read(string csv)
    {
        var lines = File.ReadAllLines(csv);
        Assert.Equal("task,rule,rank,rank_low,rank_high,loss_of_chance,low,high,finished,seeds", lines[0]);
        return lines[1..].Select(line => line.Split(',')).ToDictionary(
            cells => (cells[0], cells[1]), cells => cells[2..].Select(cell => cell.Length == 0 ? double.NaN : Number(cell)).ToArray());
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
