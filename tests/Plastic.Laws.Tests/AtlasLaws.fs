/// The atlas compares what is equal: parameters and arithmetic; and how arithmetic is counted.
module Plastic.Laws.AtlasLaws

open Expecto
open Plastic.Core
open Plastic.Settings
open Plastic.Tasks

let private plan =
    let atlas = (Experiments.tryFind Library.BuiltIn "atlas" []).Value
    Plan(atlas, [], atlas.Seeds)

/// Trained parameters.
let private parameters (run: Run) =
    (PlasticNetwork run.Network).Parameters
    |> Seq.filter _.Trained
    |> Seq.sumBy _.Size
    |> float

/// The arithmetic of all updates.
let private work (run: Run) =
    Arithmetic.ofStep (PlasticNetwork run.Network).Program
    * float run.Episodes.Steps
    * float run.Settings.Batch
    * float (run.Settings.MaxBatch + 1)

/// The arithmetic of one connection between vectors of hidden units: with H of them there are 2H², from the input layer's result and from
/// h, and everything else grows more slowly. By the second difference of a polynomial of second degree, which is twice its leading coefficient.
let private perConnection (rule: Rule) =
    let count hidden =
        PlasticNetwork(
            { NetworkOptions.Default with
                Cell = Rnn
                Rule = rule
                Inputs = 3
                Outputs = 2
                Hidden = hidden
                Batch = 2
            }
        )
        |> _.Program
        |> Arithmetic.ofStep

    (count 12 - 2.0 * count 11 + count 10) / 2.0 / 2.0

[<Tests>]
let tests =
    testList
        "Atlas"
        [
            testCase "has every rule on every task without images, five seeds each" (fun () ->
                let tasks =
                    Library.BuiltIn.Tasks
                    |> List.map _.Name
                    |> List.filter (fun name -> not (name.StartsWith FewShotTask.Prefix))

                let expected =
                    [
                        for task in tasks do
                            for rule in Library.BuiltIn.Rules do
                                for seed in 0L .. 4L -> task, rule.Name, seed
                    ]

                let found =
                    [
                        for run in plan.Runs -> run.Settings.Task, run.Settings.Rule, run.Settings.Seed
                    ]

                Expect.sequenceEqual (List.sort found) (List.sort expected) "runs")

            testCase "gives the networks of a task equal numbers of parameters, within 2 %" (fun () ->
                for task, runs in
                    plan.Runs
                    |> Seq.filter (fun run -> run.Seed = 0L)
                    |> Seq.groupBy _.Settings.Task do
                    let mean = runs |> Seq.averageBy parameters
                    Expect.isTrue (abs (mean - 4000.0) < 400.0) $"{task}: {mean} parameters on average"

                    for run in runs do
                        Expect.isLessThan
                            (abs (parameters run - mean) / mean)
                            0.02
                            $"{task}, {run.Settings.Rule}: {parameters run} parameters of {mean}")

            testCase "gives the runs of a task equal arithmetic, within 1 %" (fun () ->
                for run in plan.Runs |> Seq.filter (fun run -> run.Seed = 0L) do
                    let chapter =
                        AtlasExperiment.chapters
                        |> List.find (fun chapter -> chapter.Task = run.Settings.Task)

                    Expect.isLessThan
                        (abs (work run / (chapter.Work * 1e9) - 1.0))
                        0.01
                        $"{run.Settings.Task}, {run.Settings.Rule}: {work run}")

            testCase "keeps networks comparable when a width is given by hand" (fun () ->
                let overrides =
                    match Configuration.parse Library.BuiltIn [ "hidden=46" ] with
                    | Ok overrides -> overrides
                    | Error faults -> failwith $"{faults}"

                let atlas = (Experiments.tryFind Library.BuiltIn "atlas" overrides).Value
                let doubled = Plan(atlas, overrides, [ 0L ]).Runs |> Seq.map _.Settings.Hidden

                let own =
                    plan.Runs
                    |> Seq.filter (fun run -> run.Seed = 0L)
                    |> Seq.map (fun run -> 2 * run.Settings.Hidden)

                Expect.sequenceEqual doubled own "hidden")

            // Written out by hand for a connection between hidden units, with W, and α and F where there is plasticity.
            testCase "counts what a connection takes without plasticity" (fun () ->
                // A product forward, one backward, and the outer product that joins W̄.
                Expect.equal (perConnection Rules.None.rule) (2.0 + 2.0 + 2.0) "none")

            testCase "counts what a connection takes with Hebb's rule" (fun () ->
                let forward =
                    1.0 // W + F
                    + 2.0 // the product
                    + 1.0 // p ⊗ q
                    + 1.0 // α∘D
                    + 3.0 // keep·F + rate·(α∘D)

                let backward =
                    1.0 // A = α∘F̄'
                    + 3.0 // rate·F̄'∘D joins ᾱ
                    + 2.0 // keep̄
                    + 2.0 // ratē
                    + 4.0 // p̄ and q̄
                    + 1.0 // keep·F̄'
                    + 2.0 // the product
                    + 1.0 // the outer product of x and ȳ
                    + 2.0 // joins W̄ and F̄

                Expect.equal (perConnection Rules.Hebbian.rule) (forward + backward) "hebbian")

            testCase "counts the bound and the trace outside of α" (fun () ->
                // Beside Hebb's rule: α∘H in place of α∘D; two comparisons, and the mask; H∘G joins ᾱ and α∘G joins H̄, in place of α∘F̄',
                // three for ᾱ and one for F̄.
                let beside = perConnection Rules.Hebbian.rule + 2.0 + 1.0 + 4.0 - 1.0 - 3.0 - 1.0
                // keep is a constant: nothing reads its cotangent.
                Expect.equal (perConnection Rules.Neuromodulated.rule) (beside - 2.0) "neuromodulated")
        ]
