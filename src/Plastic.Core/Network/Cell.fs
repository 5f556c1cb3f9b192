namespace Plastic.Core

open System.Collections.Generic

/// How a network is wired. D are all its outputs, H its hidden units.
type Cell =
    /// e = relu(input(x)), or x where there is no input layer; h' = relu(recurrent(h) + cell(e)); o = output(h'). Duan et al. 2023,
    /// section 3.
    | Rnn
    /// e as there; i, f, g, o = recurrent(h) + cell(e); c' = σ(f)c + σ(i)tanh(g); h' = σ(o)tanh(c'). Duan et al. 2023, section 3.
    | Lstm
    /// o = tanh(input(x)): one layer, no recurrence. Miconi 2016, pattern completion.
    | SingleLayer
    /// o = output(tanh(input(x))), the output layer not plastic; no recurrence. Miconi 2016, one-shot learning.
    | TwoLayer
    /// h' = tanh(recurrent(h) + x), o = h': the units are the outputs, and the first of them are driven by the input.
    /// Miconi, Clune and Stanley 2018, pattern memorisation.
    | Attractor
    /// x = [f; label]: a step with a label adds f to that label's prototype s_k; y_k = −|f − s_k|². No layers: what there is to train is an
    /// encoder before it. Snell et al., NIPS 2017, equation 2, with one example of each class.
    | Prototypes

    /// All of them, in the order in which they are listed.
    static member All: IReadOnlyList<Cell> =
        [ Rnn; Lstm; SingleLayer; TwoLayer; Attractor; Prototypes ]

    /// The name in settings and messages.
    member c.Name =
        match c with
        | Rnn -> "RNN"
        | Lstm -> "LSTM"
        | SingleLayer -> "single"
        | TwoLayer -> "double"
        | Attractor -> "attractor"
        | Prototypes -> "prototypes"

/// A layer before it is built: y = x(W + F) + (b + f).
type internal LayerPlan =
    {
        Name: string
        Rows: int
        Columns: int
        /// k of U(−k, k) for W and b.
        Spread: float
        HasBias: bool
        IsPlastic: bool
    }

type internal Layer =
    {
        Plan: LayerPlan
        /// b [m].
        Bias: Expr
        /// f [m]; None if it does not learn.
        FastBias: Expr option
    }

    member layer.Matrix =
        {
            Name = layer.Plan.Name
            Rows = layer.Plan.Rows
            Columns = layer.Plan.Columns
        }

    member layer.Forward(x: Expr) =
        let bias =
            match layer.FastBias with
            | Some fast -> layer.Bias + fast
            | None -> layer.Bias

        Expr.apply layer.Matrix x + bias

/// What one layer did in a step.
type internal Use = { Layer: Layer; Pre: Expr; Post: Expr }

/// One step of the cell.
type internal Flow =
    {
        /// In the order of the plans.
        Uses: Use list
        /// What is carried to the next step.
        States: State list
        /// All outputs, [D].
        Outputs: Expr
    }

