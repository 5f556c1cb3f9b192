namespace Plastic.Settings

open System
open System.Globalization
open Plastic.Core
open Plastic.Tasks

/// Rules and tasks of files whose code is not loaded: all that can be said of them, so that a run's folder can be read, listed,
/// drawn and reported without running its code. Building a network or drawing an episode raises CodeException. Every method raises
/// ArgumentException for a description that describes nothing.
[<AbstractClass; Sealed>]
type StandIn =
    static member private NotLoaded(kind: string, name: string) : 'T =
        raise (
            CodeException(
                CodeFault.Untrusted,
                $"this needs the code of the {kind} {name}, which came with the run: read it, then repeat the command with --trust",
                [],
                null
            )
        )

    static member private ValueOf(name: string, isSwitch: bool, text: string) : RuleValue =
        match text with
        | "none" when not isSwitch -> RuleValue.Number infinity
        | "true" when isSwitch -> RuleValue.Switch true
        | "false" when isSwitch -> RuleValue.Switch false
        | _ ->
            match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
            | true, x when not isSwitch && Double.IsFinite x -> RuleValue.Number x
            | _ -> invalidArg (nameof text) $"{name}: {Quote.text text} is no value of it"

    /// A setting as its rule declared it: a number from low to high, a bound, or a switch, with texts of its values.
    static member Setting
        (
            name: string,
            isSwitch: bool,
            isBound: bool,
            low: float,
            high: float,
            standard: string,
            trials: string seq,
            help: string
        ) : RuleSetting =
        let value text = StandIn.ValueOf(name, isSwitch, text)

        let number text =
            match value text with
            | RuleValue.Number x -> x
            | RuleValue.Switch _ -> nan

        if isSwitch then
            RuleSetting.switch name (value standard = RuleValue.Switch true) help
        elif isBound then
            RuleSetting.bound name (low, high) (number standard) (Seq.map number trials) help
        else
            RuleSetting.number name (low, high) (number standard) (Seq.map number trials) help

    /// A rule that a network can be described with, not built.
    static member Rule
        (
            name: string,
            summary: string,
            equation: string,
            source: string,
            learnsBiases: bool,
            alphaSpread: float,
            needsModulator: bool,
            isPlastic: bool,
            traceBound: string,
            settings: RuleSetting seq
        ) : Rule =
        let settings = List.ofSeq settings

        let bound =
            settings
            |> List.tryPick (fun setting ->
                match setting with
                | :? RuleSetting<float> as setting when setting.Name = traceBound -> Some setting
                | _ -> None)

        {
            Name = name
            Summary = summary
            Equation = equation
            Source = source
            LearnsBiases = learnsBiases
            AlphaSpread = alphaSpread
            NeedsModulator = needsModulator
            TraceBound = bound
            Settings = settings
            Parameters = fun _ -> StandIn.NotLoaded("rule", name)
            Learn =
                if isPlastic then
                    Some(fun _ -> StandIn.NotLoaded("rule", name))
                else
                    None
        }

    /// A task whose episodes have sizes, not contents. `loss` is the name of a case of Loss; `measure` is null for none; else
    /// the name of a metric, with whether it decides which weights are best, and what guessing gives of it (NaN where that is not known).
    static member Task
        (
            name: string,
            summary: string,
            floor: string,
            loss: string,
            measure: string,
            decides: bool,
            measureChance: float,
            reads: string seq,
            inputs: int,
            outputs: int,
            steps: int,
            side: int,
            chance: float,
            leastLoss: float
        ) : Task =
        let loss =
            match
                [ MeanSquaredError; SquaredError; CrossEntropy ]
                |> List.tryFind (fun l -> string l = loss)
            with
            | Some loss -> loss
            | None -> invalidArg (nameof loss) $"{Quote.text loss} is no loss"

        if inputs < 1 || outputs < 1 || steps < 1 then
            invalidArg (nameof inputs) "inputs, outputs and steps must be at least 1"

        {
            Name = name
            Summary = summary
            Floor = floor
            Published = []
            Loss = loss
            Measure =
                match measure with
                | null -> null
                | measure -> Measure(measure, (fun _ _ -> StandIn.NotLoaded("task", name)), decides, measureChance)
            Reads = List.ofSeq reads
            Size = fun _ -> int64 steps * int64 (max inputs outputs)
            Chance = fun _ -> chance
            LeastLoss = fun _ -> leastLoss
            Episodes =
                fun _ ->
                    (Episodes(
                        inputs,
                        outputs,
                        steps,
                        (fun _ -> StandIn.NotLoaded("task", name)),
                        (fun _ _ _ -> StandIn.NotLoaded("task", name))
                    ))
                        .WithImages
                        side
        }
