using System.Diagnostics;
using System.Globalization;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>`plastic figures`: the numbers, the pictures, and the messages about missing runs.</summary>
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
    public void An_incomplete_last_line_is_skipped_and_any_other_fault_is_named()
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
    public void Every_format_is_drawn_by_the_program_alone_and_nothing_else_is_left()
    {
        TwoSeeds();
        Assert.Empty(Process("figures", "cuereward_demo", "--seed", "0..1", "--out", session.Out));
        Assert.Equal(
            ["curves_demo,seed=0..1.csv", "curves_demo,seed=0..1.pdf", "curves_demo,seed=0..1.png", "curves_demo,seed=0..1.svg"],
            Directory.GetFileSystemEntries(Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void The_same_runs_give_the_same_bytes()
    {
        TwoSeeds();
        Dictionary<string, byte[]> Files()
        {
            Assert.Equal(ExitCode.Ok, Draw("--seed", "0..1").Code);
            return Directory.GetFiles(Folder).ToDictionary(file => file, File.ReadAllBytes);
        }
        var (first, second) = (Files(), Files());
        Assert.Equal(4, first.Count);
        foreach (var (file, bytes) in first) Assert.Equal(bytes, second[file]);
    }

    [Fact]
    public void The_numbers_of_the_csv_are_those_of_the_metrics()
    {
        foreach (var rule in Rules) Metrics(rule, 0, 5000, step => Math.Sqrt(1 + step) / (rule.Length * 100));
        Assert.Equal(ExitCode.Ok, Draw().Code);
        var rows = File.ReadAllLines(Path.Combine(Folder, "curves_demo.csv"))[1..].Select(line => line.Split(',')).ToArray();
        foreach (var rule in Rules)
        {
            Assert.Equal(
                Enumerable.Range(0, 26).Select(k => (200.0 * k, Math.Sqrt(1 + 200 * k) / (rule.Length * 100))),
                rows.Where(cells => cells[0] == $"\"{rule}\"").Select(cells =>
                    (double.Parse(cells[1], CultureInfo.InvariantCulture), double.Parse(cells[2], CultureInfo.InvariantCulture))));
        }
    }

    private string Folder => Path.Combine(session.Out, "figures", "cuereward_demo");

    private void TwoSeeds()
    {
        foreach (var rule in Rules)
        {
            for (var seed = 0; seed < 2; seed++) Metrics(rule, seed, 5000, step => 0.1 + 0.2 / (1 + step) + 0.01 * seed);
        }
    }

    /// <summary>Runs the program in a process that finds no other program; returns its messages.</summary>
    private static string Process(params string[] words)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(Application).Assembly.Location, .. words])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = "";
        using var program = System.Diagnostics.Process.Start(start)!;
        program.StandardOutput.ReadToEnd();
        var messages = program.StandardError.ReadToEnd();
        program.WaitForExit();
        Assert.Equal((int)ExitCode.Ok, program.ExitCode);
        return messages;
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
