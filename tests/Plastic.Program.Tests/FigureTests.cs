using System.Globalization;
using System.Text;
using Plastic.CommandLine;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>`plastic figures`: the numbers, the pictures, and what is said when runs are missing.</summary>
public sealed class FigureTests : IDisposable
{
    private static readonly string[] Rules = ["gradient", "hebbian", "none"];
    private readonly Session session = new();

    public void Dispose() => session.Dispose();

    [Fact]
    public void The_csv_holds_mean_and_band_over_seeds()
    {
        foreach (var rule in Rules)
        {
            for (var seed = 0; seed < 3; seed++) Metrics(rule, seed, 5000, step => step + seed);
        }
        var ended = Draw("--seed", "0..2");
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Equal(Folder, ended.Results[^1]);

        var rows = File.ReadAllLines(Path.Combine(Folder, "curves_demo,seed=0..2.csv"));
        Assert.Equal("curve,step,validation_loss,low,high,seeds", rows[0]);
        Assert.Equal(1 + 3 * 26, rows.Length);
        var cells = rows[2].Split(',');
        Assert.Equal(["\"gradient\"", "200", "201"], cells[..3]);
        // Seeds give 200, 201, 202: standard deviation 1, standard error 1/√3.
        Assert.Equal(201 - 1.96 / Math.Sqrt(3), double.Parse(cells[3], CultureInfo.InvariantCulture), 1e-9);
        Assert.Equal(201 + 1.96 / Math.Sqrt(3), double.Parse(cells[4], CultureInfo.InvariantCulture), 1e-9);
        Assert.Equal("3", cells[5]);
    }

    [Fact]
    public void A_single_seed_has_no_band()
    {
        foreach (var rule in Rules) Metrics(rule, 0, 5000, _ => 0.25);
        Assert.Equal(ExitCode.Ok, Draw().Code);
        Assert.Equal("\"gradient\",0,0.25,,,1", File.ReadAllLines(Path.Combine(Folder, "curves_demo.csv"))[1]);
    }

    [Fact]
    public void Missing_and_unfinished_runs_are_named_unless_allowed()
    {
        Metrics("gradient", 0, 5000, _ => 0.25);
        Metrics("hebbian", 0, 3000, _ => 0.25);
        var refused = Draw();
        Assert.Equal(ExitCode.MissingInput, refused.Code);
        var line = Assert.Single(refused.Messages);
        Assert.Contains("rule=hebbian/seed=0 (at step 3000 of 5000)", line);
        Assert.Contains("rule=none/seed=0", line);
        Assert.DoesNotContain("rule=gradient", line);
        Assert.False(Directory.Exists(Folder));

        Assert.Equal(ExitCode.Ok, Draw("--allow-missing").Code);
        Assert.Equal(1 + 26 + 16, File.ReadAllLines(Path.Combine(Folder, "curves_demo.csv")).Length);
    }

    [Fact]
    public void Without_any_run_nothing_is_written()
    {
        var ended = Draw("--allow-missing");
        Assert.Equal(ExitCode.MissingInput, ended.Code);
        Assert.Contains("no runs of cuereward_demo", Assert.Single(ended.Messages));
        Assert.Empty(session.Everything());
    }

    [Fact]
    public void A_last_line_that_was_not_finished_is_passed_over_and_any_other_fault_is_named()
    {
        foreach (var rule in Rules) Metrics(rule, 0, 5000, _ => 0.25);
        var file = FileOf("none", 0);
        var good = File.ReadAllText(file);
        File.WriteAllText(file, good + "{\"step\":5200,\"validation_l");
        Assert.Equal(ExitCode.Ok, Draw().Code);
        File.WriteAllText(file, "{\"step\":0,\"validation_loss\":\"low\"}\n" + good);
        var ended = Draw();
        Assert.Equal(ExitCode.BadData, ended.Code);
        Assert.Contains("metrics.jsonl line 1: validation_loss", Assert.Single(ended.Messages));
    }

