using System.Diagnostics;
using System.Text.Json;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Small faults in what a person types, deletes or reads, each answered with what is wrong and what to do.</summary>
public sealed class MendTests : IDisposable
{
    private static readonly string[] Tiny =
    [
        "hidden=4", "batch=2", "max_batch=3", "validate_every=2", "validation_batches=1", "test_batches=2", "log_every=2",
    ];

    private readonly Session session = new();

    public void Dispose() => session.Dispose();

    [Theory]
    [InlineData(78, "for one number write lr=0.001, for two lr=0.0,001", "train", "cuereward", "lr=0,001")]
    [InlineData(78, "for one number write noise=0.5", "config", "cuereward", "noise=0,5")]
    [InlineData(78, "for one number write lr=1.05", "config", "cuereward", "lr=1,05")]
    [InlineData(78, "lr='1e-400' would be rounded to 0", "train", "cuereward", "lr=1e-400")]
    [InlineData(78, "l1='-1e-39' would be rounded to 0", "config", "cuereward", "l1=-1e-39")]
    [InlineData(64, "--seed must be a whole number from 0 to 2147483647, not 'abc'", "gradcheck", "--seed", "abc")]
    [InlineData(64, "--seed must be a whole number from 0", "laws", "hebbian", "--seed", "0..1")]
    [InlineData(64, "eval needs the folder of a run, not ''", "eval", "")]
    [InlineData(64, "show needs the folder of a run, not ''", "show", "")]
    [InlineData(64, "resume needs the folder of a run, not ' '", "resume", " ")]
    public void A_slip_of_the_fingers_gets_one_line_that_says_what_to_write(int code, string said, params string[] words)
    {
        var ended = session.Run(words);
        Assert.Equal(code, (int)ended.Code);
        Assert.Contains(said, Assert.Single(ended.Messages));
        Assert.Empty(ended.Results);
    }

    [Theory]
    [InlineData(2, "lr=0.0,0.5")]
    [InlineData(2, "lr=1,5")]
    [InlineData(3, "lr=0,1,2")]
    [InlineData(2, "seed=0,5")]
    [InlineData(1, "lr=0e-400")]
    public void A_list_of_numbers_is_still_a_list(int runs, string setting)
    {
        var config = session.Run("config", "cuereward", setting, "--json");
        Assert.Equal(ExitCode.Ok, config.Code);
        Assert.Equal(runs, Json(config.Output).GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public void A_dry_run_of_an_enormous_network_answers_at_once()
    {
        // Other tests allocate at the same time.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var ended = session.Train("cuereward", "hidden=2048", "batch=16384", "max_batch=9", "--history", "1", "--dry-run");
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Contains("scaled up from hidden=", ended.Results[0]);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}");
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 500L << 20, $"{allocated >> 20} MB");
    }

    [Theory]
    [InlineData("metrics.jsonl")]
    [InlineData("test.json")]
    [InlineData("checkpoints/best.safetensors")]
    [InlineData("test.json", "checkpoints")]
    [InlineData("metrics.jsonl", "test.json")]
    public void A_finished_run_that_lost_files_says_which_command_makes_them_again_and_that_command_does(params string[] lost)
    {
        var folder = session.Train("cuereward", Tiny).Results[^1];
        var before = Files(folder);
        foreach (var file in lost)
        {
            if (Directory.Exists(Path.Combine(folder, file))) Directory.Delete(Path.Combine(folder, file), recursive: true);
            else File.Delete(Path.Combine(folder, file));
        }
        var name = Path.GetFileName(lost[0]);
        Assert.Contains($"finished, but {name}", session.Run("list", "runs", "--out", session.Out).Output);
        var shown = session.Run("show", folder);
        Assert.Equal(ExitCode.Ok, shown.Code);
        var advice = Assert.Single(shown.Results, line => line.Contains("missing; "));
        Assert.Contains(name, advice);
        if (lost.Contains("test.json")) Assert.Contains(CommandText.Of(["resume", folder]), Assert.Single(session.Run("eval", folder).Messages));

        Assert.Contains(CommandText.Of(["resume", folder]), advice);
        Assert.Equal(ExitCode.Ok, session.Run("resume", folder).Code);
        Assert.Equal(before, Files(folder));
        Assert.Contains(session.Run("resume", folder).Messages, line => line.EndsWith("already finished"));
    }

