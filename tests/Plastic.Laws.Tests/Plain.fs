namespace Plastic.Laws

open Plastic.Core

/// The results of the layers in one step.
type PlainStep =
    {
        Embedding: float[]
        /// The postsynaptic activity of both gate layers.
        Gates: float[]
        Hidden: float[]
        Memory: float[]
        /// All D outputs.
        Outputs: float[]
    }

/// One step of the network computed on plain numbers, from reference equations instead of expressions.
[<RequireQualifiedAccess>]
module Plain =
    /// The layers of an RNN or LSTM.
    let recurrentLayers (o: NetworkOptions) =
        [
            if o.InputLayer then
                "input"

            "recurrent"
            "cell"
            "output"
        ]

    let private sigmoid x = 1.0 / (1.0 + exp -x)

    let private normalise (vector: string -> float[]) (h: float[]) =
        let mean = Array.average h
        let variance = h |> Array.averageBy (fun x -> (x - mean) ** 2.0)

        (Array.map2 (*) (h |> Array.map (fun x -> (x - mean) / sqrt (variance + 1e-5))) (vector "layernorm.weight"),
         vector "layernorm.bias")
        ||> Array.map2 (+)

    /// One step from x, h and c. `matrix` gives a layer's W + F, row-major; `bias` its b + f; `vector` any other parameter.
    let step (o: NetworkOptions) matrix bias vector (x: float[]) (h: float[]) (c: float[]) =
        let layer name (x: float[]) =
            let w: float[] = matrix name

            bias name
            |> Array.mapi (fun j (b: float) ->
                b
                + Seq.sum (seq { for i in 0 .. x.Length - 1 -> x[i] * w[i * (w.Length / x.Length) + j] }))

        let e =
            if o.InputLayer then
                layer "input" x |> Array.map (max 0.0)
            else
                x

        let drive = Array.map2 (+) (layer "recurrent" h) (layer "cell" e)

        let gates, memory, hidden =
            match o.Cell with
            | Rnn ->
                let next = drive |> Array.map (max 0.0)
                next, [||], next
            | _ ->
                let part k = Array.sub drive (k * o.Hidden) o.Hidden
                let i, f = Array.map sigmoid (part 0), Array.map sigmoid (part 1)
                let g, out = Array.map tanh (part 2), Array.map sigmoid (part 3)
                let memory = Array.map2 (+) (Array.map2 (*) f c) (Array.map2 (*) i g)
                Array.concat [ i; f; g; out ], memory, Array.map2 (fun o m -> o * tanh m) out memory

        let hidden = if o.LayerNorm then normalise vector hidden else hidden

        {
            Embedding = e
            Gates = gates
            Hidden = hidden
            Memory = memory
            Outputs = layer "output" hidden
        }

    /// All outputs, step by step, of the network that does not learn, for one sample of a batch.
    let outputs (o: NetworkOptions) (vector: string -> float[]) (batch: Batch) sample =
        let matrix name = vector (name + ".weight")
        let bias name = vector (name + ".bias")

        let advance (h, c, _) t =
            let s = step o matrix bias vector (batch.Read("input", sample, t).ToArray()) h c
            s.Hidden, s.Memory, s.Outputs

        ((Array.zeroCreate o.Hidden, Array.zeroCreate o.Hidden, [||]), [ 0 .. batch.Steps - 1 ])
        ||> List.scan advance
        |> List.tail
        |> List.map (fun (_, _, outputs) -> outputs)
