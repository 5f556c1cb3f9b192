namespace Plastic.Core

/// A network: its options, and the one step that describes it.
type internal Network = { Options: NetworkOptions; Step: Step }

/// From options to a step: the layers of the cell, the losses, and what the rule makes of the layers that are plastic
/// (Duan et al. 2023, section 3; Miconi 2016, section 2).
[<RequireQualifiedAccess>]
module internal Network =
    let private layerNormEpsilon = 1e-5

    let private plans (o: NetworkOptions) =
        Cell.plans o.Cell o.InputLayer o.Inputs o.Hidden o.FullOutputs
        |> List.map (fun plan ->
            { plan with
                HasBias = plan.HasBias && o.Biases
            })

    let private learns (o: NetworkOptions) (plan: LayerPlan) = o.Rule.IsPlastic && plan.IsPlastic

    let private biasLearns (o: NetworkOptions) (plan: LayerPlan) =
        learns o plan && o.Rule.LearnsBiases && plan.HasBias

    let private weightName (plan: LayerPlan) = plan.Name + ".weight"
    let private biasName (plan: LayerPlan) = plan.Name + ".bias"
    let private alphaOf name = name + ".alpha"
    /// The name of the state that is a layer's fast bias, by the layer's.
    let fastBias layer = $"{layer}.bias.fast"

    let private fastBiasName (plan: LayerPlan) = fastBias plan.Name

    let private parameters (o: NetworkOptions) : Parameter list =
        let start spread =
            match o.Start with
            | Start.Scaled -> Initial.Uniform spread
            | Start.Normal deviation -> Initial.Normal deviation

        let trained name shape initial : Parameter =
            {
                Name = name
                Shape = shape
                Trained = true
                Initial = initial
            }

        let slow name shape spread =
            { trained name shape (start spread) with
                Trained = not o.FrozenWeights
            }

        let alpha name shape =
            match o.Alpha with
            | AlphaMode.Fixed -> []
            | AlphaMode.Uniform -> [ trained (alphaOf name) shape (Initial.Fill 1.0) ]
            | AlphaMode.NegativeUniform -> [ trained (alphaOf name) shape (Initial.Fill -1.0) ]
            | AlphaMode.Random -> [ trained (alphaOf name) shape (start o.Rule.AlphaSpread) ]
            | AlphaMode.Shared -> [ trained (alphaOf name) [| 1 |] (start o.Rule.AlphaSpread) ]

        [
            for plan in plans o do
                let n, m = plan.Rows, plan.Columns
                yield slow (weightName plan) [| n; m |] plan.Spread

                if learns o plan then
                    yield! alpha (weightName plan) [| n; m |]

                if plan.HasBias then
                    yield slow (biasName plan) [| m |] plan.Spread

                if biasLearns o plan then
                    yield! alpha (biasName plan) [| m |]

            yield trained "inner_loss.scale" [| o.FullOutputs |] (Initial.Fill 1.0)

            if o.LayerNorm then
                yield trained "layernorm.weight" [| o.Hidden |] (Initial.Fill 1.0)
                yield trained "layernorm.bias" [| o.Hidden |] (Initial.Fill 0.0)

            yield! o.Rule.Parameters o.RuleValues
        ]

    let private layerNorm (h: Expr) =
        let n = h.Length
        let centred = h - Expr.broadcast n (Expr.mean h)
        let deviation = Expr.sqrt (Expr.mean (Expr.square centred) + layerNormEpsilon)

        centred / Expr.broadcast n deviation * Expr.parameter "layernorm.weight" n
        + Expr.parameter "layernorm.bias" n

    /// log Σ exp y, the largest taken out first.
    let private logSumExp (y: Expr) =
        let largest =
            [ for k in 0 .. y.Length - 1 -> Expr.slice k 1 y ] |> List.reduce Expr.max

        largest + Expr.log (Expr.sum (Expr.exp (y - Expr.broadcast y.Length largest)))

    /// The first outputs against the step's target, times the step's weight, over the batch size.
    let private outerLoss (o: NetworkOptions) (prediction: Expr) =
        let target = Expr.input "target" o.Outputs
        let error = prediction - target

        let share, loss =
            match o.Loss with
            | MeanSquaredError -> o.Outputs, Expr.dot error error
            | SquaredError -> 1, Expr.dot error error
            | CrossEntropy -> 1, Expr.sum target * logSumExp prediction - Expr.dot target prediction

        Expr.scalar (1.0 / float (o.Batch * share)) * (Expr.input "weight" 1 * loss)

    let private layer (o: NetworkOptions) (plan: LayerPlan) : Layer =
        {
            Plan = plan
            Bias =
                if plan.HasBias then
                    Expr.parameter (biasName plan) plan.Columns
                else
                    Expr.zero plan.Columns
            FastBias =
                if biasLearns o plan then
                    Some(Expr.input (fastBiasName plan) plan.Columns)
                else
                    None
        }

    /// What a layer did, as its rule sees it.
    let private activity (o: NetworkOptions) (used: Use) : Activity =
        let layer, m = used.Layer, used.Layer.Plan.Columns
        let alpha = alphaOf (biasName layer.Plan)

        {
            Synapse = layer.Matrix
            Pre = used.Pre
            Post = used.Post
            FastBias = layer.FastBias |> Option.defaultWith (fun () -> Expr.zero m)
            BiasAlpha =
                match layer.FastBias, o.Alpha with
                | None, _ -> Expr.zero m
                | _, AlphaMode.Fixed -> Expr.constant m 1.0
                | _, AlphaMode.Shared -> Expr.broadcast m (Expr.parameter alpha 1)
                | _ -> Expr.parameter alpha m
        }

    /// The synapse of a layer. One α for all its connections scales what goes in.
    let private synapse (o: NetworkOptions) (layer: Layer) (learning: Learning option) : Synapse =
        let alpha = alphaOf (weightName layer.Plan)

        let shared (update: Update) =
            if o.Alpha = AlphaMode.Shared && update.Bound.IsOnTrace then
                raise (
                    OptionsException
                        [
                            $"one α per layer cannot be combined with the bounded traces of rule {o.Rule.Name}"
                        ]
                )
            elif o.Alpha = AlphaMode.Shared then
                { update with
                    Rate = update.Rate * Expr.parameter alpha 1
                }
            else
                update

        {
            Matrix = layer.Matrix
            Weight = weightName layer.Plan
            Alpha =
                match learning, o.Alpha with
                | None, _
                | _, (AlphaMode.Fixed | AlphaMode.Shared) -> None
                | _ -> Some alpha
            Update = learning |> Option.map (fun l -> shared l.Update)
        }

    /// Refuses what a rule gives when it does not fit the layers.
    let private requireWhole (rule: Rule) (plastic: Use list) (learned: Learned) =
        if learned.Layers.Length <> plastic.Length then
            invalidArg
                "rule"
                $"rule {rule.Name} returns {learned.Layers.Length} updates for {plastic.Length} layers; expected one per layer, in order"

        for used, learning in List.zip plastic learned.Layers do
            if used.Layer.FastBias.IsSome && learning.Bias.IsNone then
                invalidArg
                    "rule"
                    $"rule {rule.Name} declares that biases learn, but returns none for {used.Layer.Plan.Name}"

    /// Builds the network. Raises OptionsException when the options describe none, ArgumentException when the rule does not
    /// give every layer its update.
    let create (o: NetworkOptions) : Network =
        if o.Faults.Count > 0 then
            raise (OptionsException o.Faults)

        let normalise = if o.LayerNorm then layerNorm else id
        let layers = plans o |> List.map (layer o)

        let flow =
            Cell.flow o.Cell normalise layers o.Hidden o.Outputs o.FullOutputs (Expr.input "input" o.Inputs)

        let innerLoss =
            let scaled = flow.Outputs * Expr.parameter "inner_loss.scale" o.FullOutputs
            let over = if o.InnerLoss = OverBatch then o.Batch else 1
            Expr.scalar (1.0 / float (over * o.FullOutputs)) * Expr.dot scaled scaled

        let plastic = flow.Uses |> List.filter (fun used -> learns o used.Layer.Plan)

        let seen =
            {
                Layers = plastic |> List.map (activity o)
                InnerLoss = innerLoss
                Modulator =
                    if o.Modulation then
                        Some(Expr.slice (o.FullOutputs - 1) 1 flow.Outputs)
                    else
                        None
                Values = o.RuleValues
            }

        let learned =
            match o.Rule.Learn with
            | Some learn -> learn seen
            | None ->
                // What its outputs would make of η and λ can be read of a plain network too.
                let eta, decay = Descent.rates seen

                {
                    Layers = []
                    Rate = eta
                    Decay = decay
                }

        requireWhole o.Rule plastic learned
        let learnings = List.zip plastic learned.Layers

        let learningOf (layer: Layer) =
            learnings
            |> List.tryFind (fun (used, _) -> used.Layer.Plan = layer.Plan)
            |> Option.map snd

        let prediction = Expr.slice 0 o.Outputs flow.Outputs

        {
            Options = o
            Step =
                {
                    States =
                        [
                            yield! flow.States

                            for used, learning in learnings do
                                match learning.Bias with
                                | Some next when used.Layer.FastBias.IsSome ->
                                    {
                                        Name = fastBiasName used.Layer.Plan
                                        Next = next
                                    }
                                | _ -> ()
                        ]
                    Synapses = layers |> List.map (fun layer -> synapse o layer (learningOf layer))
                    Outputs =
                        [
                            "output", prediction
                            "eta", learned.Rate
                            "decay", learned.Decay
                            "innerLoss", innerLoss
                        ]
                    Loss = outerLoss o prediction
                    Parameters = parameters o
                    Batch = o.Batch
                }
        }
