/// The cells without gates, computed on plain numbers; and the layers and biases of each cell.
module Plastic.Laws.CellLaws

open Expecto
open FsCheck.FSharp
open Plastic.Core

/// The values of the parameter of that name, if there is one.
let private named (program: StepProgram) (parameters: float[][]) (name: string) =
    program.Parameters
    |> Array.tryFindIndex (fun p -> p.Name = name)
    |> Option.map (fun k -> parameters[k])

/// A layer's xW + b; without b if there is none.
let private layer (vector: string -> float[] option) (name: string) (x: float[]) =
    let w = (vector (name + ".weight")).Value
    let columns = w.Length / x.Length

    let b =
        vector (name + ".bias")
        |> Option.defaultWith (fun () -> Array.zeroCreate columns)

    Array.init columns (fun j -> b[j] + Seq.sum (seq { for i in 0 .. x.Length - 1 -> x[i] * w[i * columns + j] }))

/// One step from x and h: the next h and all D outputs.
let private step (o: NetworkOptions) vector (x: float[]) (h: float[]) =
    match o.Cell with
    | SingleLayer -> h, layer vector "input" x |> Array.map tanh
    | TwoLayer -> h, layer vector "input" x |> Array.map tanh |> layer vector "output"
    | Attractor ->
        let drive = layer vector "recurrent" h

        let next =
            Array.init drive.Length (fun k -> tanh (drive[k] + (if k < x.Length then x[k] else 0.0)))

        next, Array.take o.FullOutputs next
    | Prototypes ->
        let features = x.Length - o.Outputs
        let prototype k = Array.sub h (k * features) features

        let nearness k =
            -(Seq.sum (Seq.map2 (fun a b -> (a - b) ** 2.0) x (prototype k)))

        let added k =
            Array.mapi (fun i s -> s + x[features + k] * x[i]) (prototype k)

        Array.concat [ for k in 0 .. o.Outputs - 1 -> added k ],
        Array.init o.FullOutputs (fun k -> if k < o.Outputs then nearness k else 0.0)
    | Rnn
    | Lstm -> failwith "Plain has these"

