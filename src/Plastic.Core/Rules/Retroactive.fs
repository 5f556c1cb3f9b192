/// Retroactive neuromodulation: pre ⊗ post only marks a synapse as eligible, for a while; M = tanh m decides later how much
/// of what is marked goes into the traces.
module Plastic.Core.Rules.Retroactive

open Plastic.Core

let private name = "retroactive.eta"

let private learn (seen: Plasticity) : Learned =
    let m = HebbianTrace.modulation seen
    let eta = Expr.parameter name 1

    let update (layer: Activity) =
        { HebbianTrace.update (Expr.scalar 1.0) m layer with
            Eligibility = Some { Keep = 1.0 - eta; Rate = eta }
            Bound = Bound.trace (seen.Value HebbianTrace.bound)
        }

    HebbianTrace.learned m (Expr.scalar 0.0) update seen

/// Retroactive modulation: an eligibility trace that changes F when the modulation arrives. Miconi et al. 2019.
let rule: Rule =
    {
        Name = "retroactive"
        Summary = "the network controls how much of an eligibility trace is added to its Hebbian traces"
        Equation = "F = α∘H, H ← clip(H + M(t)·E, ±c), then E ← (1 − η)E + η·pre ⊗ post, η trained"
        Source = "Miconi, Rawal, Clune and Stanley 2019, section 3.2"
        LearnsBiases = false
        AlphaSpread = 0.1
        NeedsModulator = true
        TraceBound = Some HebbianTrace.bound
        Settings = [ HebbianTrace.bound; HebbianTrace.rate ]
        Parameters = fun values -> [ HebbianTrace.parameter name (values.Value HebbianTrace.rate) ]
        Learn = Some learn
    }
