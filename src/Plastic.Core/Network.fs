namespace Plastic.Core

open System

/// A network: its options, and the one step that describes it.
type Network = { Options: NetworkOptions; Step: Step }

/// The plastic RNN and LSTM of Duan et al. 2023, section 3: input layer (ReLU) → cell → linear output layer, all four
/// layers plastic, biases included.
[<RequireQualifiedAccess>]
module Network =
    let private layerNormEpsilon = 1e-5

    /// Name, n, m and k of U(−k, k) for each layer; k = scale/√m.
    let private shapes (o: NetworkOptions) =
        let gates = Cell.gates o.Cell
        let scale = if o.Cell = Lstm then 2.0 else 1.0
        let wide = o.Hidden * gates

        [
            "input", o.Inputs, o.Hidden, 1.0 / sqrt (float o.Hidden)
            "recurrent", o.Hidden, wide, scale / sqrt (float wide)
            "cell", o.Hidden, wide, scale / sqrt (float wide)
            "output", o.Hidden, o.FullOutputs, 1.0 / sqrt (float o.FullOutputs)
        ]

    let private parameters (o: NetworkOptions) : Parameter list =
        let alpha name shape =
            let trained initial =
                [
                    {
                        Name = name + ".alpha"
                        Shape = shape
                        Trained = true
                        Initial = initial
                    }
                ]

            match o.Rule.Directions, o.Alpha with
            | None, _
            | _, Fixed -> []
            | _, AlphaMode.Uniform -> trained (Fill 1.0)
            | _, NegativeUniform -> trained (Fill -1.0)
            | _, Random -> trained (Initial.Uniform 1.0)

        let slow name shape bound : Parameter =
            {
                Name = name
                Shape = shape
                Trained = not o.FrozenWeights
                Initial = Initial.Uniform bound
            }

        let vector name length value : Parameter =
            {
                Name = name
                Shape = [| length |]
                Trained = true
                Initial = Fill value
            }

        [
            for name, n, m, bound in shapes o do
                let weight, bias = name + ".weight", name + ".bias"
                yield slow weight [| n; m |] bound
                yield! alpha weight [| n; m |]
                yield slow bias [| m |] bound
                yield! alpha bias [| m |]

            yield vector "inner_loss.scale" o.FullOutputs 1.0

            if o.LayerNorm then
                yield vector "layernorm.weight" o.Hidden 1.0
                yield vector "layernorm.bias" o.Hidden 0.0
        ]

    let private layerNorm (h: Expr) =
        let n = h.Length
        let centred = h - Expr.broadcast n (Expr.mean h)
        let deviation = Expr.sqrt (Expr.mean (Expr.square centred) + layerNormEpsilon)

        centred / Expr.broadcast n deviation * Expr.parameter "layernorm.weight" n
        + Expr.parameter "layernorm.bias" n

    /// ‖Σ p⊗q‖² of a direction and its bias part, from dot products alone.
    let private squaredNorm (d: Direction) =
        let cross =
            [
                for p, q in d.Pairs do
                    for p', q' in d.Pairs -> Expr.dot p p' * Expr.dot q q'
            ]

        List.fold (+) (Expr.dot d.Bias d.Bias) cross

    /// min(1, bound/norm) as bound/√max(norm², bound²): it and its derivative are finite at norm 0, where the published
    /// form is not.
    let private clipping (bound: float) (norm2: Expr) =
        if Double.IsPositiveInfinity bound then
            Expr.scalar 1.0
        else
            Expr.scalar bound / Expr.sqrt (Expr.max norm2 (Expr.scalar (bound * bound)))

    /// Mean squared error of the first outputs against the step's target, times the step's weight, over the batch size.
    let private outerLoss (o: NetworkOptions) (prediction: Expr) =
        let error = prediction - Expr.input "target" o.Outputs

        Expr.scalar (1.0 / float (o.Batch * o.Outputs))
        * (Expr.input "weight" 1 * Expr.dot error error)

    /// Builds the network. Raises OptionsException when the options describe none.
    let create (o: NetworkOptions) : Network =
        if o.Faults.Count > 0 then
            raise (OptionsException o.Faults)

        let plastic = o.Rule.Directions.IsSome
        let fastBias name = name + ".bias.fast"

        let layer (name, n, m, _) =
            {
                Matrix = { Name = name; Rows = n; Columns = m }
                Bias = Expr.parameter (name + ".bias") m
                FastBias = if plastic then Some(Expr.input (fastBias name) m) else None
            }

        let input, recurrent, cell, output =
            match shapes o |> List.map layer with
            | [ a; b; c; d ] -> a, b, c, d
            | layers -> invalidOp $"a network has four layers, not {layers.Length}"

        let x = Expr.input "input" o.Inputs
        let h = Expr.input "h" o.Hidden
        let c = Expr.input "c" o.Hidden
        let e = Expr.relu (input.Forward x)
        let advance = Cell.advance o.Cell recurrent cell h c e

        let h' =
            if o.LayerNorm then
                layerNorm advance.Hidden
            else
                advance.Hidden

        let all = output.Forward h'

        let innerLoss =
            let scaled = all * Expr.parameter "inner_loss.scale" o.FullOutputs
            let over = if o.InnerLoss = OverBatch then o.Batch else 1
            Expr.scalar (1.0 / float (over * o.FullOutputs)) * Expr.dot scaled scaled

        let modulated (rate: float) =
            if o.Modulation then
                Expr.scalar (2.0 * rate) * Expr.sigmoid (Expr.slice (o.FullOutputs - 1) 1 all)
            else
                Expr.scalar rate

        let eta, decay = modulated o.InnerLearningRate, modulated o.InnerWeightDecay

        let activities =
            [
                input, x, e
                recurrent, h, advance.Post
                cell, e, advance.Post
                output, h', all
            ]

        let directions =
            match o.Rule.Directions with
            | None -> []
            | Some directions ->
                directions
                    {
                        InnerLoss = innerLoss
                        Layers =
                            activities
                            |> List.map (fun (layer, pre, post) ->
                                {
                                    Synapse = layer.Matrix
                                    FastBias = layer.FastBias.Value
                                    Pre = pre
                                    Post = post
                                })
                    }

        let norm2 = directions |> List.map squaredNorm |> List.fold (+) (Expr.scalar 0.0)
        let rate = eta * clipping o.MaxInnerNorm norm2
        let keep = 1.0 - decay

        let synapse (layer: Layer) update =
            {
                Matrix = layer.Matrix
                Weight = layer.Matrix.Name + ".weight"
                Alpha =
                    if plastic && o.Alpha <> Fixed then
                        Some(layer.Matrix.Name + ".weight.alpha")
                    else
                        None
                Update = update
            }

        let learning (layer: Layer) (direction: Direction) =
            let m = layer.Matrix.Columns

            let alpha =
                if o.Alpha = Fixed then
                    Expr.constant m 1.0
                else
                    Expr.parameter (layer.Matrix.Name + ".bias.alpha") m

            let moved =
                Expr.scale keep layer.FastBias.Value + Expr.scale rate (alpha * direction.Bias)

            synapse
                layer
                (Some
                    {
                        Keep = keep
                        Rate = rate
                        Pairs = direction.Pairs
                        Bound = o.WeightClip
                    }),
            {
                Name = fastBias layer.Matrix.Name
                Next = Expr.clamp o.WeightClip moved
            }

        let layers = activities |> List.map (fun (layer, _, _) -> layer)

        let synapses, fastBiases =
            if plastic then
                List.map2 learning layers directions |> List.unzip
            else
                layers |> List.map (fun layer -> synapse layer None), []

        let prediction = Expr.slice 0 o.Outputs all

        {
            Options = o
            Step =
                {
                    States =
                        [
                            { Name = "h"; Next = h' }
                            match advance.Memory with
                            | Some memory -> { Name = "c"; Next = memory }
                            | None -> ()
                            yield! fastBiases
                        ]
                    Synapses = synapses
                    Outputs = [ "output", prediction; "eta", eta; "decay", decay; "innerLoss", innerLoss ]
                    Loss = outerLoss o prediction
                    Parameters = parameters o
                    Batch = o.Batch
                }
        }