[<Tests>]
let tests =
    testList
        "Cell"
        [
            testCase
                "one layer, two layers, an attractor and prototypes follow their equations at every step"
                (fun () ->
                    for cell in [ SingleLayer; TwoLayer; Attractor; Prototypes ] do
                        let plain (o: NetworkOptions) =
                            { o with
                                Cell = cell
                                Inputs = (if cell = Prototypes then o.Inputs + o.Outputs else o.Inputs)
                                Rule = Rules.None.rule
                                LayerNorm = false
                            }

                        Law.holdsOften
                            60
                            $"cell {cell.Name}"
                            [ "there are no biases", 0.05; "there are several steps", 0.5 ]
                            (Networks.any |> Networks.where plain)
                            (fun tally case ->
                                let o = case.Options
                                let program, parameters, batch = Networks.setUp case
                                let vector = named program parameters

                                let units =
                                    match o.Cell with
                                    | Attractor -> max o.Inputs o.FullOutputs
                                    | Prototypes -> o.Outputs * (o.Inputs - o.Outputs)
                                    | _ -> 0

                                let trajectory sample =
                                    ((Array.zeroCreate<float> units, Array.empty<float>), [ 0 .. batch.Steps - 1 ])
                                    ||> List.scan (fun (h, _) t ->
                                        step o vector (batch.Read("input", sample, t).ToArray()) h)
                                    |> List.tail

                                let all = List.init batch.Size trajectory
                                let outputs = all |> List.concat |> List.map snd
                                let scale = (vector "inner_loss.scale").Value
                                let over = if o.InnerLoss = OverBatch then float o.Batch else 1.0

                                // Only the inner loss depends on the outputs beyond the prediction.
                                let innerLoss (y: float[]) =
                                    (Array.map2 (fun s y -> (s * y) ** 2.0) scale y |> Array.average) / over

                                let prediction = outputs |> List.map (Array.take o.Outputs) |> Array.concat
                                let innerLosses = outputs |> List.map innerLoss |> Array.ofList
                                let episode = Networks.run case false
                                Close.arrays Float64.derived "output" prediction episode.Outputs["output"]
                                Close.arrays Float64.derived "inner loss" innerLosses episode.Outputs["innerLoss"]
                                Expect.isEmpty episode.FastWeights "episode.FastWeights"

                                let last = all |> List.map (List.last >> fst)

                                match o.Cell with
                                | Attractor ->
                                    Close.arrays Float64.derived "h" (Array.concat last) episode.States["h"]
                                | Prototypes ->
                                    let features = o.Inputs - o.Outputs

                                    for k in 0 .. o.Outputs - 1 do
                                        let expected = last |> List.map (fun h -> Array.sub h (k * features) features)
                                        let name = $"prototype{k + 1}"
                                        Close.arrays Float64.derived name (Array.concat expected) episode.States[name]
                                | _ -> Expect.isEmpty episode.States "episode.States"

                                tally.Note("there are no biases", not o.Biases)
                                tally.Note("there are several steps", (batch.Steps > 1))))

            testCase "prototypes: reference, engine and the unrolled episode agree" (fun () ->
                let prototypes (o: NetworkOptions) =
                    { o with
                        Cell = Prototypes
                        Rule = Rules.None.rule
                        Inputs = o.Inputs + o.Outputs
                        LayerNorm = false
                        InputLayer = true
                    }

                Law.holdsOften
                    60
                    "prototypes"
                    [ "float32 is precise enough", 0.9 ]
                    (Networks.small |> Networks.where prototypes)
                    (fun tally case ->
                        let program, parameters, batch = Networks.setUp case
                        GradientLaws.isUnrolled (Networks.network case).Step (program, parameters, batch)
                        tally.Note("float32 is precise enough", Executors.isReference 0.0 3 program parameters batch)))

            testCase
                "each layer has weights, and biases unless they are switched off or the cell is an attractor"
                (fun () ->
                    let layers (o: NetworkOptions) =
                        match o.Cell with
                        | Rnn
                        | Lstm -> Plain.recurrentLayers o
                        | SingleLayer -> [ "input" ]
                        | TwoLayer -> [ "input"; "output" ]
                        | Attractor -> [ "recurrent" ]
                        | Prototypes -> []

                    Law.holdsOften
                        200
                        "layers"
                        [
                            "there are to be no biases", 0.05
                            "there is no input layer", 0.05
                            "an attractor", 0.02
                        ]
                        Networks.any
                        (fun tally case ->
                            let o = case.Options
                            let step = (Networks.network case).Step
                            let hasBiases = o.Biases && o.Cell <> Attractor

                            let expected =
                                [
                                    for layer in layers o do
                                        yield layer + ".weight"

                                        if hasBiases then
                                            yield layer + ".bias"
                                ]

                            let isSlow (name: string) =
                                (name.EndsWith ".weight" || name.EndsWith ".bias")
                                && not (name.StartsWith "layernorm")

                            let found = step.Parameters |> List.map _.Name |> List.filter isSlow
                            Expect.equal found expected "found"

                            Expect.equal
                                (step.Synapses |> List.map _.Matrix.Name)
                                (layers o)
                                "step.Synapses |> List.map _.Matrix.Name"

                            if not hasBiases then
                                Expect.isFalse
                                    (step.Parameters |> Seq.exists (fun p -> p.Name.EndsWith ".bias.alpha"))
                                    "step.Parameters"

                                Expect.isFalse
                                    (step.States |> Seq.exists (fun s -> s.Name.EndsWith ".bias.fast"))
                                    "step.States"

                            tally.Note("there are to be no biases", not o.Biases)
                            tally.Note("there is no input layer", not o.InputLayer)
                            tally.Note("an attractor", (o.Cell = Attractor))))

            testCase "an RNN or an LSTM without biases equals one whose biases are zero" (fun () ->
                let unbiased (o: NetworkOptions) =
                    { o with
                        Rule = Rules.None.rule
                        Biases = false
                    }

                Law.holdsFor 60 "no biases"
                <| Prop.forAll (Networks.any |> Networks.recurrent |> Networks.where unbiased) (fun case ->
                    let o = case.Options
                    let program, parameters, batch = Networks.setUp case

                    let vector (name: string) =
                        match named program parameters name with
                        | Some values -> values
                        | None ->
                            let weight =
                                program.Parameters
                                |> Array.find (fun p -> p.Name = name.Replace(".bias", ".weight"))

                            Array.zeroCreate weight.Shape[1]

                    let expected =
                        List.init batch.Size (Plain.outputs o vector batch)
                        |> List.concat
                        |> List.map (Array.take o.Outputs)
                        |> Array.concat

                    let episode = Networks.run case false
                    Close.arrays Float64.derived "output" expected episode.Outputs["output"]))

            testCase "the second of two layers does not learn, whatever the rule" (fun () ->
                let two (o: NetworkOptions) =
                    { o with
                        Cell = TwoLayer
                        LayerNorm = false
                    }

                let rules =
                    Registry.rules
                    |> List.filter _.IsPlastic
                    |> List.map (fun rule -> rule.Name, 0.02)

                Law.holdsOften
                    100
                    "two layers"
                    (("the first layer has an α of each connection", 0.3) :: rules)
                    (Networks.any |> Networks.plastic |> Networks.where two)
                    (fun tally case ->
                        let step = (Networks.network case).Step

                        let synapse name =
                            step.Synapses |> List.find (fun s -> s.Matrix.Name = name)

                        Expect.isTrue ((synapse "input").Update.IsSome) "(synapse 'input').Update.IsSome"
                        Expect.isTrue ((synapse "output").Update.IsNone) "(synapse 'output').Update.IsNone"
                        Expect.isTrue ((synapse "output").Alpha.IsNone) "(synapse 'output').Alpha.IsNone"

                        let isAlphaOfSecond (name: string) =
                            name.StartsWith "output." && name.EndsWith ".alpha"

                        Expect.isFalse
                            (step.Parameters |> Seq.exists (fun p -> isAlphaOfSecond p.Name))
                            "step.Parameters"

                        Expect.isFalse
                            (step.States |> Seq.exists (fun s -> s.Name.StartsWith "output."))
                            "step.States"

                        let episode = Networks.run case false

                        Expect.equal
                            (List.ofSeq episode.FastWeights.Keys)
                            [ "input" ]
                            "List.ofSeq episode.FastWeights.Keys"

                        tally.Note("the first layer has an α of each connection", (synapse "input").Alpha.IsSome)
                        tally.Note(case.Options.Rule.Name, true)))
        ]
