/// Simple neuromodulation: at every step the network itself decides, by M = tanh m, how much of pre ⊗ post is added to its traces,
/// and with which sign; what they hold stays, within bounds.
module Plastic.Core.Rules.Neuromodulated

open Plastic.Core

let private learn (seen: Plasticity) : Learned =
    let m = HebbianTrace.modulation seen

    let update (layer: Activity) =
        { HebbianTrace.update (Expr.scalar 1.0) m layer with
            Bound = Bound.trace (seen.Value HebbianTrace.bound)
        }

    HebbianTrace.learned m (Expr.scalar 0.0) update seen

/// A Hebbian trace whose rate the network modulates. Miconi et al. 2019.
let rule: Rule =
    {
        Name = "neuromodulated"
        Summary = "the network controls how much is added to its Hebbian traces"
        Equation = "F = α∘H, H ← clip(H + M(t)·pre ⊗ post, ±c), M = tanh m"
        Source = "Miconi, Rawal, Clune and Stanley 2019, section 3.1"
        LearnsBiases = false
        AlphaSpread = 0.1
        NeedsModulator = true
        TraceBound = Some HebbianTrace.bound
        Settings = [ HebbianTrace.bound ]
        Parameters = fun _ -> []
        Learn = Some learn
    }