module internal Cell =
    /// The layers in order; W and b start within k = scale/√m, also where the published networks start otherwise.
    let plans cell hasInputLayer inputs hidden outputs : LayerPlan list =
        let layer name rows columns scale =
            {
                Name = name
                Rows = rows
                Columns = columns
                Spread = scale / sqrt (float columns)
                HasBias = true
                IsPlastic = true
            }

        let recurrent gates scale =
            [
                if hasInputLayer then
                    layer "input" inputs hidden 1.0

                layer "recurrent" hidden (gates * hidden) scale
                layer "cell" (if hasInputLayer then hidden else inputs) (gates * hidden) scale
                layer "output" hidden outputs 1.0
            ]

        match cell with
        | Rnn -> recurrent 1 1.0
        | Lstm -> recurrent 4 2.0
        | SingleLayer -> [ layer "input" inputs outputs 1.0 ]
        | TwoLayer ->
            [
                layer "input" inputs hidden 1.0
                { layer "output" hidden outputs 1.0 with
                    IsPlastic = false
                }
            ]
        | Attractor ->
            let units = max inputs outputs

            [
                { layer "recurrent" units units 1.0 with
                    HasBias = false
                }
            ]
        | Prototypes -> []

    /// y and what is kept: `count` prototypes.
    let private prototypes count outputs (x: Expr) =
        let features = x.Length - count
        let f = Expr.slice 0 features x

        let state k = Expr.input $"prototype{k + 1}" features

        let nearness k =
            let apart = f - state k
            -(Expr.dot apart apart)

        {
            Uses = []
            States =
                [
                    for k in 0 .. count - 1 ->
                        {
                            Name = $"prototype{k + 1}"
                            Next = state k + Expr.broadcast features (Expr.slice (features + k) 1 x) * f
                        }
                ]
            Outputs =
                Expr.concat
                    [
                        yield! List.init count nearness

                        if outputs > count then
                            yield Expr.zero (outputs - count)
                    ]
        }

    /// Both recurrent cells; `normalise` is applied to the new h.
    let private recurrent cell normalise (layers: Layer list) hidden (x: Expr) =
        let input, recurrent, inner, output =
            match layers with
            | [ a; b; c; d ] -> Some a, b, c, d
            | [ b; c; d ] -> None, b, c, d
            | _ -> invalidArg (nameof layers) $"a recurrent cell has three or four layers, not {layers.Length}"

        let h = Expr.input "h" hidden

        let e, embedding =
            match input with
            | Some input ->
                let e = Expr.relu (input.Forward x)
                e, [ { Layer = input; Pre = x; Post = e } ]
            | None -> x, []

        let drive = recurrent.Forward h + inner.Forward e

        let h', post, memory =
            if cell = Rnn then
                let next = Expr.relu drive
                next, next, []
            else
                let gate k = Expr.slice (k * hidden) hidden drive
                let i, f = Expr.sigmoid (gate 0), Expr.sigmoid (gate 1)
                let g, o = Expr.tanh (gate 2), Expr.sigmoid (gate 3)
                let memory = f * Expr.input "c" hidden + i * g
                o * Expr.tanh memory, Expr.concat [ i; f; g; o ], [ { Name = "c"; Next = memory } ]

        let h' = normalise h'
        let all = output.Forward h'

        {
            Uses =
                [
                    yield! embedding
                    {
                        Layer = recurrent
                        Pre = h
                        Post = post
                    }
                    { Layer = inner; Pre = e; Post = post }
                    { Layer = output; Pre = h'; Post = all }
                ]
            States = { Name = "h"; Next = h' } :: memory
            Outputs = all
        }

    /// One step of the layers, built in the order of their plans. Of all outputs, `predicted` are the prediction.
    let flow cell normalise (layers: Layer list) hidden predicted outputs (x: Expr) : Flow =
        match cell, layers with
        | (Rnn | Lstm), _ -> recurrent cell normalise layers hidden x
        | SingleLayer, [ input ] ->
            let y = Expr.tanh (input.Forward x)

            {
                Uses = [ { Layer = input; Pre = x; Post = y } ]
                States = []
                Outputs = y
            }
        | TwoLayer, [ input; output ] ->
            let y = Expr.tanh (input.Forward x)
            let all = output.Forward y

            {
                Uses =
                    [
                        { Layer = input; Pre = x; Post = y }
                        { Layer = output; Pre = y; Post = all }
                    ]
                States = []
                Outputs = all
            }
        | Attractor, [ recurrent ] ->
            let units = recurrent.Plan.Rows
            let h = Expr.input "h" units

            let driven =
                if x.Length = units then
                    x
                else
                    Expr.concat [ x; Expr.zero (units - x.Length) ]

            let h' = Expr.tanh (recurrent.Forward h + driven)

            {
                Uses =
                    [
                        {
                            Layer = recurrent
                            Pre = h
                            Post = h'
                        }
                    ]
                States = [ { Name = "h"; Next = h' } ]
                Outputs = Expr.slice 0 outputs h'
            }
        | Prototypes, [] -> prototypes predicted outputs x
        | _ -> invalidArg (nameof layers) $"{cell} does not have {layers.Length} layers"
