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

            testCase
                "a reference that is not a number breaks the law of the engine, with a seed that replays it"
                (fun () ->
                    let broken = brokenLaws [ ExecutorLaws.reference normalised ]
                    isNamed normalised "engine" broken
                    isReplayed normalised "engine" broken
                    Expect.stringContains broken["engine"].Reason "reference: " "the reason"
                    Expect.stringContains broken["engine"].Reason "is NaN" "the reason")

            testCase "a bounded weight that is not a number is said to be NaN, not beyond its bound" (fun () ->
                let broken = brokenLaws [ TrajectoryLaws.bounds boundless ]
                isNamed boundless "bounds" broken
                Expect.stringEnds broken["bounds"].Reason "is NaN" "the reason")

            testCase "a derivative or a difference that is not a number is said to be none" (fun () ->
                let check difference error =
                    {
                        Group = ""
                        Name = "x"
                        Order = 2
                        Difference = difference
                        Error = error
                        Bound = 1e-7
                    }

                for difference, error, said in
                    [
                        nan, nan, "x, order 2: the difference is NaN, not a number"
                        0.5, nan, "x, order 2: the derivative is not a number; differences give 0.5"
                        0.5, 0.25, "x, order 2: differences give 0.5, off by 2.50E-001 > 1.00E-007"
                    ] do
                    Expect.equal (GradientLaws.fault (check difference error)) said "fault")

            testCase "counts of cases agree with their noun" (fun () ->
                Expect.equal (List.map Count.cases [ 0; 1; 2 ]) [ "0 cases"; "1 case"; "2 cases" ] "cases")

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
                let law =
                    GradientLaws.slope (fun asked -> Lowering.through asked >> withWrongDerivative)

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

            testCase
                "a malformed PLASTIC_REPLAY is an error on one line, with which every test of a rule fails"
                (fun () ->
                    let sampling replay =
                        Sampling.OfVariables(fun name -> if name = "PLASTIC_REPLAY" then replay else "")

                    Expect.equal (sampling "") (Ok Sampling.Default) "none"
                    Expect.isSome (sampling "1,3,7" |> Result.map _.Replay |> Result.defaultValue None) "a replay"

                    let said =
                        "PLASTIC_REPLAY must be seed,gamma,size, as printed by a failure, not '24930266'"

                    Expect.equal (sampling "24930266") (Error said) "an error"

                    let tests =
                        testsGiven (sampling "24930266") Rules.Hebbian.rule
                        |> Test.toTestCodeList
                        |> List.ofSeq

                    Expect.hasLength tests (Laws.ofRule Rules.Hebbian.rule).Length "tests"

                    for test in tests do
                        match test.test with
                        | Sync run ->
                            let raised = Expect.raises<AssertException>(fun () -> run ())
                            Expect.stringContains raised.Message said test.name.Head
                        | _ -> failtest "not a plain test")
        ]
