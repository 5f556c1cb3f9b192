/// The training losses, computed on plain numbers.
module Plastic.Laws.LossLaws

open Expecto
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine

/// log Σ exp y, the largest taken out first.
let private logSumExp (y: float[]) =
    let largest = Array.max y
    largest + log (y |> Array.sumBy (fun y -> exp (y - largest)))

/// The cost of one prediction.
let private cost loss (y: float[]) (target: float[]) =
    let squares = Array.map2 (fun y t -> (y - t) ** 2.0) y target

    match loss with
    | MeanSquaredError -> Array.average squares
    | SquaredError -> Array.sum squares
    | CrossEntropy ->
        let total = logSumExp y
        Array.map2 (fun y t -> t * (total - y)) y target |> Array.sum

/// A network whose outputs are the given numbers, because its hidden unit is tanh 100 = 1; and an episode of one step.
let private ofOutputs (outputs: float[]) (target: float[]) =
    let o =
        { NetworkOptions.Default with
            Cell = TwoLayer
            Rule = Rules.None.rule
            Inputs = 1
            Hidden = 1
            Outputs = outputs.Length
            Extra = 0
            Modulation = false
            Biases = false
            Loss = CrossEntropy
            Batch = 1
        }

    let program = Lowering.program (Network.create o).Step

    let parameters =
        program.Parameters
        |> Array.map (fun p ->
            match p.Name with
            | "input.weight" -> [| 100.0 |]
            | "output.weight" -> outputs
            | _ -> Array.create p.Size 1.0)

    program, parameters, Batch(1, 1, 1, outputs.Length, [| 1.0 |], target, [| 1.0 |])

[<Tests>]
let tests =
    testList
        "Loss"
        [
            testCase "each sample's loss is the sum over the steps of weight × cost, over the batch" (fun () ->
                for loss in [ MeanSquaredError; SquaredError; CrossEntropy ] do
                    let by (o: NetworkOptions) = { o with Loss = loss }

                    Law.holdsOften
                        60
                        $"loss {loss}"
                        [ "there are several outputs", 0.4; "a step counts", 0.7 ]
                        (Networks.any |> Networks.where by)
                        (fun tally case ->
                            let o, batch = case.Options, Networks.batch case
                            let episode = Networks.run case false
                            let y = episode.Outputs["output"]

                            let expected =
                                Array.init batch.Size (fun b ->
                                    Seq.sum (
                                        seq {
                                            for t in 0 .. batch.Steps - 1 ->
                                                let at = (b * batch.Steps + t) * o.Outputs
                                                let prediction = Array.sub y at o.Outputs
                                                let target = batch.Read("target", b, t).ToArray()
                                                batch.Weight[t] * cost loss prediction target / float o.Batch
                                        }
                                    ))

                            // Cross-entropy is a difference of numbers as large as the outputs.
                            Close.together Float64.derived (Close.largest y) [ "loss", expected, episode.SampleLoss ]

                            Close.numbers
                                Float64.reordered
                                "loss of the batch"
                                (Array.sum episode.SampleLoss)
                                episode.Loss

                            tally.Note("there are several outputs", (o.Outputs > 1))
                            tally.Note("a step counts", (batch.Weight |> Array.exists (fun w -> w > 0.0)))))

            testCase
                "cross-entropy and its gradient are right where exp of an output overflows, or of all underflows"
                (fun () ->
                    for outputs in
                        [
                            [| 1000.0; 0.0; -1000.0 |]
                            [| 1000.0; 999.0; -1000.0 |]
                            [| -1000.0; -1000.0; -1000.0 |]
                        ] do
                        for hot in 0..2 do
                            let target = Array.init 3 (fun k -> if k = hot then 1.0 else 0.0)
                            let program, parameters, batch = ofOutputs outputs target
                            let total = logSumExp outputs
                            let loss = [| total - outputs[hot] |]
                            let gradient = Array.map2 (fun y t -> exp (y - total) - t) outputs target

                            let weight =
                                program.Parameters |> Array.findIndex (fun p -> p.Name = "output.weight")

                            let agree tolerance (episode: Episode) =
                                Close.together tolerance 1000.0 [ "loss", loss, [| episode.Loss |] ]
                                Close.together tolerance 1.0 [ "gradient", gradient, episode.Gradients[weight] ]

                                for values in episode.Gradients do
                                    Close.finite "a gradient" values

                            agree Float64.derived (Interpreter.run program parameters batch true)
                            use engine = new CpuExecutor(program, 1)
                            agree Float32.engine (engine.Run(parameters, batch, true)))
        ]
