using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>A rule or a task from a file: like a built-in one, part of its run, and run only where its user wants it.</summary>
[Collection("files of code")]
public sealed class CodeFileTests
{
    private static readonly string[] Tiny =
        ["hidden=4", "batch=2", "max_batch=3", "validate_every=1", "validation_batches=1", "test_batches=1"];

    [Fact]
    public void A_rule_of_a_file_trains_to_the_bits_of_the_same_rule_built_in()
    {
        using var session = new Session();
        var file = CodeFiles.Write(session, "copied.fsx", CodeFiles.Rule("copied", "layer.Pre, layer.Post"));
        foreach (var cell in new[] { "RNN", "LSTM" })
        {
            Assert.Equal(ExitCode.Ok, session.Train("cuereward", [.. Tiny, $"cell={cell}", "rule=hebbian"]).Code);
            Assert.Equal(ExitCode.Ok, session.Train("cuereward", [.. Tiny, $"cell={cell}", $"rule={file}"]).Code);
            var builtIn = CodeFiles.Folder(session, $"cell={cell},rule=hebbian");
            var own = CodeFiles.Folder(session, $"cell={cell},rule=copied");
            foreach (var name in new[] { "metrics.jsonl", "test.json", Path.Combine("checkpoints", "best.safetensors") })
            {
                Assert.Equal(File.ReadAllBytes(Path.Combine(builtIn, name)), File.ReadAllBytes(Path.Combine(own, name)));
            }
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(own, "rule.fsx")));
        }
    }

    [Fact]
    public void A_missing_file_is_a_missing_input() => Assert.Equal(
        ExitCode.MissingInput, new Session().Run("laws", "./nothing-here.fsx").Code);

    [Fact]
    public void One_of_several_rules_is_named_after_a_colon_and_a_dll_is_loaded_like_a_source()
    {
        using var session = new Session();
        var file = CodeFiles.Write(session, "several.fsx", Copies("one", "two"));
        Assert.Equal(ExitCode.Ok, session.Run("laws", $"{file}:two", "--cases", "1").Code);
        var dll = CodeFiles.Write(session, "guide.dll", typeof(Guide.Covariance).Assembly.Location);
        var ended = session.Run("gradcheck", $"{dll}:Plastic.Guide.Covariance.rule");
        Assert.Equal(ExitCode.Ok, ended.Code);
        Assert.Contains("covariance × RNN", ended.Output);
    }

    [Fact]
    public void Its_settings_are_settings()
    {
        using var session = new Session();
        var file = CodeFiles.Write(session, "own.fsx", CodeFiles.Rule("own", "seen.Value gain * layer.Pre, layer.Post"));
        var explained = session.Run("config", "cuereward", $"rule={file},none", "own_gain=2,3", "--explain");
        Assert.Equal(ExitCode.Ok, explained.Code);
        Assert.Empty(explained.Messages);
        Assert.Contains(explained.Results, line => line.StartsWith("own_gain ", StringComparison.Ordinal) && line.EndsWith("= 2 | 3 | 1", StringComparison.Ordinal));
        Assert.Contains("factor of the directions (own)", explained.Output);

        foreach (var gain in new[] { "2", "3" })
        {
            Assert.Equal(ExitCode.Ok, session.Train("cuereward", [.. Tiny, $"rule={file}", $"own_gain={gain}"]).Code);
        }
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", [.. Tiny, "rule=hebbian"]).Code);
        string[] Listed(params string[] words) => [.. session.Run(["list", "runs", "--out", session.Out, .. words]).Results.Skip(1)];
        Assert.Contains("own_gain=3", Assert.Single(Listed("--filter", "own_gain>2")));
        Assert.Equal(["own_gain=3", "own_gain=2"], Listed("--filter", "rule=own", "--sort", "own_gain", "--reverse")
            .Select(line => System.Text.RegularExpressions.Regex.Match(line, "own_gain=.").Value));
        var unknown = session.Run("list", "runs", "--out", session.Out, "--sort", "own_gian");
        Assert.Equal((ExitCode.Usage, "plastic: 'own_gian' is nothing that runs have; did you mean own_gain?"), (unknown.Code, unknown.Messages[0]));

        var idle = CodeFiles.Write(session, "idle.fsx", CodeFiles.Rule("own", "layer.Pre, layer.Post"));
        Assert.Contains("own_gain has no effect", session.Run("config", "cuereward", $"rule={idle}", "own_gain=2").Messages[0]);
        Assert.Contains("must be a number from 0 to 10", session.Run("config", "cuereward", $"rule={file}", "own_gain=11").Messages[0]);
    }

    [Fact]
    public void A_run_goes_on_only_with_the_rule_that_it_began_with()
    {
        using var session = new Session();
        var content = CodeFiles.Rule("own", "seen.Value gain * layer.Pre, layer.Post");
        var file = CodeFiles.Write(session, "own.fsx", content);
        string[] words = [.. Tiny, $"rule={file}", "own_gain=2"];
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", words).Code);

        CodeFiles.Write(session, "own.fsx", content.Replace("layer.Pre,", "layer.Pre + layer.Pre,"));
        var changed = session.Train("cuereward", words);
        Assert.Equal(ExitCode.Exists, changed.Code);
        Assert.Contains("with the rule as own.fsx was before", changed.Messages[^1]);
        Assert.Contains("rule.fsx is a copy", changed.Messages[^1]);

        CodeFiles.Write(session, "own.fsx", content);
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", words).Code);
        var folder = CodeFiles.Folder(session, "rule=own");
        var renamed = CodeFiles.Write(session, "renamed.fsx", content);
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", [.. Tiny, $"rule={renamed}", "own_gain=2"]).Code);
        Assert.Equal(ExitCode.Ok, session.Run("resume", folder, "max_batch=4").Code);
    }

    [Fact]
    public void Code_that_came_with_a_run_runs_only_when_it_is_trusted()
    {
        using var session = new Session();
        var content = CodeFiles.Rule("foreign", "layer.Pre, layer.Post") + $"\nSystem.IO.File.WriteAllText(@\"{session.Out}.ran\", \"\")\n";
        var file = CodeFiles.Write(session, "foreign.fsx", content);
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", [.. Tiny, $"rule={file}"]).Code);
        var folder = CodeFiles.Folder(session, "rule=foreign");
        Assert.True(File.Exists($"{session.Out}.ran"));
        File.Delete($"{session.Out}.ran");
        CodeFiles.Forget();

        var shown = session.Run("show", folder);
        Assert.Contains("rule = foreign", shown.Results);
        Assert.StartsWith($"{Path.Combine(folder, "rule.fsx")} has not been used on this machine and was not run", Assert.Single(shown.Messages));
        var listed = session.Run("list", "runs", "--out", session.Out);
        Assert.Equal(ExitCode.Ok, listed.Code);
        Assert.StartsWith("the code of 1 of 1 run has not been used on this machine and was not run", Assert.Single(listed.Messages));
        Assert.Equal(ExitCode.Ok, session.Train("cuereward", [.. Tiny, "rule=none"]).Code);
        var report = session.Run(["report", "cuereward", "--out", session.Out, .. Tiny, "rule=none"]);
        Assert.Equal("left out: 1 run of rules from files (foreign); name each file, rule=FILE, to show them", Assert.Single(report.Messages));
        foreach (var command in new[] { "eval", "resume" })
        {
            var refused = session.Run(command, folder);
            Assert.Equal(ExitCode.NotTrusted, refused.Code);
            Assert.Contains("--trust", Assert.Single(refused.Messages));
        }
        Assert.False(File.Exists($"{session.Out}.ran"));

        Assert.Equal(ExitCode.Ok, session.Run("eval", folder, "--trust").Code);
        Assert.True(File.Exists($"{session.Out}.ran"));
        var described = Path.Combine(folder, "rule.json");
        var facts = File.ReadAllText(described);
        File.WriteAllText(described, facts.Replace("\"foreign\"", "\"none\""));
        Assert.Contains("unreadable", session.Run("list", "runs", "--out", session.Out).Output);
        var damaged = session.Run("show", folder);
        Assert.Equal((ExitCode.BadData, true), (damaged.Code, damaged.Messages[0].Contains(described)));
        File.WriteAllText(described, facts);
        File.AppendAllText(Path.Combine(folder, "rule.fsx"), "// more");
        Assert.Equal(ExitCode.BadData, session.Run("eval", folder, "--trust").Code);
    }

    [Fact]
    public void A_task_of_a_file_is_a_task()
    {
        using var session = new Session();
        var file = CodeFiles.Write(session, "first.fsx", CodeFiles.Template("task.fsx").Replace("my_task", "first"));
        string[] words = [.. Tiny, "rule=none"];
        Assert.Equal(ExitCode.Ok, session.Train(file, words).Code);
        var folder = CodeFiles.Folder(session, "rule=none");
        Assert.Contains("task = first", session.Run("show", folder).Results);
        Assert.Contains("chance 0.3333", session.Run("eval", folder).Output);
        Assert.Equal(ExitCode.Ok, session.Run(["report", file, "--out", session.Out, .. words]).Code);

        var wrong = CodeFiles.Write(session, "wrong.fsx", File.ReadAllText(file).Replace("\"hidden\"", "\"hiden\""));
        Assert.Contains("unknown setting 'hiden'; did you mean hidden?", session.Train(wrong).Messages[^1]);
    }

    [Fact]
    public void Metrics_of_a_data_set_and_a_rule_of_a_file_are_exported()
    {
        using var session = new Session();
        var file = CodeFiles.Write(session, "copied.fsx", CodeFiles.Rule("copied", "layer.Pre, layer.Post"));
        var folder = Path.GetDirectoryName(session.Out)!;
        var (data, table) = (Path.Combine(folder, "trials.npz"), Path.Combine(folder, "metrics.csv"));
        Npz.Write(data, [new("inputs", [12, 3, 2], new float[72]), new("targets", [12, 3, 1], new float[36])], []);
        string[] words = [$"data={data}", "--out", session.Out, .. Tiny, $"rule=none,{file}"];
        Assert.Equal(ExitCode.Ok, session.Run(["train", .. words]).Code);
        var exported = session.Run(["export", .. words, "-o", table]);
        Assert.True(exported.Code == ExitCode.Ok, string.Join('\n', exported.Messages));
        Assert.Contains(File.ReadAllLines(table), line => line.Contains("copied"));
        // The path of a folder in which settings stand is no setting.
        var run = CodeFiles.Folder(session, "rule=copied");
        Assert.Equal(ExitCode.Ok, session.Run("export", $"data={data}", run, "-o", Path.Combine(folder, "episodes.npz")).Code);
    }

    /// <summary>A script of copies of Hebb's rule, a value for each name.</summary>
    private static string Copies(params string[] names) => "open Plastic.Core\n" + string.Concat(
        names.Select(name => $"let {name}: Rule = {{ Rules.Hebbian.rule with Name = \"{name}\" }}\n"));
}
