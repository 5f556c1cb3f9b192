/// The rules with traces on plain numbers: what a single layer, an RNN and an
/// LSTM do under each of them, written out from the papers.
module internal Plastic.Laws.TraceEquations

open Plastic.Core

/// H and E of one synapse, as the equations of the trace rules have them, element by element: from those before a step
/// with what went in, what came out, the rule's own number and M.
let private traces =
    Map.ofList
        [
            "bohp", (fun gamma _ x y (h, e) -> gamma * h + (1.0 - gamma) * x * y, e)
            "trace", (fun eta _ x y (h, e) -> (1.0 - eta) * h + eta * x * y, e)
            "oja", (fun eta _ x y (h, e) -> h + eta * y * (x - y * h), e)
            "neuromodulated", (fun _ m x y (h, e) -> h + m * x * y, e)
            "retroactive", (fun eta m x y (h, e) -> h + m * e, (1.0 - eta) * e + eta * x * y)
        ]

/// The rule's own number, trained or given. `named` gives a parameter by its name.
let private ownNumber (o: NetworkOptions) (named: string -> float[]) =
    match o.Rule.Name with
    | "bohp" when not (o.Value Rules.Bohp.trainsGamma) -> o.Value Rules.Bohp.gamma
    | "bohp" -> (named "bohp.gamma")[0]
    | "neuromodulated" -> 0.0
    | name -> (named (name + ".eta"))[0]

let private byName (program: StepProgram) (parameters: float[][]) name =
    parameters[program.Parameters |> Array.findIndex (fun p -> p.Name = name)]

/// H and E of a synapse after a step, from M, what went in, what came out, and both as they were: by the equation of the rule, with
/// H held within its bound.
let private equation (o: NetworkOptions) (named: string -> float[]) =
    let own = ownNumber o named

    let limit =
        match o.Rule.TraceBound with
        | Some bound -> o.Value bound
        | None -> infinity

    fun modulation (pre: float[]) (post: float[]) before ->
        before
        |> Array.mapi (fun k before ->
            let h, e =
                traces[o.Rule.Name] own modulation pre[k / post.Length] post[k % post.Length] before

            max -limit (min h limit), e)

/// A single layer's outputs, step by step, are those of its equations written out on plain numbers:
/// y = tanh((W + α∘H)ᵀx + b), and then H and E as the rule says, H within its bound.
let areFollowed (case: NetworkCase) =
    let o =
        { case.Options with
            Cell = SingleLayer
            LayerNorm = false
            InputLayer = true
            Biases = true
            Alpha = AlphaMode.Random
        }

    let case = { case with Options = o }
    let program, parameters, batch = Networks.setUp case

    let named = byName program parameters

    let w, alpha, b =
        named "input.weight", named "input.weight.alpha", named "input.bias"

    let n, m = o.Inputs, o.FullOutputs

    let advance = equation o named

    let episode = Interpreter.run program parameters batch false
    let found = episode.Outputs["output"]

    for sample in 0 .. batch.Size - 1 do
        let mutable state = Array.create (n * m) (0.0, 0.0)

        for t in 0 .. batch.Steps - 1 do
            let x = batch.Read("input", sample, t).ToArray()

            let y =
                Array.init m (fun j ->
                    let drive =
                        Seq.sum (
                            seq {
                                for i in 0 .. n - 1 -> (w[i * m + j] + alpha[i * m + j] * fst state[i * m + j]) * x[i]
                            }
                        )

                    tanh (drive + b[j]))

            let at = (sample * batch.Steps + t) * o.Outputs
            Close.arrays Float64.derived $"y at {t}" (Array.take o.Outputs y) found[at .. at + o.Outputs - 1]
            let modulation = tanh (Array.last y)

            state <- advance modulation x y state

        let fast = episode.FastWeights["input"][sample * n * m .. (sample + 1) * n * m - 1]
        Close.arrays Float64.derived "F = α∘H" (Array.map2 (fun a (h, _) -> a * h) alpha state) fast

    case.Steps > 1

/// The outputs of an RNN or LSTM, step by step, and its fast weights at the end, are those of its equations on plain numbers:
/// every layer computes with W + α∘H, and its H and E then follow the rule from what went in and what its units did.
let areFollowedByRecurrent (case: NetworkCase) =
    let case =
        { case with
            NetworkCase.Options.Alpha = AlphaMode.Random
        }

    let o = case.Options
    let program, parameters, batch = Networks.setUp case

    let named = byName program parameters

    let advance = equation o named

    let episode = Interpreter.run program parameters batch false

    let layers =
        [
            if o.InputLayer then
                "input"

            "recurrent"
            "cell"
            "output"
        ]

    for sample in 0 .. batch.Size - 1 do
        let mutable state =
            Map.ofList
                [
                    for layer in layers -> layer, Array.create (named (layer + ".weight")).Length (0.0, 0.0)
                ]

        let fast layer =
            Array.map2 (fun alpha (h, _) -> alpha * h) (named (layer + ".weight.alpha")) state[layer]

        let mutable h, c = Array.zeroCreate o.Hidden, Array.zeroCreate o.Hidden

        for t in 0 .. batch.Steps - 1 do
            let x = batch.Read("input", sample, t).ToArray()

            let weights =
                layers
                |> List.map (fun l -> l, Array.map2 (+) (named (l + ".weight")) (fast l))
                |> Map.ofList

            let s =
                Plain.step o (fun l -> weights[l]) (fun l -> named (l + ".bias")) named x h c

            let at = (sample * batch.Steps + t) * o.Outputs
            let found = episode.Outputs["output"][at .. at + o.Outputs - 1]
            Close.arrays Float64.derived $"y at {t}" (Array.take o.Outputs s.Outputs) found
            let modulation = tanh (Array.last s.Outputs)

            let advance = advance modulation

            state <-
                Map.ofList
                    [
                        if o.InputLayer then
                            "input", advance x s.Embedding state["input"]

                        "recurrent", advance h s.Gates state["recurrent"]
                        "cell", advance s.Embedding s.Gates state["cell"]
                        "output", advance s.Hidden s.Outputs state["output"]
                    ]

            h <- s.Hidden
            c <- s.Memory

        for layer in layers do
            let expected = fast layer
            let all = episode.FastWeights[layer]
            let found = all[sample * expected.Length .. (sample + 1) * expected.Length - 1]
            Close.arrays Float64.derived $"F of {layer}" expected found

/// The rules that have an equation here.
let names = traces |> Map.toList |> List.map fst
