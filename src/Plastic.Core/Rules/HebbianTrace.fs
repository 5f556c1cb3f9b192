namespace Plastic.Core

/// What the rules with a Hebbian trace H share: every layer learns pre ⊗ post by one equation, F = α∘H, and biases do not
/// learn.
[<RequireQualifiedAccess>]
module HebbianTrace =
    /// A scalar parameter of a rule.
    let parameter name value : Parameter =
        {
            Name = name
            Shape = [| 1 |]
            Trained = true
            Initial = Initial.Fill value
        }

    /// The updates of all layers; `rate` and `decay` are what there is to look at.
    let learned (rate: Expr) (decay: Expr) (update: Activity -> Update) (seen: Plasticity) : Learned =
        {
            Layers = seen.Layers |> List.map (fun layer -> { Update = update layer; Bias = None })
            Rate = rate
            Decay = decay
        }

    /// H ← keep∘H + rate·pre ⊗ post.
    let update keep rate (layer: Activity) : Update =
        {
            Keep = keep
            Rate = rate
            Pairs = [ layer.Pre, layer.Post ]
            Eligibility = None
            Bound = Bound.Free
        }

    /// M = tanh m of a network that modulates itself.
    let modulation (seen: Plasticity) =
        match seen.Modulator with
        | Some m -> Expr.tanh m
        | None -> invalidArg (nameof seen) "the rule needs the network's last output to drive it"
