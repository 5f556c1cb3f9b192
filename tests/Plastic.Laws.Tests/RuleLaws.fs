/// What each rule of the registry computes: its directions on plain numbers, its name and its words.
module Plastic.Laws.RuleLaws

open System
open Expecto
open FsCheck.FSharp
open Plastic.Core

/// Directions are read off updates without α, clip and modulation, so that nothing else is in them.
let private bare (o: NetworkOptions) =
    { o.With(Descent.norm, infinity).With(Descent.weightBound, infinity) with
        Alpha = AlphaMode.Fixed
        Modulation = o.Rule.NeedsModulator
    }

/// A layer's direction of F, multiplied out, and of f, at a step's random point.
let private direction (step: Step) given (s: Synapse) =
    let update = s.Update.Value
    let fast = s.Matrix.Name + ".bias.fast"
    let ps, qs = List.unzip update.Pairs
    let found = Evaluate.many given (ps @ qs)
    let ps, qs = List.splitAt ps.Length found
    let pairs = List.map2 Dense.outer ps qs

    let ofF =
        pairs
        |> List.fold (Array.map2 (+)) (Array.zeroCreate (s.Matrix.Rows * s.Matrix.Columns))

    let next = (step.States |> List.find (fun state -> state.Name = fast)).Next

    match Evaluate.many given [ update.Keep; update.Rate; next ] with
    | [ keep; rate; next ] -> ofF, Array.map2 (fun f' f -> (f' - keep[0] * f) / rate[0]) next given.Vectors[fast]
    | _ -> failwith "three values were asked for"

/// Along a random direction, ∂L/∂(F, f) is the slope of the inner loss, h and c held. False near a kink, where there is
/// no slope to compare with.
let private isGradientOfInnerLoss (case: NetworkCase) =
    let step, given = Point.ofStep case
    let innerLoss = step.Outputs |> List.find (fst >> (=) "innerLoss") |> snd

    let along name count =
        Numbers.uniform case.Seed ("along " + name) count |> Array.map ((*) 0.1)

    let moved epsilon =
        let move name (x: float[]) =
            Array.map2 (fun x d -> x + epsilon * d) x (along name x.Length)

        {
            Vectors = Point.map (fun name x -> if name.EndsWith ".bias.fast" then move name x else x) given.Vectors
            Matrices = Point.map move given.Matrices
        }

    let slope =
        Differences.central (fun epsilon -> (Evaluate.one (moved epsilon) innerLoss)[0])

    let derived =
        step.Synapses
        |> List.sumBy (fun s ->
            let ofF, ofBias = direction step given s
            let name = s.Matrix.Name

            Dense.dot ofF (along name ofF.Length)
            + Dense.dot ofBias (along (name + ".bias.fast") ofBias.Length))

    match slope with
    | Some slope ->
        Close.numbers Float64.differences "slope of the inner loss" slope derived
        true
    | None -> false

/// pre ⊗ post for each layer, worked out on plain numbers; 0 for biases.
let private isPreTimesPost (case: NetworkCase) =
    let step, given = Point.ofStep case
    let vector name = given.Vectors[name]

    let bias name =
        Array.map2 (+) (vector (name + ".bias")) (vector (name + ".bias.fast"))

    let matrix name = given.Matrices[name]
    let x, h = vector "input", vector "h"
    let s = Plain.step case.Options matrix bias vector x h (vector "c")

    let expected =
        [
            if case.Options.InputLayer then
                "input", x, s.Embedding

            "recurrent", h, s.Gates
            "cell", s.Embedding, s.Gates
            "output", s.Hidden, s.Outputs
        ]

    for name, pre, post in expected do
        let ofF, ofBias =
            direction step given (step.Synapses |> List.find (fun s -> s.Matrix.Name = name))

        Close.arrays Float64.reordered name (Dense.outer pre post) ofF
        Close.arrays Float64.reordered (name + " bias") (Array.zeroCreate post.Length) ofBias

    true

let private doesNotLearn (case: NetworkCase) =
    let options =
        { case.Options with
            Alpha = AlphaMode.Random
        }

    let step = (Network.create options).Step
    Expect.all step.Synapses (fun s -> s.Update.IsNone) "step.Synapses"
    Expect.isFalse (step.States |> Seq.exists (fun s -> s.Name.EndsWith ".fast")) "step.States"
    Expect.isFalse (step.Parameters |> Seq.exists (fun p -> p.Name.EndsWith ".alpha")) "step.Parameters"
    true

