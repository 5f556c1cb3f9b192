/// A Program means what its step means: its gradient against two derivations of the same thing.
module Plastic.Laws.ProgramLaws

open System.Collections.Generic
open FsCheck.FSharp
open Plastic.Core
open Xunit

/// The loss and gradient of a case from Unroll and Diff, sample by sample.
let private unrolled (case: NetworkCase) =
    let step = (Networks.network case).Step
    let program, parameters, batch = Networks.setUp case
    let loss = Unroll.loss step case.Steps

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

        for t in 0 .. case.Steps - 1 do
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

                (Array.zeroCreate p.Size, List.zip ps qs)
                ||> List.fold (fun sum (p, q) -> sum |> Array.mapi (fun k g -> g + p[k / q.Length] * q[k % q.Length]))
            | _ -> Array.zeroCreate p.Size

        (Evaluate.one bindings loss)[0], program.Parameters |> Array.map gradient

    let losses, gradients = [| 0 .. batch.Size - 1 |] |> Array.map sample |> Array.unzip
    program, losses, gradients |> Array.reduce (Array.map2 (Array.map2 (+)))

let private noWeightClip (o: NetworkOptions) = { o with WeightClip = infinity }

[<Fact>]
let ``a Program's loss and gradient are those of the whole episode as one expression`` () =
    Law.holdsOften
        60
        "Program against Unroll"
        [ "the norm is clipped", 0.15; "weights are frozen", 0.05 ]
        (Networks.small
         |> Networks.where noWeightClip
         |> Arb.filter (fun c -> c.Steps <= 4))
        (fun tally case ->
            let program, losses, gradients = unrolled case
            let episode = Networks.run case true
            tally.Note("the norm is clipped", Networks.isNormClipped case)
            tally.Note("weights are frozen", case.Options.FrozenWeights)
            Close.arrays Float64.derived "loss" losses episode.SampleLoss

            Close.together
                Float64.derived
                [
                    for k, p in Array.indexed program.Parameters do
                        if p.Trained then
                            p.Name, gradients[k], episode.Gradients[k]
                ])

[<Fact>]
let ``a Program's gradient agrees with central differences, clamped fast weights included`` () =
    Law.holdsOften
        80
        "Program against differences"
        [
            "no kink is near", 0.7
            "a fast weight is clamped", 0.1
            "the norm is clipped", 0.15
        ]
        Networks.small
        (fun tally case ->
            let program, parameters, batch = Networks.setUp case
            let episode = Networks.run case true

            let along =
                program.Parameters
                |> Array.map (fun p ->
                    let scale = if p.Trained then 1.0 else 0.0
                    Given.numbers case.Seed ("along " + p.Name) p.Size |> Array.map ((*) scale))

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
