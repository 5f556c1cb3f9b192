/// A running average of pre ⊗ post that forgets at the rate 1 − γ, and that α weighs connection by connection: the trace
/// through which Backpropagation of Hebbian plasticity has its exact gradients. γ is given, or trained with the rest.
module Plastic.Core.Rules.Bohp

open Plastic.Core

let private name = "bohp.gamma"

let private learn (seen: Plasticity) : Learned =
    let gamma =
        if seen.Rates.TrainsTraceDecay then
            Expr.parameter name 1
        else
            Expr.scalar seen.Rates.TraceDecay

    let rate = 1.0 - gamma
    HebbianTrace.learned rate rate (HebbianTrace.update gamma rate) seen

let rule: Rule =
    {
        Name = "bohp"
        Summary = "a decaying Hebbian trace, weighed by α per connection"
        Equation = "F = α∘H, H ← γH + (1 − γ)·pre ⊗ post"
        Source = "Miconi 2016, section 2 (Eq. 1 with γ and 1 − γ exchanged, as its gradients have it)"
        LearnsBiases = false
        AlphaSpread = 0.1
        NeedsModulator = false
        BoundsTraces = false
        Parameters =
            fun rates ->
                if rates.TrainsTraceDecay then
                    [ HebbianTrace.parameter name rates.TraceDecay ]
                else
                    []
        Learn = Some learn
    }