    [Fact]
    public void Without_gnuplot_the_csv_is_written_and_one_line_says_so()
    {
        foreach (var rule in Rules) Metrics(rule, 0, 5000, _ => 0.25);
        var messages = new StringWriter();
        var plan = ((FiguresRequest)CommandParser.Parse(["figures", "cuereward_demo"]).Command).Plans[0];
        var files = FiguresCommand.Draw(plan, session.Out, allowMissing: false, _ => null, new Output(TextWriter.Null, messages));
        Assert.Equal(Path.Combine(Folder, "curves_demo.csv"), Assert.Single(files));
        Assert.Equal(["curves_demo.csv"], Directory.GetFiles(Folder).Select(Path.GetFileName));
        Assert.Equal(1, messages.ToString().Count(letter => letter == '\n'));
        Assert.Contains("gnuplot", messages.ToString());
    }

    [Fact]
    public void Gnuplot_draws_every_format_and_leaves_nothing_else()
    {
        foreach (var rule in Rules)
        {
            for (var seed = 0; seed < 2; seed++) Metrics(rule, seed, 5000, step => 0.1 + 0.2 / (1 + step) + 0.01 * seed);
        }
        var ended = Draw("--seed", "0..1");
        Assert.Equal(ExitCode.Ok, ended.Code);
        if (Gnuplot.Find(Environment.GetEnvironmentVariable("PATH")) is null)
        {
            Assert.Contains("gnuplot", Assert.Single(ended.Messages));
            return;
        }
        Assert.Empty(ended.Messages);
        Assert.Equal(
            ["curves_demo,seed=0..1.csv", "curves_demo,seed=0..1.pdf", "curves_demo,seed=0..1.png", "curves_demo,seed=0..1.svg"],
            Directory.GetFileSystemEntries(Folder).Select(Path.GetFileName).Order());
        Assert.StartsWith("%PDF-", Start("pdf"));
        Assert.Contains("PNG", Start("png"));
        var svg = File.ReadAllText(Path.Combine(Folder, "curves_demo,seed=0..1.svg"));
        foreach (var text in new[] { "gradient", "hebbian", "none", "training step", "validation loss", "5,000" })
        {
            Assert.Contains(text, svg);
        }
        Assert.DoesNotContain(session.Out, svg);
    }

    [Fact]
    public void A_text_with_quotes_or_backslashes_stays_a_text()
    {
        ChartPoint[] points = [new(0, 1, null, 1), ChartPoint.Around(10, 0.5, 0.1, 2)];
        var chart = new Chart("x", "y", "x", "y", [new("it's `rm` \\ \"x\"", "other", points)], 0.3, HasMarks: false);
        var script = ChartPlot.Script(chart, extension => $"/tmp/it's.{extension}");
        Assert.Contains("title 'it''s `rm` \\ \"x\"'", script);
        Assert.Contains("set output '/tmp/it''s.svg'", script);
    }

    private string Folder => Path.Combine(session.Out, "figures", "cuereward_demo");

    private string Start(string extension)
    {
        using var stream = File.OpenRead(Path.Combine(Folder, $"curves_demo,seed=0..1.{extension}"));
        var bytes = new byte[8];
        stream.ReadExactly(bytes);
        return Encoding.Latin1.GetString(bytes);
    }

    private Ended Draw(params string[] words) => session.Run(["figures", "cuereward_demo", "--out", session.Out, .. words]);

    private string FileOf(string rule, int seed) =>
        Path.Combine(session.Out, "runs", "cuereward_demo", $"cell=RNN,rule={rule}", $"seed={seed}", "metrics.jsonl");

    private void Metrics(string rule, int seed, int last, Func<int, double> loss)
    {
        var file = FileOf(rule, seed);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var lines = Enumerable.Range(0, last / 200 + 1).Select(k => k * 200).SelectMany(step => new[]
        {
            string.Create(CultureInfo.InvariantCulture, $"{{\"step\":{step},\"validation_loss\":{loss(step)},\"best\":true}}"),
            $"{{\"step\":{step + 49},\"training_loss\":0.5,\"gradient_norm\":1}}",
        });
        File.WriteAllText(file, string.Join("\n", lines) + "\n");
    }
}
