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

    public static TheoryData<string, string, int, string> Faults => new()
    {
        { "let rule: Plastic.Core.Rule = 1 +\n", "", (int)ExitCode.BadData, "error FS" },
        { "let rule: Plastic.Core.Rule =\n    \"hebbian\"\n", "", (int)ExitCode.BadData, "faulty.fsx(2,5): error FS0001: " },
        { "let other = 1\n", "", (int)ExitCode.BadData, "holds no public value of type Rule" },
        { Copies("one", "two"), "", (int)ExitCode.BadData, "holds several values of type Rule (Faulty.one, Faulty.two)" },
        { Copies("one", "two"), ":three", (int)ExitCode.BadData, "holds no rule called 'three'" },
        { Copies("hebbian"), "", (int)ExitCode.BadData, "a built-in rule is called hebbian" },
        { Copies("one").Replace("\"one\"", "\"a b\""), "", (int)ExitCode.BadData, "not 'a b'" },
        { CodeFiles.Rule("own", "layer.Pre, layer.Post").Replace("own_gain", "hidden"), "", (int)ExitCode.BadData, "cannot be called hidden" },
        { CodeFiles.Rule("own", "layer.Pre, layer.Post").Replace("own_gain", "p_lr"), "", (int)ExitCode.BadData, "p_lr is declared in two ways" },
        { "let rule: Plastic.Core.Rule = failwith \"no luck\"\n", "", (int)ExitCode.BadData, "could not be computed: no luck" },
        { CodeFiles.Rule("own", "failwith \"no luck\", layer.Post"), "", (int)ExitCode.BadData, "the rule own failed: no luck" },
        { "#load \"more.fs\"\n" + Copies("one"), "", (int)ExitCode.BadData, "faulty.fsx(1,1): error: #load is not possible here" },
        { "", ".txt", (int)ExitCode.Usage, "must end in .fsx, .fs or .dll" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_file_that_gives_no_rule_is_refused_with_the_place_and_the_reason(
        string content, string after, int code, string message)
    {
        using var session = new Session();
        var file = CodeFiles.Write(session, "faulty.fsx", content);
        var ended = session.Train("cuereward", [.. Tiny, $"rule={file}{after}"]);
        Assert.Equal((ExitCode)code, ended.Code);
        Assert.Contains(ended.Messages, line => line.StartsWith("plastic: ", StringComparison.Ordinal) && line.Contains(message));
        Assert.DoesNotContain("internal error", string.Join('\n', ended.Messages));
        Assert.False(Directory.Exists(Path.Combine(session.Out, "runs")));
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

        Assert.Contains("rule = foreign", session.Run("show", folder).Results);
        Assert.Equal(ExitCode.Ok, session.Run("list", "runs", "--out", session.Out).Code);
        foreach (var command in new[] { "eval", "resume" })
        {
            var refused = session.Run(command, folder);
            Assert.Equal(ExitCode.NotTrusted, refused.Code);
            Assert.Contains("--trust", Assert.Single(refused.Messages));
        }
        Assert.False(File.Exists($"{session.Out}.ran"));

        Assert.Equal(ExitCode.Ok, session.Run("eval", folder, "--trust").Code);
        Assert.True(File.Exists($"{session.Out}.ran"));
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

    /// <summary>A script of copies of Hebb's rule, a value for each name.</summary>
    private static string Copies(params string[] names) => "open Plastic.Core\n" + string.Concat(
        names.Select(name => $"let {name}: Rule = {{ Rules.Hebbian.rule with Name = \"{name}\" }}\n"));
}
