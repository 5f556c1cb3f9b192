/// What docs/guide/own-rule.md claims about its rules.
module Plastic.Laws.GuideLaws

open System.IO
open Expecto
open Plastic.Core
open Plastic.Guide

[<Tests>]
let tests =
    testList
        "Guide"
        [
            testCase "the guide's rules pass their gradient checks, and most derivatives are not zero" (fun () ->
                for rule in [ Covariance.rule; CovarianceTrace.rule ] do
                    for checks in [ Checks.gradients rule; Checks.unrolled rule ] do
                        let failed = checks |> List.filter (fun check -> not check.Passed)
                        Expect.isTrue failed.IsEmpty $"%A{List.truncate 3 failed}"
                        let telling = checks |> List.filter (fun check -> abs check.Difference > 1e-5)

                        Expect.isTrue
                            (telling.Length * 2 >= checks.Length)
                            $"{rule.Name}: {telling.Length} of {checks.Length}")

            testCase "F of one layer equals what the guide computes on plain numbers" (fun () ->
                for rule, keep, rate in [ Covariance.rule, 0.8, 0.6; CovarianceTrace.rule, 0.8, 0.2 ] do
                    let o = Checks.bare rule
                    let batch = Checks.batch o 5
                    let episode, _ = Checks.run o batch
                    let expected = Checks.expected keep rate batch episode.Outputs["output"]
                    let found = Array.take expected.Length episode.FastWeights["input"]
                    Expect.isTrue (Close.largest expected > 1e-3) rule.Name
                    Close.arrays Float64.reordered rule.Name expected found)

            testCase "the guide's rule with a bound and a switch keeps the laws, and reads both" (fun () ->
                let rule = CovarianceBounded.rule
                let few = { Sampling.Default with Cases = Some 5 }

                for law in Laws.ofRule rule do
                    Expect.isOk (law.Check few) law.Name

                let program (setting: RuleSetting) value =
                    let o = Checks.small rule

                    PlasticNetwork(
                        { o with
                            RuleValues = o.RuleValues.Set(setting, value)
                        }
                    )
                        .LossProgram

                for setting in rule.Settings do
                    let values = setting.Trials |> Seq.map (program setting) |> List.ofSeq
                    Expect.equal (List.distinct values) values setting.Name)

            testCase "the guide shows every line that a failure has" (fun () ->
                let law =
                    Laws.ofRule BrokenRules.normalised
                    |> List.find (fun law -> law.Name = "finite at zero")

                // What a line begins with, up to a colon; lines that describe a case have none.
                let heads (text: string) =
                    [
                        for line in text.Split '\n' do
                            match line.Trim().Split(": ") with
                            | [| one |] when not (one.EndsWith ':') -> ()
                            | parts -> parts[0].TrimEnd ':'
                    ]

                let shown =
                    Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "docs", "guide", "own-laws.md")
                    |> File.ReadAllLines
                    |> Seq.skipWhile (fun line -> not (line.StartsWith "    finite at zero: "))
                    |> Seq.takeWhile (fun line -> line <> "")
                    |> String.concat "\n"

                match law.Check Sampling.Default with
                | Ok _ -> failtest "the law holds"
                | Error broken -> Expect.sequenceEqual (heads shown) (heads (failure law broken)) "lines")

            testCase "the engine agrees with the interpreter on F and outputs of the guide's rules" (fun () ->
                for rule in [ Covariance.rule; CovarianceTrace.rule ] do
                    for o in [ Checks.small rule; Checks.bare rule ] do
                        let reference, fast = Checks.run o (Checks.batch o 5)
                        Close.arrays Float32.engine rule.Name reference.Outputs["output"] fast.Outputs["output"]

                        for entry in reference.FastWeights do
                            Close.arrays
                                Float32.engine
                                $"{rule.Name}, {entry.Key}"
                                entry.Value
                                fast.FastWeights[entry.Key])
        ]
