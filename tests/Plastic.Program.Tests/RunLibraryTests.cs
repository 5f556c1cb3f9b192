using System.Text.Json;
using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>Many runs in a folder: found, listed, compared and deleted.</summary>
public sealed class RunLibraryTests : IDisposable
{
    private static readonly string[] Tiny =
    [
        "hidden=4", "batch=2", "max_batch=3", "validate_every=2", "validation_batches=1", "test_batches=2",
    ];

    private readonly Session session = new();

    public RunLibraryTests()
    {
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", [.. Tiny, "rule=hebbian,none", "seed=0..1", "--name", "first", "--tag", "paper", "--tag", "a"]).Code);
        Assert.Equal(ExitCode.Ok, session.Train("seqreproduction", [.. Tiny, "n=2", "delay=1", "--tag", "b"]).Code);
    }

    public void Dispose() => session.Dispose();

    [Theory]
    [InlineData(5)]
    [InlineData(2, "--filter", "rule=hebbian")]
    [InlineData(4, "--filter", "experiment=cue*")]
    [InlineData(4, "--filter", "name=first")]
    [InlineData(1, "--filter", "tag=b")]
    [InlineData(1, "--filter", "tag!=paper", "--filter", "tag!=a", "--filter", "rule!=none")]
    [InlineData(2, "--filter", "rule=none", "--filter", "state=finished")]
    [InlineData(0, "--filter", "loss<0")]
    [InlineData(5, "--filter", "age<1h", "--filter", "size>1kB", "--filter", "size<1GB")]
    [InlineData(2, "--filter", "seed>=1")]
    [InlineData(5, "--filter", "max_batch=3.0")]
    public void Filters_choose_runs(int count, params string[] words)
    {
        var ended = session.Run(["list", "runs", "--out", session.Out, "--json", .. words]);
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Equal(count, Json(ended.Output).GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public void Lists_are_in_columns_in_order_and_typed()
    {
        var lines = session.Run("list", "runs", "--out", session.Out, "--filter", "name=first", "--sort", "loss", "--reverse").Results;
        Assert.Matches(@"^name +tags +rule +seed +state +loss +age +size +folder$", lines[0]);
        Assert.All(lines[1..], line => Assert.Matches(@"^first +paper,a +(hebbian|none) +[01] +finished +", line));
        var runs = Json(session.Run("list", "runs", "--out", session.Out, "--json", "--sort", "loss").Output).GetProperty("runs").EnumerateArray().ToArray();
        var losses = runs.Select(run => run.GetProperty("loss").GetDouble()).ToArray();
        Assert.Equal(losses.Order(), losses);
        Assert.Equal(4, runs[0].GetProperty("settings").GetProperty("hidden").GetInt32());
        Assert.True(runs[0].GetProperty("bytes").GetInt64() > 0);

        var csv = session.Run("list", "runs", "--out", session.Out, "--csv", "--sort", "seed", "--reverse").Results;
        Assert.StartsWith("directory,tags,experiment,name,state,step,loss,validation,measure,validation_measure,age_seconds,bytes,task,", csv[0]);
        Assert.Equal(6, csv.Length);
        Assert.EndsWith("1", csv[1]);
        static string Unquoted(string line) => System.Text.RegularExpressions.Regex.Replace(line, "\"[^\"]*\"", "quoted");
        Assert.All(csv, line => Assert.Equal(csv[0].Split(',').Length, Unquoted(line).Split(',').Length));
    }

    [Theory]
    [InlineData(64, "did you mean rule?", "list", "runs", "--filter", "ruel=none")]
    [InlineData(64, "is not a condition", "list", "runs", "--filter", "rule")]
    [InlineData(64, "'colour' is nothing that runs have", "list", "runs", "--sort", "colour")]
    [InlineData(64, "are for runs", "list", "rules", "--csv")]
    [InlineData(64, "a name or a tag is", "train", "cuereward", "--name", "a b")]
    [InlineData(64, "rm needs folders", "rm")]
    [InlineData(66, "called nothing", "compare", "nothing")]
    public void Slips_are_named(int code, string said, params string[] words)
    {
        var ended = session.Run([.. words, "--out", session.Out]);
        Assert.Equal(code, (int)ended.Code);
        Assert.Contains(said, Assert.Single(ended.Messages));
    }

    [Fact]
    public void Runs_are_compared_across_experiments()
    {
        var ended = session.Run("compare", "first", "b", "--out", session.Out);
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Contains("different tasks", ended.Messages[0]);
        Assert.Equal(4, ended.Results.Length);
        Assert.Matches(@"^first +cuereward .* hebbian .* 2 +\d\.\d+ ± \d\.\d+", ended.Results[1]);
        Assert.Matches(@"^b +seqreproduction .* 1 +\d\.\d+ ", ended.Results[3]);
        var rows = Json(session.Run("compare", "cuereward", "--out", session.Out, "--json").Output).GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal([2, 2], rows.Select(row => row.GetProperty("finished").GetInt32()));
        Assert.Equal(4, session.Run("compare", Path.Combine(session.Out, "runs"), "--csv").Results.Length);
    }

    [Fact]
    public void Runs_are_deleted_only_by_a_person_who_is_asked_or_says_yes()
    {
        var refused = session.Run("rm", "first", "--out", session.Out);
        Assert.Equal(ExitCode.Usage, refused.Code);
        Assert.Matches(@"would delete 4 runs, \d+(\.\d)? [kM]B; .* --yes", Assert.Single(refused.Messages));
        Assert.Equal(5, RunFolders.Under(session.Out).Count);

        // A run that is being trained stays, and the others with it.
        var running = RunFolders.Under(session.Out)[0];
        var status = Path.Combine(running, "status.json");
        var finished = File.ReadAllText(status);
        File.WriteAllText(status, JsonText.Document(new RunStatus(RunState.Running, 1).OwnedBy(RunOwner.Current)));
        Assert.Equal(ExitCode.Exists, session.Run("rm", "first", "--out", session.Out, "--yes").Code);
        Assert.Equal(5, RunFolders.Under(session.Out).Count);
        File.WriteAllText(status, finished);

        Assert.StartsWith("deleted 4 runs", Assert.Single(session.Run("rm", "first", running, "--out", session.Out, "--yes").Results));
        Assert.Contains("seqreproduction", Assert.Single(RunFolders.Under(session.Out)));
        Assert.DoesNotContain(session.Everything(), path => path.Contains("runs/cuereward/"));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void A_list_fits_the_terminal(int width)
    {
        var runs = RunFolders.Under(session.Out).Select(RunFacts.Of).ToArray();
        var lines = new RunList(runs).Lines(width).ToArray();
        Assert.Equal(6, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, width));
        Assert.All(lines[1..], line => Assert.Contains("finished", line));
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
