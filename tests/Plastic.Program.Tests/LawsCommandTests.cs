using System.Text.Json;
using Plastic.CommandLine;
using Plastic.Core;
using Plastic.Host;
using Plastic.Laws;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>`plastic laws`: one line per law, exit code 70 and a replay when one does not hold.</summary>
public sealed class LawsCommandTests
{
    [Fact]
    public void Every_law_of_a_rule_has_a_line_and_holds()
    {
        var (code, text) = Run(new LawsRequest(Rule("trace"), seed: 5, cases: 2, replay: ""));
        Assert.Equal(ExitCode.Ok, code);
        var lines = text.TrimEnd().Split('\n');
        Assert.All(lines[1..^1], line => Assert.EndsWith("     2  ok", line, StringComparison.Ordinal));
        Assert.Equal("12 laws hold for trace, with seed 5", lines[^1]);
        Assert.Equal(12, lines.Length - 2);
    }

    [Fact]
    public void A_law_that_does_not_hold_names_its_smallest_case_and_a_replay_that_fails_too()
    {
        var (code, text) = Run(new LawsRequest(BrokenRules.normalised, seed: 0, cases: 5, replay: ""));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Matches("(?m)^finite at zero +[0-9]+  FAILED$", text);
        Assert.Contains("smallest case: normalised ", text, StringComparison.Ordinal);
        Assert.Contains("do not hold for normalised, with seed 0", text, StringComparison.Ordinal);

        var after = text[(text.IndexOf("\nfinite at zero", StringComparison.Ordinal) + 1)..];
        var replay = after.Split("--replay ")[1].Split('\n')[0];
        var (again, one) = Run(new LawsRequest(BrokenRules.normalised, seed: 0, cases: 0, replay));
        Assert.Equal(ExitCode.Failed, again);
        Assert.Matches("(?m)^finite at zero +1  FAILED$", one);
    }

    [Fact]
    public void As_JSON_each_law_says_what_it_says_and_whether_it_holds()
    {
        var (_, text) = Run(new LawsRequest(BrokenRules.normalised, seed: 3, cases: 3, replay: ""), json: true);
        using var document = JsonDocument.Parse(text);
        Assert.False(document.RootElement.GetProperty("passed").GetBoolean());
        Assert.Equal("normalised", document.RootElement.GetProperty("rule").GetString());
        var zero = document.RootElement.GetProperty("laws").EnumerateArray()
            .Single(law => law.GetProperty("name").GetString() == "finite at zero");
        Assert.False(zero.GetProperty("passed").GetBoolean());
        Assert.Contains("NaN", zero.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Matches("^[0-9]+,[0-9]+,[0-9]+$", zero.GetProperty("replay").GetString());
    }

    [Theory]
    [InlineData("unknown rule 'hebian'; did you mean hebbian?", "laws", "hebian")]
    [InlineData("laws needs one rule", "laws")]
    [InlineData("laws needs one rule", "laws", "oja", "trace")]
    [InlineData("--seed must be a whole number", "laws", "oja", "--seed", "0..3")]
    [InlineData("--cases must be a whole number from 1", "laws", "oja", "--cases", "0")]
    [InlineData("--replay must be seed,gamma,size, as printed by a failure, not '7'", "laws", "oja", "--replay", "7")]
    public void What_cannot_be_checked_is_refused(string reason, params string[] words)
    {
        using var results = new StringWriter();
        using var messages = new StringWriter();
        Assert.Equal(ExitCode.Usage, Application.Run(words, results, messages));
        Assert.Contains(reason, messages.ToString(), StringComparison.Ordinal);
        Assert.Empty(results.ToString());
    }

    private static (ExitCode Code, string Text) Run(LawsRequest request, bool json = false)
    {
        using var results = new StringWriter();
        using var messages = new StringWriter();
        var code = LawsCommand.Run(request, new Output(results, messages) { Json = json });
        return (code, results.ToString());
    }

    private static Rule Rule(string name) =>
        RuleBook.TryFind(name, out var rule) ? rule : throw new ArgumentException($"no rule {name}", nameof(name));
}
