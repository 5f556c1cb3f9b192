/// Oja's rule as a trace: what a unit does bounds what its synapses hold, without a decay that forgets while nothing
/// happens. H_ij ← H_ij + η·y_j(x_i − y_j H_ij), so that unit j keeps the share 1 − η y_j².
module Plastic.Core.Rules.Oja

open Plastic.Core

let private name = "oja.eta"

let private learn (seen: Plasticity) : Learned =
    let eta = Expr.parameter name 1

    let update (layer: Activity) =
        HebbianTrace.update (1.0 - Expr.scale eta (Expr.square layer.Post)) eta layer

    HebbianTrace.learned eta (Expr.scalar 0.0) update seen

/// Oja's rule as a trace with a trained rate.
let rule: Rule =
    {
        Name = "oja"
        Summary = "a Hebbian trace bounded by each unit's own activity"
        Equation = "F = α∘H, H_ij ← H_ij + η·y_j(x_i − y_j H_ij), η trained"
        Source = "Oja 1982; Miconi, Clune and Stanley 2018, section 2 (Eq. 3)"
        LearnsBiases = false
        AlphaSpread = 0.1
        NeedsModulator = false
        TraceBound = None
        Settings = [ HebbianTrace.rate ]
        Parameters = fun values -> [ HebbianTrace.parameter name (values.Value HebbianTrace.rate) ]
        Learn = Some learn
    }
