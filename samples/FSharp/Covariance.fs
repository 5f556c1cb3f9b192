/// A rule of your own: a connection grows where pre and post are both above, or both below, the average unit of their layer.
module Covariance

open Plastic.Core

/// G = (pre − mean pre) ⊗ (post − mean post), with the means over the units of a layer.
let rule: Rule =
    let centred (x: Expr) =
        x - Expr.broadcast x.Length (Expr.mean x)

    let directions (seen: Plasticity) : Direction list =
        seen.Layers
        |> List.map (fun layer ->
            {
                Pairs = [ centred layer.Pre, centred layer.Post ]
                Bias = Expr.zero layer.Post.Length
            })

    { Rules.Hebbian.rule with
        Name = "covariance"
        Learn = Some(Descent.along directions)
    }
