/// The plain network: W, b and nothing else.
module Plastic.Core.Rules.None

open Plastic.Core

/// The rule of a network without plasticity.
let rule: Rule =
    {
        Name = "none"
        Summary = "no plasticity: the same network without F, f and α"
        Equation = "y = xW + b"
        Source = "Duan et al. 2023, section 4 (baseline)"
        LearnsBiases = false
        AlphaSpread = 1.0
        NeedsModulator = false
        TraceBound = None
        Settings = []
        Parameters = fun _ -> []
        Learn = None
    }
