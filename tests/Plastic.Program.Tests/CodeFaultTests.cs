using Plastic.Host;
using Xunit;

namespace Plastic.Program.Tests;

/// <summary>A file of code that is no rule or task, or fails while it runs: one line says which file, and why.</summary>
[Collection("files of code")]
public sealed class CodeFaultTests
{
    private static readonly string[] Tiny =
        ["rule=none", "hidden=4", "batch=2", "max_batch=3", "validate_every=1", "validation_batches=1", "test_batches=1", "--threads", "1"];

    /// <summary>Every value of this file has one fault; it is compiled once.</summary>
    private const string Faulty = """
        open System
        open Plastic.Core
        open Plastic.Tasks

        let private rule = { Rules.Hebbian.rule with Name = "own" }
        let private number low high = RuleSetting.number "own_gain" (low, high) 1.0 [] "a factor" :> RuleSetting
        let private reading setting = { rule with Settings = rule.Settings @ [ setting ] }
        let builtIn = { rule with Name = "hebbian" }
        let spaced = { rule with Name = "a b" }
        let unnamed = { rule with Name = null }
        let long = { rule with Name = String('x', 65) }
        let broken = { rule with Summary = "one\ntwo" }
        let endless = { rule with Equation = String('x', 5000) }
        let obeyed = { rule with Source = "a\u001b[31mb" }
        let spread = { rule with AlphaSpread = nan }
        let ofProgram = reading (RuleSetting.number "hidden" (0.0, 1.0) 1.0 [] "units")
        let twoWays = reading (RuleSetting.number "p_lr" (0.0, 1.0) 1.0 [] "another")
        let openEnded = reading (number -infinity infinity)
        let twice = { rule with Settings = [ number 0.0 2.0; number 0.0 2.0 ] }
        let throwing = { rule with Learn = Some(fun _ -> failwith "no luck") }
        let parameters = { rule with Parameters = fun _ -> failwith "no luck" }

        type Late =
            static member uncomputed: Rule = failwith "no luck"

        let private draw (stream: RandomStream) (input: ArraySegment<float>) (target: ArraySegment<float>) =
            input.AsSpan().Fill(stream.Uniform(-1.0, 1.0))
            target.AsSpan().Clear()

        let private episodes inputs (weight: int -> float) (draw: RandomStream -> ArraySegment<float> -> ArraySegment<float> -> unit) =
            fun (_: EpisodeSettings) -> Episodes(inputs, 1, 3, weight, draw)
        let private third (_: int) = 1.0 / 3.0

        let private task =
            { Name = "own_task"; Summary = "numbers"; Floor = "1"; Published = []; Loss = MeanSquaredError; Measure = null
              Reads = []; Size = (fun _ -> 6L); Chance = (fun _ -> 1.0); LeastLoss = (fun _ -> 0.0); Episodes = episodes 2 third draw }

        let noName = { task with Name = "" }
        let experiment = { task with Name = "cuereward_demo" }
        let floorless = { task with Floor = null }
        let misread = { task with Reads = [ "hiden" ] }
        let unknown = { task with Published = [ "hiden", "3" ] }
        let noNumber = { task with Chance = fun _ -> nan }
        let endlessLoss = { task with LeastLoss = fun _ -> -infinity }
        let sometimes = { task with Reads = [ "noise" ]; Chance = fun s -> if s.Noise > 1.0 then nan else 1.0 }
        let noChance = { task with Chance = fun _ -> failwith "no luck" }
        let noEpisodes = { task with Episodes = fun _ -> failwith "no luck" }
        let noInputs = { task with Episodes = episodes 0 third draw }
        let noSize = { task with Size = fun _ -> failwith "no luck" }
        let noWeight = { task with Episodes = episodes 2 (fun _ -> failwith "no luck") draw }
        let noDraw = { task with Episodes = episodes 2 third (fun _ input _ -> input.AsSpan().Slice(6, 1).Fill 1.0) }
        let noMeasure = { task with Measure = Measure("m", fun _ _ -> failwith "no luck") }
        """;

