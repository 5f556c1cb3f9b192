namespace Plastic.Core

/// What the rules with a Hebbian trace H share: every layer learns pre ⊗ post by one equation, F = α∘H, and biases do not
/// learn; and the settings that several of them read.
[<RequireQualifiedAccess>]
module HebbianTrace =
    /// Bound on the magnitude of each trace that the network modulates.
    let bound =
        RuleSetting.bound
            "trace_clip"
            (1e-15, 1e15)
            1.0
            [ 0.05; 0.01; 0.1; infinity ]
            "bound on the magnitude of each trace"

    /// Where a trained rate η starts.
    let rate =
        RuleSetting.number
            "trace_rate"
            (0.0, 1.0)
            0.01
            [ 0.2; 0.1; 0.3 ]
            "initial value of the trained rate η of a trace"

    /// Both; a rule with a trace lists those that it reads.
    let settings: RuleSetting list = [ bound; rate ]

    /// A scalar parameter of a rule.
    let parameter name value : Parameter =
        {
            Name = name
            Shape = [| 1 |]
            Trained = true
            Initial = Initial.Fill value
        }

    /// The updates of all layers; `rate` and `decay` are what runs record as η and decay.
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
        | None -> invalidArg (nameof seen) "the rule is driven by the network's last output, so modulation must be on"
