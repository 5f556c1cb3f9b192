/// Differentiable plasticity with decay: a Hebbian trace with one trained rate η for the whole network, weighted by α per
/// connection, or by one α a layer (alpha=shared).
module Plastic.Core.Rules.Trace

open Plastic.Core

let private name = "trace.eta"

let private learn (seen: Plasticity) : Learned =
    let eta = Expr.parameter name 1
    HebbianTrace.learned eta eta (HebbianTrace.update (1.0 - eta) eta) seen

/// The trace rule: H ← (1 − η)H + η·pre ⊗ post, F = α∘H.
let rule: Rule =
    {
        Name = "trace"
        Summary = "a decaying Hebbian trace with a trained rate"
        Equation = "F = α∘H, H ← (1 − η)H + η·pre ⊗ post, η trained"
        Source = "Miconi, Clune and Stanley 2018, section 2 (Eq. 2)"
        LearnsBiases = false
        AlphaSpread = 0.1
        NeedsModulator = false
        TraceBound = None
        Settings = [ HebbianTrace.rate ]
        Parameters = fun values -> [ HebbianTrace.parameter name (values.Value HebbianTrace.rate) ]
        Learn = Some learn
    }
