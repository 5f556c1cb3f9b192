namespace Plastic.Laws

open System
open System.Collections.Generic
open Plastic.Core

/// One step of a network at a random point: every leaf has a value, including states and fast weights.
[<RequireQualifiedAccess>]
module internal Point =
    /// Every value by its name and itself.
    let map f (values: IReadOnlyDictionary<string, float[]>) : IReadOnlyDictionary<string, float[]> =
        let mapped = Dictionary<string, float[]>()

        for entry in values do
            mapped[entry.Key] <- f entry.Key entry.Value

        mapped

    /// A case's step, and values for its leaves; a matrix is the layer's W + F.
    let ofStep (case: NetworkCase) : Step * Bindings =
        let o, step = case.Options, (Networks.network case).Step
        let numbers = Numbers.uniform case.Seed
        let vectors, matrices = Dictionary<string, float[]>(), Dictionary<string, float[]>()

        for p in step.Parameters do
            vectors[p.Name] <- Networks.parameter case p

        for s in step.Synapses do
            let reach = 1.0 / sqrt (float s.Matrix.Rows)
            let values = numbers s.Matrix.Name (s.Matrix.Rows * s.Matrix.Columns)
            matrices[s.Matrix.Name] <- values |> Array.map ((*) reach)

        for s in step.States do
            vectors[s.Name] <- numbers s.Name s.Next.Length

        for name, length in [ "input", o.Inputs; "target", o.Outputs; "weight", 1; "c", o.Hidden ] do
            vectors[name] <- numbers name length

        step,
        {
            Vectors = vectors
            Matrices = matrices
        }

/// The same network with its hidden units permuted: one permutation for the input layer's, another for the cell's.
[<RequireQualifiedAccess>]
module internal Permutation =
    let private shuffled (seed: int) (purpose: string) count =
        let stream = RandomStream(Philox.key seed purpose, 0L, 0)
        Array.init count id |> Array.sortBy (fun _ -> stream.Word())

    /// The tensor of that name, of one sample or of several, in the new order. Names are those of parameters, with
    /// "gradient of " before it or ".fast" after it for what has a parameter's shape; "X F" is layer X's F.
    let tensor (case: NetworkCase) : string -> float[] -> float[] =
        let o = case.Options
        let same count = Array.init count id

        let embedding, hidden =
            shuffled case.Seed "embedding" o.Hidden, shuffled case.Seed "hidden" o.Hidden

        let gates =
            [|
                for k in 0 .. (if o.Cell = Rnn then 0 else 3) do
                    for unit in hidden -> k * o.Hidden + unit
            |]

        /// Where each row and column comes from.
        let origin name =
            match name with
            | "input.weight" -> same o.Inputs, embedding
            | "input.bias" -> [| 0 |], embedding
            | "recurrent.weight" -> hidden, gates
            | "cell.weight" -> (if o.InputLayer then embedding else same o.Inputs), gates
            | "recurrent.bias"
            | "cell.bias" -> [| 0 |], gates
            | "output.weight" -> hidden, same o.FullOutputs
            | "layernorm.weight"
            | "layernorm.bias"
            | "h"
            | "c" -> [| 0 |], hidden
            | _ -> [| 0 |], [| 0 |]

        fun name values ->
            // One α for a whole layer has no order to permute.
            let isShared = o.Alpha = AlphaMode.Shared && name.Contains ".alpha"

            let name =
                name.Replace("gradient of ", "").Replace(".alpha", "").Replace(".fast", "").Replace(" F", ".weight")

            let rows, columns = origin (if isShared then "" else name)
            let n, m = rows.Length, columns.Length

            Array.init values.Length (fun k ->
                let sample, i, j = k / (n * m), k / m % n, k % m
                values[(sample * n + rows[i]) * m + columns[j]])
