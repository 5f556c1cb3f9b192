module OwnRule.Centred

open Plastic.Core

/// Hebb's rule with the mean activity of each layer taken off: G = (pre − mean pre) ⊗ (post − mean post).
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
        Name = "centred"
        Learn = Some(Descent.along directions)
    }
