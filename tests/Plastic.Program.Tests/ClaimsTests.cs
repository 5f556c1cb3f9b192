using System.Diagnostics;
using System.Text.Json.Nodes;
using Plastic.Claims;
using Plastic.CommandLine;
using Plastic.Host;
using Plastic.Settings;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>`plastic claims`: runs, verdicts, and the files that say them.</summary>
public sealed class ClaimsTests
{
    /// <summary>Quick claims: their runs are the published ones, and take less than a second each.</summary>
    private static readonly string[] Quick = ["claims", "patterns_plastic", "patterns_shared", "--jobs", "2"];

    [Fact]
    public void An_empty_folder_gives_verdicts_a_second_time_without_training_and_again_after_a_kill()
    {
        using var whole = new Session();
        var first = whole.Run([.. Quick, "--out", whole.Out]);
        Assert.Equal(ExitCode.Ok, first.Code);
        Assert.Contains(first.Results, line => line.StartsWith("patterns_plastic ", StringComparison.Ordinal) && line.Contains("supported"));
        Assert.Contains(first.Results, line => line.StartsWith("patterns_shared ", StringComparison.Ordinal) && line.Contains("refuted"));
        foreach (var end in new[] { "csv", "svg", "pdf", "png" })
        {
            Assert.True(File.Exists(Path.Combine(whole.Out, "figures", "claims", $"patterns_small.{end}")), end);
        }
        var json = File.ReadAllText(Path.Combine(whole.Out, "claims.json"));

        var tests = Directory.GetFiles(whole.Out, "test.json", SearchOption.AllDirectories).ToDictionary(file => file, File.GetLastWriteTimeUtc);
        Assert.Equal(15, tests.Count);
        Assert.Equal(ExitCode.Ok, whole.Run([.. Quick, "--out", whole.Out]).Code);
        Assert.All(tests, test => Assert.Equal(test.Value, File.GetLastWriteTimeUtc(test.Key)));
        Assert.Equal(json, File.ReadAllText(Path.Combine(whole.Out, "claims.json")));

        using var killed = new Session();
        Directory.CreateDirectory(killed.Out);
        using (var program = Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(Application).Assembly.Location, .. Quick, "--quiet", "--checkpoint", "1", "--out", killed.Out])
        { RedirectStandardError = true, RedirectStandardOutput = true })!)
        {
            var runs = Path.Combine(killed.Out, "runs");
            SpinWait.SpinUntil(
                () => program.HasExited || (Directory.Exists(runs) && Directory.GetFiles(runs, "test.json", SearchOption.AllDirectories).Length >= 2),
                TimeSpan.FromMinutes(2));
            program.Kill();
            program.WaitForExit();
        }
        Assert.False(File.Exists(Path.Combine(killed.Out, "claims.json")));
        Assert.Equal(ExitCode.Ok, killed.Run([.. Quick, "--out", killed.Out]).Code);
        Assert.Equal(json, File.ReadAllText(Path.Combine(killed.Out, "claims.json")));
        Assert.Equal(ClaimsPage.Text(ClaimsPage.Read(killed.Out)), File.ReadAllText(Path.Combine(killed.Out, "claims.md")));
    }

    /// <summary>A claim that is false, put through the same runs and files as a true one.</summary>
    [Fact]
    public void A_planted_false_claim_is_refuted_and_with_two_seeds_undecided()
    {
        using var session = new Session();
        var claim = Plastic.Claims.Claims.All.Single(one => one.Name == "cue_rnn_hebbian");
        var lead = (Effect.Lead)claim.Effect;
        var swapped = new Claim(
            "planted", claim.Paper, claim.Section, claim.Statement, Effect.NewLead(lead.others.Head, [lead.Item1], lead.Item3),
            claim.Statistic, claim.Side, claim.Bound, claim.Figure, claim.Differs, claim.IsOurs, claim.Premises);
        ClaimRecord Of(Claim one, int seeds)
        {
            var planned = Plastic.Claims.Claims.Plan(Library.BuiltIn, Scale.Small, [.. Enumerable.Range(0, seeds).Select(seed => (long)seed)], [one]);
            foreach (var run in planned[0].Plans.SelectMany(plan => plan.Runs)) Finish(session, run, run.IsPlastic ? 0.09 : 0.14);
            return ClaimRecord.Of(planned[0], new ClaimEvidence(new ClaimRuns(planned, planned), session.Out).Of(planned[0]), null);
        }

        Assert.Equal("supported", Of(claim, 5).Verdict);
        Assert.Equal("refuted", Of(swapped, 5).Verdict);
        Assert.Equal(("undecided", 2, "2 seeds, where at least 4 are wanted"), (Of(claim, 2).Verdict, Of(claim, 2).N, Of(claim, 2).Why));
    }

    [Fact]
    public void Runs_that_claims_share_are_trained_once()
    {
        var planned = Plan("alpha_hebbian", "cue_rnn_hebbian");
        var runs = new ClaimRuns(planned, planned);
        var named = planned.SelectMany(claim => claim.Plans).SelectMany(plan => plan.Runs).ToArray();
        // α from random values is the default, at the same width.
        Assert.Equal(30, named.Length);
        Assert.Equal(25, runs.Trained.Count);
        Assert.All(named, run => Assert.Equal(run.Identity, runs.Of(run).Identity));
    }

    [Fact]
    public void Where_a_run_is_does_not_depend_on_what_is_asked_for()
    {
        var request = (ClaimsRequest)CommandParser.Parse(["claims"], new DeferredLoader()).Command;
        var all = new ClaimRuns(request.All, request.Claims);
        Assert.Equal(all.Trained.Count, all.Trained.Select(run => run.Directory).Distinct().Count());
        foreach (var claim in request.All)
        {
            var one = new ClaimRuns(request.All, [claim]);
            Assert.Subset(all.Trained.Select(run => run.Directory).ToHashSet(), one.Trained.Select(run => run.Directory).ToHashSet());
            Assert.All(claim.Premises.SelectMany(premise => premise.Plans).SelectMany(plan => plan.Runs), run => Assert.Contains(one.Of(run), one.Trained));
        }
    }

    [Fact]
    public void A_claim_whose_premise_does_not_hold_is_undecided_and_says_so()
    {
        using var session = new Session();
        var planned = Plan("delay20_rnn_hebbian")[0];
        ClaimRecord Of(double without)
        {
            foreach (var run in planned.Plans.SelectMany(plan => plan.Runs)) Finish(session, run, run.IsPlastic ? 0.05 : without);
            return ClaimRecord.Of(planned, new ClaimEvidence(new ClaimRuns([planned], [planned]), session.Out).Of(planned), null);
        }

        Assert.Equal(("supported", ""), (Of(0.333).Verdict, Of(0.333).Why));
        Assert.Equal(("undecided", "delay20_rnn_none is refuted"), (Of(0.1).Verdict, Of(0.1).Why));
    }

    [Fact]
    public void Other_seeds_than_the_claims_own_are_shown_and_not_recorded_and_a_part_keeps_the_figure_of_the_whole()
    {
        using var session = new Session();
        var all = session.Run([.. Quick, "--out", session.Out]);
        Assert.Equal(ExitCode.Ok, all.Code);
        string Content() => string.Concat(new[] { "claims.json", "claims.md", "figures/claims/patterns_small.csv" }.Select(file => File.ReadAllText(Path.Combine(session.Out, file))));
        var before = Content();
        Assert.Equal(ExitCode.Ok, session.Run("claims", "patterns_plastic", "--out", session.Out).Code);
        Assert.Equal(before, Content());
        var others = session.Run("claims", "patterns_plastic", "--seed", "0..3", "--out", session.Out);
        Assert.Equal(ExitCode.Ok, others.Code);
        Assert.Contains(others.Results, line => line.StartsWith("patterns_plastic ", StringComparison.Ordinal) && line.Contains("supported"));
        Assert.Contains(others.Messages, line => line.Contains("as they were"));
        Assert.Equal(before, Content());
    }

    [Fact]
    public void The_record_keeps_what_it_has_of_other_claims_and_scales_and_nothing_of_claims_that_have_changed()
    {
        using var session = new Session();
        Directory.CreateDirectory(session.Out);
        ClaimRecord Of(string name, string scale, int n, string claimed = "< 0") =>
            ClaimRecord.Of(Plan(name)[0], default(Judgement) with { Finding = new Finding(default, n, 5, Verdict.Undecided), Why = "" }, null) with { Scale = scale, Claimed = claimed };
        IEnumerable<(string, string, int)> Written(params ClaimRecord[] found)
        {
            ClaimsPage.Write(session.Out, found);
            return ClaimsPage.Read(session.Out).Select(record => (record.Name, record.Scale, record.N));
        }

        Assert.Equal([("patterns_shared", "small", 5)], Written(Of("patterns_shared", "small", 5)));
        Assert.Equal(
            [("patterns_plastic", "small", 4), ("patterns_shared", "small", 5), ("patterns_shared", "paper", 3)],
            Written(Of("patterns_shared", "paper", 3), Of("patterns_plastic", "small", 4)));
        // The runs are elsewhere.
        Assert.Contains(("patterns_shared", "small", 5), Written(Of("patterns_shared", "small", 0)));
        Assert.Contains(("patterns_shared", "small", 2), Written(Of("patterns_shared", "small", 2)));

        var file = Path.Combine(session.Out, "claims.json");
        File.WriteAllText(file, JsonText.Document(new[] { Of("patterns_shared", "small", 5, "< 1"), Of("patterns_plastic", "small", 5) }));
        Assert.Equal([("patterns_plastic", "small", 5), ("cue_rnn_ahead", "small", 1)], Written(Of("cue_rnn_ahead", "small", 1)));
        // As earlier versions wrote it.
        var early = JsonNode.Parse(File.ReadAllText(file))!.AsArray();
        foreach (var element in early) Assert.True(element!.AsObject().Remove("why") && element.AsObject().Remove("ours"));
        File.WriteAllText(file, early.ToJsonString());
        Assert.Equal(2, Written().Count());
    }

    [Fact]
    public void A_run_that_another_process_trains_is_no_failure()
    {
        using var session = new Session();
        var run = Plan("patterns_plastic")[0].Plans[0].Runs[2];
        var path = RunDirectory.PathOf(session.Out, run);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (RunLock.Take(path))
        {
            var beside = session.Run([.. Quick, "--out", session.Out]);
            Assert.Equal(ExitCode.TryAgain, beside.Code);
            Assert.Contains(beside.Messages, line => line.Contains("1 run in the hands of another process"));
        }
        Assert.Equal(ExitCode.Ok, session.Run([.. Quick, "--out", session.Out]).Code);
    }

    [Fact]
    public void What_differs_from_the_paper_is_what_the_settings_say()
    {
        var planned = Plan("cue_rnn_hebbian")[0];
        Assert.Equal("max_batch 4000 (20000), validation_batches 20 (100); hebbian: units 64 (256); none: units 96 (384)", planned.Reduced);
        Assert.Equal("", Plan("bohp_completion")[0].Reduced);
        Assert.StartsWith("a variant of ours, ", Plan("bohp_reversal_negative")[0].Reduced);
    }

    [Fact]
    public void Tests_of_networks_name_the_runs_that_train_them()
    {
        var planned = Plan("eta_hebbian");
        var runs = new ClaimRuns(planned, planned);
        Assert.Equal(5, runs.Tests.Count);
        Assert.All(runs.Tests, test => Assert.Equal(("cuereward_large", test.Seed), (runs.SourceOf(test).Experiment, runs.SourceOf(test).Seed)));
    }

    [Fact]
    public void What_is_asked_wrongly_is_refused()
    {
        using var session = new Session();
        var unknown = session.Run("claims", "cue_rnn_hebian");
        Assert.Equal(ExitCode.Usage, unknown.Code);
        Assert.Contains("did you mean cue_rnn_hebbian?", unknown.Messages.Single());
        Assert.Equal(ExitCode.Usage, session.Run("claims", "--scale", "large").Code);
        Directory.CreateDirectory(session.Out);
        File.WriteAllText(Path.Combine(session.Out, "claims.json"), "[{}]");
        var damaged = session.Run([.. Quick, "--out", session.Out]);
        Assert.Equal(ExitCode.BadData, damaged.Code);
        Assert.Contains("claims.json", damaged.Messages.Single());
    }

    [Fact]
    public void The_page_in_docs_is_that_of_its_numbers()
    {
        var docs = Path.Combine(ReadmeTests.Root, "docs");
        var records = ClaimsPage.Read(docs);
        Assert.Equal(ClaimsPage.Text(records), File.ReadAllText(Path.Combine(docs, "claims.md")));
        Assert.Equal(Plastic.Claims.Claims.All.Select(claim => claim.Name), records.Where(record => record.Scale == "small").Select(record => record.Name));
        Assert.Contains(ClaimsPage.Count(records.Where(record => record.Scale == "small")), File.ReadAllText(Path.Combine(ReadmeTests.Root, "README.md")).ReplaceLineEndings(" "));
        Assert.All(records, record => Assert.True(record.Figure is null || File.Exists(Path.Combine(docs, record.Figure)), record.Figure));
    }

    private static IReadOnlyList<PlannedClaim> Plan(params string[] names) =>
        ((ClaimsRequest)CommandParser.Parse(["claims", .. names], new DeferredLoader()).Command).Claims;

    private static void Finish(Session session, Run run, double loss)
    {
        var path = MadeRuns.Make(RunDirectory.Root(session.Out), run);
        var noise = new Random((int)run.Seed * 1000 + run.Units).NextDouble() * 0.01;
        File.WriteAllText(Path.Combine(path, RunDirectory.TestFile), JsonText.Document(new TestResults(loss + noise, 0.001, 0, loss)));
    }
}
