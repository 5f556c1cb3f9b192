using System.Text.Json;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>The program's messages and exit codes.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData(64, "no command")]
    [InlineData(64, "did you mean train?", "trian")]
    [InlineData(64, "did you mean --seed?", "train", "cuereward", "--sed", "3")]
    [InlineData(64, "did you mean cuereward_demo?", "train", "cuereward_dmo")]
    [InlineData(64, "needs the name", "train")]
    [InlineData(64, "did you mean hidden?", "train", "cuereward_demo", "hiden=3")]
    [InlineData(64, "did you mean hebbian?", "train", "cuereward_demo", "rule=hebian")]
    [InlineData(64, "gradient, hebbian, none", "train", "cuereward_demo", "rule=backpropagation")]
    [InlineData(64, "more than once", "train", "cuereward", "lr=1", "lr=2")]
    [InlineData(64, "--threads", "train", "cuereward", "--threads", "0")]
    [InlineData(64, "--seed", "train", "cuereward", "--seed", "3..1")]
    [InlineData(64, "followed by", "train", "cuereward", "--seed")]
    [InlineData(64, "did you mean tasks?", "list", "taks")]
    [InlineData(64, "golden case", "verify")]
    [InlineData(78, "hidden must be a whole number from 1", "train", "cuereward_demo", "hidden=-3")]
    [InlineData(78, "hidden must be", "train", "cuereward_demo", "hidden=99999999999")]
    [InlineData(78, "not 'NaN'", "train", "cuereward_demo", "lr=NaN")]
    [InlineData(78, "not ''", "train", "cuereward_demo", "batch=")]
    [InlineData(78, "p_lr must be", "config", "cuereward_demo", "p_lr=-0.1")]
    [InlineData(66, "no-such-run", "show", "no-such-run")]
    public void Bad_input_gives_one_line_its_code_and_leaves_nothing(int code, string said, params string[] words)
    {
        using var session = new Session();
        string[] place = words is ["train", ..] ? ["--out", session.Out] : [];
        var ended = session.Run([.. words, .. place]);
        Assert.Equal((ExitCode)code, ended.Code);
        Assert.StartsWith("plastic: ", Assert.Single(ended.Messages));
        Assert.Contains(said, ended.Messages[0]);
        Assert.Empty(ended.Results);
        Assert.Empty(session.Everything());
    }

    [Fact]
    public void A_setting_that_no_run_reads_causes_a_warning()
    {
        using var session = new Session();
        string[] tiny = ["hidden=2", "batch=1", "max_batch=0", "validation_batches=1", "test_batches=1"];
        var ended = session.Train("cuereward", [.. tiny, "rule=hebbian,none", "p_lr=0.2", "gamma=0.5", "--quiet"]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Equal(
            "plastic: warning: gamma has no effect: only bohp reads it, and no run has rule=bohp", Assert.Single(ended.Messages));
        ended = session.Train("cuereward", [.. tiny, "rule=none", "p_lr=0.2", "--dry-run"]);
        Assert.Contains("p_lr has no effect: only gradient and hebbian read it", Assert.Single(ended.Messages));
    }

    [Theory]
    [InlineData("hebian")]
    [InlineData("backpropagation")]
    public void A_rule_that_does_not_exist_is_answered_alike_wherever_it_is_named(string rule)
    {
        using var session = new Session();
        Assert.Equal(session.Train("cuereward", $"rule={rule}").Messages, session.Run("laws", rule).Messages);
    }

    [Theory]
    [InlineData("# 1 run, seed 0", "config", "cuereward")]
    [InlineData("# 3 runs, seed 0", "config", "cuereward_demo")]
    [InlineData("# 20 runs, seeds 0, 1, 2", "config", "bohp_reversal")]
    [InlineData("1 update, ", "train", "cuereward", "max_batch=0", "--dry-run")]
    [InlineData("1 run of cuereward, ", "train", "cuereward", "max_batch=0", "--dry-run")]
    [InlineData("; 1 run", "list", "experiments")]
    public void Counts_agree_with_their_nouns(string said, params string[] words)
    {
        using var session = new Session();
        Assert.Contains(session.Run(words).Results, line => line.Contains(said, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData]
    [InlineData("train")]
    public void Help_is_an_option_or_a_command(params string[] words)
    {
        using var session = new Session();
        var ended = session.Run(["help", .. words]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Equal(session.Run([.. words, "--help"]).Results, ended.Results);
    }

    [Fact]
    public void What_a_module_raised_on_its_first_use_is_the_failure()
    {
        var failure = Failure.Of(new TypeInitializationException("Fields", new InvalidOperationException("two settings of one name")));
        Assert.StartsWith("internal error: two settings of one name", failure.Line);
    }

    [Fact]
    public void All_faults_are_reported_at_once()
    {
        using var session = new Session();
        var ended = session.Train("cuereward", "hidden=0", "lr=NaN", "batch=x");
        Assert.Equal(ExitCode.Configuration, ended.Code);
        foreach (var key in new[] { "hidden", "lr", "batch" }) Assert.Contains($"{key} must be", Assert.Single(ended.Messages));
    }

    [Theory]
    [InlineData("")]
    [InlineData("below")]
    public void A_folder_that_cannot_be_written_gives_one_line_and_leaves_nothing(string below)
    {
        using var session = new Session();
        File.WriteAllText(session.Out, "in the way");
        var ended = session.Run("train", "cuereward", "--out", Path.Combine(session.Out, below));
        Assert.Equal(ExitCode.InputOutput, ended.Code);
        Assert.Contains(session.Out, Assert.Single(ended.Messages));
        Assert.Empty(ended.Results);
        Assert.Equal(["out"], session.Everything());
    }

    [Fact]
    public void A_half_made_folder_is_removed_when_writing_fails()
    {
        using var session = new Session();
        var point = Path.Combine(session.Out, "runs", "cuereward");
        Directory.CreateDirectory(point);
        File.WriteAllText(Path.Combine(point, "cell=RNN,rule=gradient"), "in the way");
        var before = session.Everything();
        Assert.Equal(ExitCode.InputOutput, session.Train("cuereward").Code);
        Assert.Equal(before, session.Everything());
    }

    [Fact]
    public void A_network_too_large_for_the_machine_is_a_configuration_fault()
    {
        Memory.Require("a run", needed: 100L << 20, "less", available: 100L << 20);
        var thrown = Assert.Throws<PlasticException>(() => Memory.Require("a run", (100L << 20) + 1, "less", 100L << 20));
        Assert.Equal(ExitCode.Configuration, thrown.Code);
        Assert.Contains("a run needs 101 MB of memory, but this machine has 100 MB: try less", thrown.Message);

        // Every worker would hold all steps of an episode, and there are many.
        using var session = new Session();
        foreach (var option in new[] { "--dry-run", "--quiet" })
        {
            var ended = session.Train("seqreproduction", "hidden=4096", "n=1000", "delay=10000", "--threads", "1024", option);
            Assert.Equal(ExitCode.Configuration, ended.Code);
            Assert.Matches(@"needs \d{6,} MB of memory, but this machine has \d+", Assert.Single(ended.Messages));
            Assert.Empty(session.Everything());
        }
    }

    [Fact]
    public void A_dry_run_lists_runs_with_sizes_and_writes_nothing()
    {
        using var session = new Session();
        var ended = session.Train("cuereward_demo", "--dry-run", "--seed", "0..1");
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Equal(6, ended.Results.Count(line => line.Contains("5001 updates")));
        Assert.Equal(2, ended.Results.Count(line => line.Contains("192 units")));
        Assert.Empty(session.Everything());
    }

    [Theory]
    [InlineData("list")]
    [InlineData("list", "runs")]
    [InlineData("config", "cuereward_demo", "--explain")]
    [InlineData("train", "cuereward_demo", "--dry-run")]
    public void With_json_stdout_is_one_document(params string[] words)
    {
        using var session = new Session();
        string[] place = words is ["config", ..] ? [] : ["--out", session.Out];
        var ended = session.Run([.. words, "--json", .. place]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(ended.Output).RootElement.ValueKind);
    }

    [Fact]
    public void With_json_an_error_is_json_too()
    {
        using var session = new Session();
        var ended = session.Run("train", "cuereward", "lr=NaN", "--json");
        Assert.Empty(ended.Results);
        var error = JsonDocument.Parse(Assert.Single(ended.Messages)).RootElement.GetProperty("error");
        Assert.Equal(("configuration", 78), (error.GetProperty("kind").GetString(), error.GetProperty("exit_code").GetInt32()));
        Assert.StartsWith("lr must be a number", error.GetProperty("message").GetString());
        var warned = session.Run("config", "cuereward", "gamma=0.5", "--json");
        Assert.StartsWith("gamma has no effect", JsonDocument.Parse(Assert.Single(warned.Messages)).RootElement.GetProperty("warning").GetString());
    }

    [Fact]
    public void Json_of_a_training_names_its_results()
    {
        using var session = new Session();
        var ended = session.Train("cuereward", "hidden=4", "batch=2", "max_batch=1", "validation_batches=1", "test_batches=1", "--json");
        var json = JsonDocument.Parse(ended.Output).RootElement;
        var run = Assert.Single(json.GetProperty("runs").EnumerateArray());
        Assert.True(Directory.Exists(run.GetProperty("directory").GetString()));
        Assert.True(run.GetProperty("test_loss").GetDouble() > 0);
    }

    [Fact]
    public void A_run_can_be_listed_and_shown()
    {
        using var session = new Session();
        var folder = session.Train(
            "cuereward", "hidden=4", "batch=2", "max_batch=1", "validation_batches=1", "test_batches=1", "--quiet").Results[^1];
        var listed = session.Run("list", "runs", "--out", session.Out);
        Assert.Equal(2, listed.Results.Length);
        Assert.Matches(@"^state +loss +age +size +folder$", listed.Results[0]);
        Assert.Matches($@"^finished +\d\.\d+ +\d+ s +\d+ kB +{folder}$", listed.Results[1]);
        var shown = session.Run("show", folder);
        Assert.Equal(ExitCode.Ok, shown.Code);
        Assert.Contains("hidden = 4", shown.Results);
        Assert.Contains("weight_clip = none", shown.Results);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("train", "--help")]
    [InlineData("--version")]
    [InlineData("list")]
    [InlineData("config", "cuereward_demo")]
    public void Help_and_lists_go_to_stdout(params string[] words)
    {
        using var session = new Session();
        var ended = session.Run(words);
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.NotEmpty(ended.Results);
        Assert.Empty(ended.Messages);
    }

    [Fact]
    public void Quiet_keeps_results_and_drops_messages()
    {
        using var session = new Session();
        var ended = session.Train(
            "cuereward", "hidden=4", "batch=2", "max_batch=1", "validation_batches=1", "test_batches=1", "--quiet");
        Assert.Empty(ended.Messages);
        Assert.True(Directory.Exists(ended.Results[^1]));
    }
}
