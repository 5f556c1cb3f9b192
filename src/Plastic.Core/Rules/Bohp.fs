/// A running average of pre ⊗ post that forgets at the rate 1 − γ, and that α weighs connection by connection: the trace
/// through which Backpropagation of Hebbian plasticity has its exact gradients. γ is given, or trained with the rest.
module Plastic.Core.Rules.Bohp

open Plastic.Core

/// What remains of the trace after a step.
let gamma =
    RuleSetting.number
        "gamma"
        (0.0, 1.0)
        0.98
        [ 0.8; 0.5; 0.9; 1.0 ]
        "γ, the fraction of a trace that remains after a step"

/// Whether γ is trained, from what `gamma` says.
let trainsGamma =
    RuleSetting.switch "train_gamma" false "train γ, starting from gamma"

let private name = "bohp.gamma"

let private learn (seen: Plasticity) : Learned =
    let gamma =
        if seen.Value trainsGamma then
            Expr.parameter name 1
        else
            Expr.scalar (seen.Value gamma)

    let rate = 1.0 - gamma
    HebbianTrace.learned rate rate (HebbianTrace.update gamma rate) seen

/// Backpropagation of Hebbian plasticity: H ← γH + (1 − γ)·pre ⊗ post, F = α∘H.
let rule: Rule =
    {
        Name = "bohp"
        Summary = "a decaying Hebbian trace, weighted by α per connection"
        Equation = "F = α∘H, H ← γH + (1 − γ)·pre ⊗ post"
        Source = "Miconi 2016, section 2 (Eq. 1 with γ and 1 − γ exchanged, as its gradients have it)"
        LearnsBiases = false
        AlphaSpread = 0.1
        NeedsModulator = false
        TraceBound = None
        Settings = [ gamma; trainsGamma ]
        Parameters =
            fun values ->
                if values.Value trainsGamma then
                    [ HebbianTrace.parameter name (values.Value gamma) ]
                else
                    []
        Learn = Some learn
    }
