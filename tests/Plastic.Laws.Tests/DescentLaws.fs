/// How directions become updates: bounded, modulated, decaying.
module Plastic.Laws.DescentLaws

open System
open Expecto
open FsCheck.FSharp
open Plastic.Core

/// The norm of the change that each of the first steps made to all fast weights of each sample, α = 1 and λ = 0.
let private updateNorms steps (case: NetworkCase) =
    let program, parameters, batch = Networks.setUp case

    let after steps =
        let episode = Interpreter.run program parameters (batch.First steps) false

        let biases = episode.States |> Seq.filter (fun s -> s.Key.EndsWith ".fast")

        [
            for fast in Seq.append episode.FastWeights biases -> Array.splitInto batch.Size fast.Value
        ]
        |> List.reduce (Array.map2 Array.append)

    let trajectory = [ for steps in 1..steps -> after steps ]
    let start = trajectory.Head |> Array.map (Array.map (fun _ -> 0.0))

    start :: trajectory
    |> List.pairwise
    |> List.map (fun (before, after) ->
        Array.map2 (fun x y -> Array.map2 (-) y x |> fun d -> sqrt (Dense.dot d d)) before after)

let private unscaled (o: NetworkOptions) =
    { o.With(Descent.weightBound, infinity).With(Descent.weightDecay, 0.0) with
        Alpha = AlphaMode.Fixed
    }

[<Tests>]
let tests =
    testList
        "Descent"
        [
            testCase
                "the norm of each update is at most η times the bound, and of the first η times the lesser of norm and bound"
                (fun () ->
                    let finite (o: NetworkOptions) =
                        let bound = o.Value Descent.norm
                        (unscaled o).With(Descent.norm, (if Double.IsInfinity bound then 0.3 else bound))

                    Law.holdsOften
                        60
                        "norm clip"
                        [ "the first update is clipped", 0.2; "the first update is not clipped", 0.2 ]
                        (Networks.any |> Networks.directed |> Networks.where finite)
                        (fun tally case ->
                            let bound = case.Options.Value Descent.norm
                            let eta = (Networks.run case false).Outputs["eta"]
                            let etaAt b t = eta[b * case.Steps + t]
                            let clipped = updateNorms case.Steps case

                            let free =
                                updateNorms
                                    1
                                    { case with
                                        NetworkCase.Options = case.Options.With(Descent.norm, infinity)
                                    }

                            tally.Note("the first update is clipped", free.Head[0] > etaAt 0 0 * bound)
                            tally.Note("the first update is not clipped", free.Head[0] < etaAt 0 0 * bound)

                            clipped
                            |> List.iteri (fun t norms ->
                                norms
                                |> Array.iteri (fun b norm ->
                                    Expect.isTrue
                                        (norm <= etaAt b t * bound * (1.0 + 1e-9) + 1e-12)
                                        $"update {t} of sample {b}: {norm}"))

                            let expected = free.Head |> Array.mapi (fun b norm -> min norm (etaAt b 0 * bound))
                            Close.arrays Float64.derived "first update" expected clipped.Head))

            testCase "no fast weight exceeds the weight clip" (fun () ->
                let bounded (o: NetworkOptions) =
                    o.With(Descent.weightBound, min 0.2 (o.Value Descent.weightBound))

                Law.holdsOften
                    100
                    "weight clip"
                    [ "a fast weight is clamped", 0.2 ]
                    (Networks.any |> Networks.directed |> Networks.where bounded)
                    (fun tally case ->
                        let episode = Networks.run case false
                        tally.Note("a fast weight is clamped", Networks.isWeightClipped case episode)

                        for entry in Seq.append episode.FastWeights episode.States do
                            if not (List.contains entry.Key [ "h"; "c" ]) then
                                Expect.inRange
                                    (Close.largest entry.Value)
                                    0.0
                                    (case.Options.Value Descent.weightBound)
                                    "Close.largest entry.Value"))

            testCase "η and λ are p·2σ(m) with modulation, and constant without" (fun () ->
                Law.holdsOften
                    60
                    "modulation"
                    [ "m moves η by a tenth", 0.1 ]
                    (Networks.directed Networks.any)
                    (fun tally case ->
                        let o = case.Options
                        let program, parameters, batch = Networks.setUp case
                        // With s = 0 but for the last output, the inner loss is m²/D: |m| can be read off it.
                        let scale =
                            program.Parameters |> Array.findIndex (fun p -> p.Name = "inner_loss.scale")

                        let d = o.FullOutputs
                        parameters[scale] <- Array.init d (fun k -> if k = d - 1 then 1.0 else 0.0)
                        let episode = Interpreter.run program parameters batch false
                        let over = if o.InnerLoss = OverBatch then float o.Batch else 1.0

                        for k, innerLoss in Array.indexed episode.Outputs["innerLoss"] do
                            let m = sqrt (innerLoss * float d * over)
                            let eta, decay = episode.Outputs["eta"][k], episode.Outputs["decay"][k]

                            if not o.Modulation then
                                Expect.equal
                                    (eta, decay)
                                    (o.Value Descent.learningRate, o.Value Descent.weightDecay)
                                    "η and λ without modulation"
                            elif o.Value Descent.weightDecay = 0.0 then
                                Expect.equal decay 0.0 "λ of p_wd = 0"

                            let isFactor factor =
                                abs (eta - o.Value Descent.learningRate * factor) < 1e-9
                                && abs (decay - o.Value Descent.weightDecay * factor) < 1e-9

                            let factors =
                                if o.Modulation then
                                    [ 2.0 / (1.0 + exp -m); 2.0 / (1.0 + exp m) ]
                                else
                                    [ 1.0 ]

                            Expect.isTrue
                                (List.exists isFactor factors)
                                $"η {eta} and λ {decay} are p times one of {factors}"

                        tally.Note(
                            "m moves η by a tenth",
                            episode.Outputs["eta"]
                            |> Array.exists (fun eta -> abs (eta / o.Value Descent.learningRate - 1.0) > 0.1)
                        )))
        ]
