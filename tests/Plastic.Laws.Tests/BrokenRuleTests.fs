/// Rules and derivatives that are wrong on purpose: the laws of rules fail, and say which, of what and how to replay it.
module Plastic.Laws.BrokenRuleTests

open System
open Expecto
open Plastic.Core
open Plastic.Laws.BrokenRules

/// Few cases show what is wrong with these.
let private few =
    { Sampling.Default with
        Cases = Some 10
    }

/// The laws that fail, by name.
let private brokenLaws laws =
    laws
    |> List.choose (fun law ->
        match law.Check few with
        | Ok _ -> None
        | Error broken -> Some(law.Name, broken))
    |> Map.ofList

let private isNamed (rule: Rule) (law: string) (broken: Map<string, Broken>) =
    match broken.TryFind law with
    | None -> failtest $"{law} holds of {rule.Name}; broken are {broken.Keys |> List.ofSeq}"
    | Some found ->
        Expect.equal found.Subject rule.Name "the rule"
        Expect.isNonEmpty found.Smallest "the smallest counterexample"
        Expect.stringContains found.Message $"{law}: fails for {rule.Name}" "the message"

/// A law fails on the case that its replay names, and on no seed but it.
let private isReplayed (rule: Rule) law (broken: Map<string, Broken>) =
    let found = broken[law]
    let again = Laws.ofRule rule |> List.find (fun l -> l.Name = law)

    match
        again.Check
            { Sampling.Default with
                Replay = found.Replay
            }
    with
    | Ok _ -> failtest $"{found.Replay} does not replay {law}"
    | Error replayed ->
        Expect.equal replayed.First found.First "the case"
        Expect.equal replayed.Cases 1 "cases"

/// A Program whose backward list multiplies where it should take the difference, or adds where it should multiply.
let private withWrongDerivative (program: StepProgram) : StepProgram =
    let spoilt (i: Instruction) =
        match i.Operation with
        | Operation.Zip(Mul, a, b) ->
            { i with
                Operation = Operation.Zip(Add, a, b)
            }
        | _ -> i

    { program with
        Backward = program.Backward |> Array.map spoilt
    }

[<Tests>]
let tests =
    testList
        "Broken rules"
        [
            testCase
                "an update that is not finite at zero breaks the law that says so, with a seed that replays it"
                (fun () ->
                    let broken = brokenLaws (Laws.ofRule normalised)
                    isNamed normalised "finite at zero" broken
                    isReplayed normalised "finite at zero" broken
                    Expect.stringContains broken["finite at zero"].Reason "NaN" "the reason")

            testCase "an update that depends on a unit's place breaks the law of permutation alone" (fun () ->
                let broken = brokenLaws (Laws.ofRule ranked)
                isNamed ranked "permutation" broken
                isReplayed ranked "permutation" broken
                Expect.equal (List.ofSeq broken.Keys) [ "permutation" ] "broken laws")

            testCase "pairs of other sizes than their synapse break the law of shapes, which names the layer" (fun () ->
                let broken = brokenLaws (Laws.ofRule misshapen |> List.truncate 1)
                isNamed misshapen "shapes" broken
                Expect.stringContains broken["shapes"].Reason "layer" "the reason")

            testCase "a parameter under a name that is taken breaks the law of shapes" (fun () ->
                let broken = brokenLaws (Laws.ofRule impostor |> List.truncate 1)
                isNamed impostor "shapes" broken
                Expect.stringContains broken["shapes"].Reason "output.weight" "the reason")

            testCase "a wrong operation in the derivative breaks the law of the gradient" (fun () ->
                let law = GradientLaws.slope (Lowering.program >> withWrongDerivative)
                let broken = brokenLaws [ law Rules.Hebbian.rule ]
                isNamed Rules.Hebbian.rule "gradient" broken)

            testCase "a case seed reads back from its text, and other texts are none" (fun () ->
                let seed =
                    {
                        Seed = UInt64.MaxValue
                        Gamma = 3UL
                        Size = 7
                    }

                Expect.equal (CaseSeed.TryParse(string seed)) (Some seed) "the seed"

                for text in [ ""; "1,2"; "1,2,3,4"; "1,2,-3"; "a,2,3"; "1,2,9999999999" ] do
                    Expect.isNone (CaseSeed.TryParse text) text)
        ]
