/// Random data sets, and what the laws about them share.
module internal Plastic.Laws.DataCases

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Tasks

/// Random arrays of a data set.
type DataCase =
    {
        Seed: int
        Count: int
        Steps: int
        Inputs: int
        Outputs: int
        HasLabels: bool
        HasWeights: bool
    }

let cases =
    Arb.fromGen (
        gen {
            let! seed = Gen.choose (0, 1_000_000)
            let! count = Gen.choose (3, 40)
            let! steps = Gen.choose (1, 9)
            let! inputs = Gen.choose (1, 4)
            let! outputs = Gen.choose (2, 4)
            let! labels = Gen.elements [ false; true ]
            let! weights = Gen.elements [ false; true ]

            return
                {
                    Seed = seed
                    Count = count
                    Steps = steps
                    Inputs = inputs
                    Outputs = outputs
                    HasLabels = labels
                    HasWeights = weights
                }
        }
    )

let private numbers (random: Random) count : Array =
    Array.init count (fun _ -> float32 (random.NextDouble() - 0.5))

let whole name (values: int[]) =
    DataArray(name, [| values.Length |], Array.map float values, true)

/// The arrays of a case: padded with NaN beyond the lengths; and the lengths.
let arrays (c: DataCase) =
    let random = Random c.Seed
    let lengths = Array.init c.Count (fun _ -> random.Next(1, c.Steps + 1))
    let rows = c.Count * c.Steps

    let padded width (values: Array) =
        let values = values :?> float32[]

        values
        |> Array.mapi (fun at x ->
            let n, t = at / (width * c.Steps), at / width % c.Steps
            if t < lengths[n] then x else nanf)
        :> Array

    let targets =
        if c.HasLabels then
            let labels = Array.init rows (fun _ -> float (random.Next c.Outputs))
            labels[0] <- float (c.Outputs - 1)
            DataArray("targets", [| c.Count; c.Steps |], labels, true)
        else
            let values = numbers random (rows * c.Outputs) |> padded c.Outputs
            DataArray("targets", [| c.Count; c.Steps; c.Outputs |], values, false)

    [
        DataArray(
            "inputs",
            [| c.Count; c.Steps; c.Inputs |],
            numbers random (rows * c.Inputs) |> padded c.Inputs,
            false
        )
        targets
        whole "lengths" lengths

        if c.HasWeights then
            DataArray("weights", [| c.Count; c.Steps |], Array.init rows (fun _ -> 0.1 + random.NextDouble()), false)
    ],
    lengths

let task c =
    DataSet.Task("some trials.npz", fst (arrays c))

let episodesOf (task: Task) = task.Episodes EpisodeSettings.Default

let refused (words: string list) (arrays: DataArray list) =
    let message =
        try
            DataSet.Task("d", arrays) |> ignore
            ""
        with :? DataException as thrown ->
            thrown.Message

    for word in words do
        Expect.stringContains message word $"message of {words}"

let floats name shape =
    DataArray(name, shape, Array.create (Array.fold (*) 1 shape) 0.5f, false)

/// The order of all episodes, each found by its first input.
let firsts (batch: Batch) =
    [
        for sample in 0 .. batch.Size - 1 do
            if batch.Lengths[sample] > 0 then
                batch.Input[sample * batch.Steps * batch.Inputs]
    ]
