/// Hebb's rule: what fires together wires together. The direction of a synapse is the product of its pre- and
/// postsynaptic activity; biases do not learn. Nothing is detached: training sees through pre and post.
module Plastic.Core.Rules.Hebbian

open Plastic.Core

let private directions (seen: Plasticity) : Direction list =
    seen.Layers
    |> List.map (fun layer ->
        {
            Pairs = [ layer.Pre, layer.Post ]
            Bias = Expr.zero layer.Post.Length
        })

/// Hebb's rule: G = pre ⊗ post.
let rule: Rule =
    {
        Name = "hebbian"
        Summary = "local: presynaptic times postsynaptic activity"
        Equation = "G = pre ⊗ post for weights, 0 for biases"
        Source = "Duan et al. 2023, section 3.2"
        LearnsBiases = true
        AlphaSpread = 1.0
        NeedsModulator = false
        TraceBound = None
        Settings = Descent.settings
        Parameters = fun _ -> []
        Learn = Some(Descent.along directions)
    }
