/// A Program means what its step means: its gradient against two derivations of the same thing.
module Plastic.Laws.ProgramLaws

open System.Collections.Generic
open Expecto
open FsCheck.FSharp
open Plastic.Core

/// Each sample's loss, and the gradient, from Unroll and Diff.
let private unrolled (step: Step) (program: StepProgram, parameters: float[][], batch: Batch) =
    let loss = Unroll.loss step batch.Steps

    let vectors =
        Expr.inOrder [ loss ]
        |> List.choose (fun e ->
            match e.Op with
            | Op.Parameter name -> Some(name, e)
            | _ -> None)
        |> dict

    let matrices =
        dict
            [
                for s in step.Synapses do
                    yield s.Weight, Unroll.slow s

                    match Unroll.rates s with
                    | Some rates -> yield rates.Name, rates
                    | None -> ()
            ]

    let bars =
        Diff.vjp [ loss, Expr.scalar 1.0 ] (List.ofSeq vectors.Values) (List.ofSeq matrices.Values)

    let values = Dictionary<string, float[]>()
    Array.iter2 (fun (p: Plastic.Core.Parameter) v -> values[p.Name] <- v) program.Parameters parameters

    let sample b =
        let given = Dictionary<string, float[]>(values)

        for t in 0 .. batch.Steps - 1 do
            for name in [ "input"; "target"; "weight" ] do
                given[Unroll.at name t] <- batch.Read(name, b, t).ToArray()

        let bindings = { Vectors = given; Matrices = given }

        let gradient (p: Plastic.Core.Parameter) =
            match vectors.TryGetValue p.Name, matrices.TryGetValue p.Name with
            | (true, e), _ -> Evaluate.one bindings (bars.Of e)
            | _, (true, m) ->
                let ps, qs = List.unzip (bars.Pairs m)
                let found = Evaluate.many bindings (ps @ qs)
                let ps, qs = List.splitAt ps.Length found

                List.map2 Point.outer ps qs
                |> List.fold (Array.map2 (+)) (Array.zeroCreate p.Size)
            | _ -> Array.zeroCreate p.Size

        (Evaluate.one bindings loss)[0], program.Parameters |> Array.map gradient

    let losses, gradients = [| 0 .. batch.Size - 1 |] |> Array.map sample |> Array.unzip
    losses, gradients |> Array.reduce (Array.map2 (Array.map2 (+)))

/// Fails unless the interpreter's loss and gradient are the unrolled episode's.
let private isUnrolled step (program: StepProgram, parameters, batch) =
    let losses, gradients = unrolled step (program, parameters, batch)
    let episode = Interpreter.run program parameters batch true
    Close.arrays Float64.derived "loss" losses episode.SampleLoss

    Close.together
        Float64.derived
        1.0
        [
            for k, p in Array.indexed program.Parameters do
                if p.Trained then
                    p.Name, gradients[k], episode.Gradients[k]
        ]

let private isFeedforward (case: NetworkCase) =
    case.Options.Cell = SingleLayer || case.Options.Cell = TwoLayer

[<Tests>]
let tests =
    testList
        "Program"
        [
            testCase "a network's loss and gradient are those of its whole episode as one expression" (fun () ->
                let unclamped (o: NetworkOptions) =
                    { o with
                        WeightClip = infinity
                        TraceClip = infinity
                    }

                let short =
                    Networks.small |> Networks.where unclamped |> Arb.filter (fun c -> c.Steps <= 4)

                let holds count expected cases =
                    Law.holdsOften count "networks against Unroll" expected cases (fun tally case ->
                        tally.Note("the norm is clipped", Networks.isNormClipped case)
                        tally.Note("weights are frozen", case.Options.FrozenWeights)
                        tally.Note("nothing recurs", isFeedforward case)
                        isUnrolled (Networks.network case).Step (Networks.setUp case))

                holds 60 [ "weights are frozen", 0.05; "nothing recurs", 0.1 ] short
                holds 40 [ "the norm is clipped", 0.15 ] (Networks.directed short))

            testCase "any step's loss and gradient are those of its whole episode as one expression" (fun () ->
                Law.holdsFor 100 "steps against Unroll"
                <| Prop.forAll Steps.free (fun case -> isUnrolled (Steps.step case) (Steps.setUp case)))

            testCase "a network's gradient agrees with central differences, clamped fast weights included" (fun () ->
                let holds count expected cases =
                    Law.holdsOften
                        count
                        "networks against differences"
                        (("no kink is near", 0.7) :: expected)
                        cases
                        (fun tally case ->
                            let program, parameters, batch = Networks.setUp case
                            let episode = Networks.run case true

                            let along =
                                program.Parameters
                                |> Array.map (fun p ->
                                    let scale = if p.Trained then 1.0 else 0.0
                                    Numbers.uniform case.Seed ("along " + p.Name) p.Size |> Array.map ((*) scale))

                            let at epsilon =
                                let moved = Array.map2 (Array.map2 (fun x d -> x + epsilon * d)) parameters along
                                (Interpreter.run program moved batch false).Loss

                            let slope = Differences.central at
                            tally.Note("no kink is near", slope.IsSome)
                            tally.Note("a fast weight is clamped", Networks.isWeightClipped case episode)
                            tally.Note("the norm is clipped", Networks.isNormClipped case)
                            let derived = Array.map2 Scalar.dot episode.Gradients along |> Array.sum

                            match slope with
                            | Some slope -> Close.numbers Float64.differences "slope" slope derived
                            | None -> ())

                holds 80 [ "a fast weight is clamped", 0.1 ] Networks.small
                holds 40 [ "the norm is clipped", 0.15 ] (Networks.directed Networks.small))
        ]