    [Theory]
    [InlineData("builtIn", "a built-in rule is called hebbian")]
    [InlineData("spaced", "the name of a rule is 1 to 64 ASCII letters, digits and '_', not 'a b'")]
    [InlineData("unnamed", "not null")]
    [InlineData("long", "the name of a rule is 1 to 64")]
    [InlineData("broken", "Summary must be one line without control characters, not 'one?two'")]
    [InlineData("endless", "Equation has 5000 characters")]
    [InlineData("obeyed", "Source must be one line without control characters")]
    [InlineData("spread", "AlphaSpread must be a finite number from 0 on, not NaN")]
    [InlineData("ofProgram", "cannot be called hidden")]
    [InlineData("twoWays", "p_lr is declared in two ways")]
    [InlineData("openEnded", "the range of the setting own_gain must have finite ends, not -Infinity and Infinity")]
    [InlineData("twice", "Settings has own_gain more than once")]
    [InlineData("throwing", "the rule own failed: no luck (Exception)")]
    [InlineData("parameters", "the rule own failed: no luck (Exception)")]
    [InlineData("uncomputed", "Faulty.Late.uncomputed could not be computed: no luck (Exception)")]
    [InlineData("three", "holds no rule called 'three'")]
    public void A_rule_that_does_not_fit_or_fails_is_refused_in_one_line(string value, string message) =>
        Refused((session, file) => session.Train("cuereward", [.. Tiny[1..], $"rule={file}:{value}"]), message);

    [Theory]
    [InlineData("noName", "the name of a task is 1 to 64")]
    [InlineData("experiment", "an experiment is called cuereward_demo; give the task another Name")]
    [InlineData("floorless", "Floor is null")]
    [InlineData("misread", "a task cannot read 'hiden'")]
    [InlineData("unknown", "unknown setting 'hiden'; did you mean hidden?")]
    [InlineData("noNumber", "Chance of the task own_task must be a finite number from 0 on, not NaN")]
    [InlineData("noNumber", "not NaN", "--dry-run")]
    [InlineData("endlessLoss", "LeastLoss of the task own_task must be a finite number from 0 on, not -Infinity")]
    [InlineData("sometimes", "not NaN", "noise=2", "--dry-run")]
    [InlineData("noChance", "the task own_task failed in Chance: no luck (Exception)")]
    [InlineData("noEpisodes", "the task own_task failed in Episodes: no luck (Exception)")]
    [InlineData("noInputs", "must have at least 1 input, output and step, not 0, 1 and 3")]
    [InlineData("noSize", "the task own_task failed in Size: no luck (Exception)")]
    [InlineData("noWeight", "the task own_task failed in drawing an episode: no luck (Exception)", "max_batch=0")]
    [InlineData("noDraw", "the task own_task failed in drawing an episode: ", "max_batch=0")]
    [InlineData("noDraw", "the task own_task failed in drawing an episode: ", "--dry-run")]
    [InlineData("noMeasure", "the task own_task failed in Measure: no luck (Exception)", "max_batch=0")]
    public void A_task_that_does_not_fit_or_fails_is_refused_in_one_line(string value, string message, params string[] more) =>
        Refused((session, file) => session.Train($"{file}:{value}", [.. Tiny.Where(word => !more.Any(one => one.Split('=')[0] == word.Split('=')[0])), .. more]), message);

    private static void Refused(Func<Session, string, Ended> run, string message)
    {
        using var session = new Session();
        var file = CodeFiles.Write(session, "faulty.fsx", Faulty);
        var ended = run(session, file);
        var faults = ended.Messages.Where(line => line.StartsWith("plastic: ", StringComparison.Ordinal)).ToArray();
        Assert.True(faults.Length == 1, string.Join('\n', ended.Messages));
        Assert.StartsWith($"plastic: {file}", faults[0]);
        Assert.Contains(message, faults[0]);
        Assert.Equal(ExitCode.BadData, ended.Code);
        Assert.DoesNotContain(ended.Messages, line => line.TrimStart().StartsWith("at ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("let rule: Plastic.Core.Rule =\n    \"hebbian\"\n", (int)ExitCode.BadData, "faulty.fsx(2,5): error FS0001: ")]
    [InlineData("#load \"more.fs\"\nlet one = 1\n", (int)ExitCode.BadData, "faulty.fsx(1,1): error: #load is not possible here")]
    [InlineData("let other = 1\n", (int)ExitCode.BadData, "holds no public value of type Rule")]
    [InlineData("let one = Plastic.Core.Rules.Hebbian.rule\nlet two = one\n", (int)ExitCode.BadData, "holds several values of type Rule (Faulty.one, Faulty.two)")]
    public void A_source_that_holds_no_rule_is_refused_with_the_place_and_the_reason(string content, int code, string message)
    {
        using var session = new Session();
        var ended = session.Train("cuereward", [.. Tiny[1..], $"rule={CodeFiles.Write(session, "faulty.fsx", content)}"]);
        Assert.Equal((ExitCode)code, ended.Code);
        Assert.Contains(ended.Messages, line => line.StartsWith("plastic: ", StringComparison.Ordinal) && line.Contains(message));
        Assert.False(Directory.Exists(Path.Combine(session.Out, "runs")));
    }
}