/// What each rule's direction is, and whether the case could show it; a rule of the registry that is missing here fails.
let private meanings =
    Map.ofList
        [
            "gradient", isGradientOfInnerLoss
            "hebbian", isPreTimesPost
            "none", doesNotLearn
            for name in TraceEquations.names do
                name,
                fun case ->
                    TraceEquations.areFollowedByRecurrent case
                    TraceEquations.areFollowed case
        ]

/// Fails, before it draws a case, for a rule whose meaning is not stated here.
let private computesItsEquation (rule: Rule) =
    match Map.tryFind rule.Name meanings with
    | None -> failtest $"say what {rule.Name} computes in `meanings`"
    | Some meaning ->
        let withRule (o: NetworkOptions) = bare { o with Rule = rule }

        Law.holdsOften
            60
            $"direction of {rule.Name}"
            [ "the case could show it", 0.7 ]
            (Networks.any |> Networks.recurrent |> Networks.where withRule)
            (fun tally case -> tally.Note("the case could show it", meaning case))

[<Tests>]
let tests =
    testList
        "Rule"
        [
            for rule in Registry.rules do
                testCase $"each rule's direction is what its equation says: {rule.Name}" (fun () ->
                    computesItsEquation rule)

            testCase
                "a rule whose meaning is not stated fails at once, and the message says where to state it"
                (fun () ->
                    let leaky =
                        { Rules.Hebbian.rule with
                            Name = "leaky"
                        }

                    let raised = Expect.raises<AssertException>(fun () -> computesItsEquation leaky)
                    Expect.stringContains raised.Message "say what leaky computes in `meanings`" "message")

            testCase "rules have names of their own, and are found by them" (fun () ->
                let names = Registry.rules |> List.map _.Name
                Expect.sequenceEqual names (List.distinct names) "names"

                for rule in Registry.rules do
                    Expect.isTrue
                        (obj.ReferenceEquals(rule, (Registry.tryFind rule.Name).Value))
                        "(Registry.tryFind rule.Name).Value"

                    [ rule.Summary; rule.Equation; rule.Source ]
                    |> Seq.iter (fun text -> Expect.notEqual text "" "text")

                Expect.isTrue ((Registry.tryFind "Hebbian").IsNone) "(Registry.tryFind 'Hebbian').IsNone")

            testCase "rules that read a setting of one name declare the same setting" (fun () ->
                let declared = Registry.rules |> List.collect _.Settings |> List.distinct

                Expect.sequenceEqual
                    (declared |> List.map _.Name |> List.distinct)
                    (declared |> List.map _.Name)
                    "names"

                Expect.equal
                    (Registry.settings |> List.map _.Name |> Set.ofList)
                    (declared |> List.map _.Name |> Set.ofList)
                    "the registry's settings are those that some rule reads"

                // What is declared otherwise in one place is another setting.
                let number name high standard help =
                    RuleSetting.number name (0.0, high) standard [ 0.5 ] help :> RuleSetting

                let one = number "a" 1.0 0.5 "help"
                Expect.equal (number "a" 1.0 0.5 "help") one "the same"

                for other in
                    [
                        number "b" 1.0 0.5 "help"
                        number "a" 2.0 0.5 "help"
                        number "a" 1.0 0.6 "help"
                        number "a" 1.0 0.5 "other help"
                        RuleSetting.number "a" (0.0, 1.0) 0.5 [ 0.25 ] "help"
                        RuleSetting.bound "a" (0.0, 1.0) 0.5 [ 0.5 ] "help"
                        RuleSetting.switch "a" true "help"
                    ] do
                    Expect.notEqual other one "another"
                    let same = number "a" 1.0 0.5 "help"

                    if other.Name = one.Name then
                        let raised =
                            Expect.raises<InvalidOperationException>(fun () ->
                                Registry.joined [ one; other; same ] |> ignore)

                        Expect.stringContains raised.Message "a is declared in two ways" "message"
                    else
                        Expect.equal (Registry.joined [ one; other; same ]) [ one; other ] "each once")
        ]
