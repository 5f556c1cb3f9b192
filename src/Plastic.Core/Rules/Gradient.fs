/// The gradient of the inner loss by the fast weights, through this step alone: h and c of the step before are
/// constants. Training differentiates this gradient again (second order).
module Plastic.Core.Rules.Gradient

open Plastic.Core

let private directions (seen: Plasticity) : Direction list =
    let biases = seen.Layers |> List.map _.FastBias
    let synapses = seen.Layers |> List.map _.Synapse
    let bars = Diff.vjp [ seen.InnerLoss, Expr.scalar 1.0 ] biases synapses

    seen.Layers
    |> List.map (fun layer ->
        {
            Pairs = bars.Pairs layer.Synapse
            Bias = bars.Of layer.FastBias
        })

/// The gradient rule: G is the gradient of the inner loss.
let rule: Rule =
    {
        Name = "gradient"
        Summary = "the gradient of a learned inner loss"
        Equation = "G = ∂L/∂F, ∂L/∂f with L = mean (o·s)²"
        Source = "Duan et al. 2023, section 3.3"
        LearnsBiases = true
        AlphaSpread = 1.0
        NeedsModulator = false
        TraceBound = None
        Settings = Descent.settings
        Parameters = fun _ -> []
        Learn = Some(Descent.along directions)
    }
