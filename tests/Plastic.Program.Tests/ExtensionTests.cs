using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>`resume RUN max_batch=N`: the run ends in the same bits as one that had that length from the beginning.</summary>
public sealed class ExtensionTests
{
    private static readonly string[] Short =
    [
        "cuereward", "rule=hebbian", "batch=2", "hidden=4", "validate_every=5", "validation_batches=1", "test_batches=2", "log_every=7",
    ];

    private static string Train(Session session, params string[] words)
    {
        var ended = session.Run(["train", .. Short, .. words, "--out", session.Out]);
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        return ended.Results[^1];
    }

    private static void AreTheSame(string a, string b)
    {
        foreach (var file in new[] { "metrics.jsonl", "test.json", "config.json", Path.Combine("checkpoints", "best.safetensors") })
        {
            Assert.True(
                File.ReadAllBytes(Path.Combine(a, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(b, file))), file);
        }
    }

    private static void Interrupt(string folder)
    {
        File.Delete(Path.Combine(folder, "test.json"));
        File.WriteAllText(Path.Combine(folder, "status.json"), JsonText.Document(new RunStatus(RunState.Interrupted, 0)));
    }

    [Theory]
    [InlineData(0, 12)]
    [InlineData(20, 33)]
    [InlineData(23, 24)]
    [InlineData(23, 61)]
    public void A_finished_run_can_be_extended(int length, int longer)
    {
        using Session session = new(), other = new();
        var folder = Train(session, $"max_batch={length}");
        var whole = Train(other, $"max_batch={longer}");
        var ended = session.Run("resume", folder, $"max_batch={longer}", "--threads", "1");
        Assert.True(ended.Code == ExitCode.Ok, string.Join('\n', ended.Messages));
        AreTheSame(whole, folder);
        Assert.Contains($"max_batch={longer}", File.ReadAllText(Path.Combine(folder, "resumed.jsonl")));
    }

    [Fact]
    public void A_run_stopped_after_its_last_step_can_be_extended_too()
    {
        using Session session = new(), other = new();
        var folder = Train(session, "max_batch=23", "--checkpoint", "0");
        Interrupt(folder);
        Assert.True(Directory.Exists(Path.Combine(folder, "checkpoints", "step-0000000024")));
        Assert.Equal(ExitCode.Ok, session.Run("resume", folder, "max_batch=40").Code);
        AreTheSame(Train(other, "max_batch=40"), folder);
    }

    [Fact]
    public void A_damaged_checkpoint_causes_a_warning_and_does_not_count_among_the_last_two()
    {
        using var session = new Session();
        foreach (var words in new[] { Array.Empty<string>(), ["max_batch=26"] })
        {
            var folder = Train(session, "max_batch=23", "--checkpoint", "0", "--seed", $"{words.Length}");
            Interrupt(folder);
            var checkpoints = Path.Combine(folder, "checkpoints");
            var damaged = Path.Combine(checkpoints, words.Length == 0 ? "step-0000000024" : "step-0000000023");
            File.WriteAllText(Path.Combine(damaged, "state.json"), "{}");
            var ended = session.Run(["resume", folder, .. words]);
            if (words.Length == 0)
            {
                Assert.Equal(ExitCode.Ok, ended.Code);
                Assert.Contains(ended.Messages, line => line.Contains("step-0000000024 is damaged"));
                Assert.Equal(["step-0000000023"], Directory.GetDirectories(checkpoints).Select(Path.GetFileName));
            }
            else
            {
                // The checkpoint of the step after it is intact but not usable.
                Assert.Equal(ExitCode.BadData, ended.Code);
                Assert.Contains(ended.Messages, line => line.Contains("step-0000000023 is damaged"));
                Assert.Equal(2, Directory.GetDirectories(checkpoints).Length);
            }
        }
    }

    [Fact]
    public void An_unfinished_run_can_be_shortened_if_it_has_an_earlier_checkpoint()
    {
        using Session session = new(), other = new();
        var folder = Train(session, "max_batch=23", "--checkpoint", "0");
        Interrupt(folder);
        var before = session.Everything();
        var ended = session.Run("resume", folder, "max_batch=12");
        Assert.Equal(ExitCode.MissingInput, ended.Code);
        Assert.Contains("no checkpoint at or before step 12", ended.Messages[^1]);
        Assert.Equal(before, session.Everything());
        Directory.Delete(Path.Combine(folder, "checkpoints", "step-0000000024"), recursive: true);
        // A step before the last is repeated under the new length.
        Assert.Equal(ExitCode.Ok, session.Run("resume", folder, "max_batch=26").Code);
        AreTheSame(Train(other, "max_batch=26"), folder);
    }

    [Fact]
    public void The_logging_interval_changes_from_the_checkpoint_on_and_the_network_is_the_same()
    {
        using Session session = new(), other = new();
        var folder = Train(session, "max_batch=23");
        var whole = Train(other, "max_batch=40");
        Assert.Equal(ExitCode.Ok, session.Run("resume", folder, "max_batch=40", "log_every=3").Code);
        var steps = Steps(folder, "training_loss");
        Assert.Equal([6, 13, 20, 23, 26, 29, 32, 35, 38, 40], steps);
        Assert.Equal(File.ReadAllText(Path.Combine(whole, "test.json")), File.ReadAllText(Path.Combine(folder, "test.json")));
        Assert.Equal("""{"step":23,"settings":{"max_batch":["23","40"],"log_every":["7","3"]}}""", File.ReadAllText(Path.Combine(folder, "changes.jsonl")).Trim());

        // How often a run logs is no part of what it is.
        string[] longer = [.. Short.Where(word => word != "log_every=7"), "max_batch=23", "--out", session.Out];
        Assert.Equal(ExitCode.Ok, session.Run(["train", .. longer, "log_every=5", "--seed", "3"]).Code);
        Assert.Equal(ExitCode.Ok, session.Run("resume", Path.Combine(Path.GetDirectoryName(folder)!, "seed=3"), "max_batch=24", "log_every=4").Code);
        var announced = Path.Combine(folder, "changes.jsonl");
        // A change that was announced but not made is forgotten at the next one.
        File.AppendAllText(announced, """{"step":40,"settings":{"log_every":["3","5"]}}""" + "\n");
        Assert.Equal(ExitCode.Ok, session.Run("resume", folder, "max_batch=60").Code);
        Assert.Equal(2, File.ReadAllLines(announced).Length);
        File.WriteAllText(announced, """{"step":23,"settings":{"log_every":"3"}}""" + "\n");
        Assert.Equal(ExitCode.BadData, session.Run("resume", folder, "max_batch=70").Code);
    }