    [Fact]
    public void The_command_that_trained_a_run_repairs_it_too()
    {
        var folder = session.Train("cuereward", Tiny).Results[^1];
        var before = Files(folder);
        File.Delete(Path.Combine(folder, "metrics.jsonl"));
        var figures = session.Run(["figures", "cuereward", "--out", session.Out, .. Tiny]);
        Assert.Equal(ExitCode.MissingInput, figures.Code);
        Assert.Contains("metrics.jsonl is missing; plastic resume", Assert.Single(figures.Messages));
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", Tiny).Code);
        Assert.Equal(before, Files(folder));
    }

    [Fact]
    public void The_loss_of_a_single_batch_has_no_error()
    {
        var ended = session.Train("cuereward", [.. Tiny.Where(word => word != "test_batches=2"), "test_batches=1"]);
        Assert.DoesNotContain("±", ended.Output);
        var folder = ended.Results[^1];
        Assert.DoesNotContain("±", session.Run("eval", folder).Output);
        var file = Path.Combine(folder, "test.json");
        Assert.Equal(JsonValueKind.Null, Json(File.ReadAllText(file)).GetProperty("standard_error").ValueKind);
        Assert.Contains("±", session.Run("eval", folder, "test_batches=2").Output);
        // As earlier versions wrote it.
        File.WriteAllText(file, File.ReadAllText(file).Replace("null", "0"));
        Assert.DoesNotContain("±", session.Train("cuereward", [.. Tiny.Where(word => word != "test_batches=2"), "test_batches=1"]).Output);
    }

    [Fact]
    public void The_folder_of_a_point_or_an_experiment_shows_its_runs()
    {
        var runs = session.Train("cuereward", [.. Tiny, "rule=hebbian,none", "seed=0..1"]).Results[^1];
        var whole = session.Run("show", runs);
        Assert.Equal(ExitCode.Ok, whole.Code);
        Assert.Equal(4, whole.Results.Count(line => line.Contains("finished")));
        var point = session.Run("show", Directory.GetDirectories(runs)[0]);
        Assert.Equal(2, point.Results.Count(line => line.Contains("finished")));
        Assert.Equal(2, Json(session.Run("show", Directory.GetDirectories(runs)[0], "--json").Output).GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public void What_a_terminal_would_obey_is_shown_as_question_marks()
    {
        var folder = session.Train("cuereward", Tiny).Results[^1];
        File.WriteAllText(
            Path.Combine(folder, "status.json"), """{"state":"failed","step":1,"message":"\u001b[2J\u009b31mred\u0007\u202egnp.exe"}""");
        foreach (var words in new[] { ["show", folder], new[] { "list", "runs", "--out", session.Out } })
        {
            var ended = session.Run(words);
            Assert.Equal(ExitCode.Ok, ended.Code);
            Assert.DoesNotContain(ended.Output, c => (char.IsControl(c) && c != '\n') || c == '\u202e');
        }
        Assert.Contains("message: ?[2J?31mred??gnp.exe", session.Run("show", folder).Results);
        var ghost = Path.Combine(Path.GetDirectoryName(folder)!, "seed=0\e[31m");
        Directory.Move(folder, ghost);
        Assert.DoesNotContain('\e', session.Run("list", "runs", "--out", session.Out).Output);
        Assert.DoesNotContain('\e', session.Run("eval", ghost).Messages[0]);
    }

    [Fact]
    public void A_link_back_to_a_folder_above_lists_no_run_twice()
    {
        var folder = session.Train("cuereward", Tiny).Results[^1];
        var runs = Path.Combine(session.Out, "runs");
        Directory.CreateSymbolicLink(Path.Combine(runs, "cuereward", "again"), runs);
        Directory.CreateSymbolicLink(Path.Combine(runs, "a-link"), Path.Combine(runs, "cuereward"));
        Assert.Contains(folder, Assert.Single(Listed()));

        // A folder that is reached through a link alone is listed.
        var elsewhere = Path.Combine(session.Out, "elsewhere");
        Directory.Move(runs, elsewhere);
        Directory.CreateDirectory(runs);
        Directory.CreateSymbolicLink(Path.Combine(runs, "linked"), elsewhere);
        Assert.Contains(Path.Combine(runs, "linked"), Assert.Single(Listed()));
    }

    /// <summary>The lines of `list runs` after the header.</summary>
    private string[] Listed() => session.Run("list", "runs", "--out", session.Out).Results[1..];

    /// <summary>The files of a run that do not record the time or the machine, with their content.</summary>
    private static SortedDictionary<string, string> Files(string folder) => new(
        new[] { "config.json", "metrics.jsonl", "test.json", "checkpoints/best.safetensors" }.ToDictionary(
            file => file, file => Convert.ToHexString(File.ReadAllBytes(Path.Combine(folder, file)))));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