    [Fact]
    public void Runs_that_log_at_other_intervals_are_one_run()
    {
        using var session = new Session();
        var folder = Train(session, "max_batch=23", "--checkpoint", "0");
        string[] other = [.. Short.Select(word => word == "log_every=7" ? "log_every=3" : word), "max_batch=23", "--out", session.Out];
        var again = session.Run(["train", .. other]);
        Assert.Equal(ExitCode.Ok, again.Code);
        Assert.Equal(folder, again.Results[^1]);
        Assert.Contains(again.Messages, line => line.EndsWith("not trained again"));
        Assert.Equal(ExitCode.Ok, session.Run(["figures", .. other]).Code);

        Interrupt(folder);
        var resumed = session.Run(["train", .. other]);
        Assert.Equal(ExitCode.Ok, resumed.Code);
        Assert.Contains(resumed.Messages, line => line.Contains("log_every stays 7"));
        Assert.Equal([6, 13, 20, 23], Steps(folder, "training_loss"));
        Assert.Contains("one value", Assert.Single(session.Run("config", "cuereward", "log_every=5,7").Messages));
    }

    [Fact]
    public void A_run_in_a_folder_with_its_earlier_long_name_is_found()
    {
        using var session = new Session();
        var folder = Train(session, "max_batch=23");
        var point = Path.GetDirectoryName(folder)!;
        Assert.Matches(@"^cell=RNN,rule=hebbian,hidden=4,batch=2,max_batch=23~[0-9a-f]{10}$", Path.GetFileName(point));
        var earlier = Path.Combine(
            Path.GetDirectoryName(point)!,
            "cell=RNN,rule=hebbian,hidden=4,batch=2,max_batch=23,validate_every=5,validation_batches=1,test_batches=2,log_every=7");
        Directory.Move(point, earlier);
        var again = session.Run(["train", .. Short, "max_batch=23", "--out", session.Out]);
        Assert.Equal(Path.Combine(earlier, "seed=0"), again.Results[^1]);
        Assert.Contains(again.Messages, line => line.EndsWith("not trained again"));
        Assert.Equal(ExitCode.Ok, session.Run(["figures", .. Short, "max_batch=23", "--out", session.Out]).Code);
        Assert.False(Directory.Exists(point));
    }

    private static int[] Steps(string folder, string key) =>
    [
        .. File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Where(line => line.Contains(key))
            .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32()),
    ];

    [Theory]
    [InlineData(64, "lr cannot be changed", "lr=0.1")]
    [InlineData(64, "hidden cannot be changed", "max_batch=30", "hidden=5")]
    [InlineData(64, "one value", "max_batch=30,40")]
    [InlineData(64, "did you mean max_batch", "max_bach=30")]
    [InlineData(78, "max_batch must be", "max_batch=-1")]
    [InlineData(78, "only a larger max_batch extends it", "max_batch=9")]
    [InlineData(78, "only a larger max_batch extends it", "log_every=2")]
    [InlineData(64, "validate_every cannot be changed", "validate_every=2")]
    public void Other_settings_are_refused_and_named(int code, string message, params string[] words)
    {
        using var session = new Session();
        var folder = Train(session, "max_batch=10");
        var before = session.Everything();
        var ended = session.Run(["resume", folder, .. words]);
        Assert.Equal(code, (int)ended.Code);
        Assert.Contains(message, Assert.Single(ended.Messages));
        Assert.Equal(before, session.Everything());
    }

    [Theory]
    [InlineData("schedule=cosine", "schedule=cosine")]
    [InlineData("freeze_last=11", "freeze_last")]
    public void The_length_is_fixed_if_the_steps_so_far_depend_on_it(string word, string named)
    {
        using var session = new Session();
        var folder = Train(session, "max_batch=20", word);
        var ended = session.Run("resume", folder, "max_batch=40");
        Assert.Equal(ExitCode.Configuration, ended.Code);
        Assert.Contains($"max_batch cannot be changed with {named}", Assert.Single(ended.Messages));
        Assert.Equal(ExitCode.Ok, session.Run("resume", folder).Code);
    }

    [Fact]
    public void An_extended_run_does_not_pass_for_the_original()
    {
        using var session = new Session();
        string[] words = [.. Short, "max_batch=10", "--out", session.Out];
        var folder = Train(session, "max_batch=10");
        Assert.Equal(ExitCode.Ok, session.Run("resume", folder, "max_batch=20").Code);
        var ended = session.Run(["figures", .. words]);
        Assert.Equal(ExitCode.MissingInput, ended.Code);
        Assert.Contains("(with other settings: max_batch)", ended.Messages[^1]);
        ended = session.Run(["train", .. words]);
        Assert.Equal(ExitCode.Exists, ended.Code);
        Assert.Contains("with other settings (max_batch)", ended.Messages[^1]);
        Assert.Equal(ExitCode.Ok, session.Run("eval", folder).Code);
    }
}
