/// Rules that are wrong on purpose.
module Plastic.Laws.BrokenRules

open Plastic.Core

/// Hebb's rule with other pairs.
let private withPairs name (pairs: Activity -> (Expr * Expr) list) : Rule =
    let directions (seen: Plasticity) : Direction list =
        seen.Layers
        |> List.map (fun layer ->
            {
                Pairs = pairs layer
                Bias = Expr.zero layer.Post.Length
            })

    { Rules.Hebbian.rule with
        Name = name
        Learn = Some(Descent.along directions)
    }

/// Divides pre by its norm, which may be zero.
let normalised =
    withPairs "normalised" (fun layer ->
        let norm = Expr.sqrt (Expr.dot layer.Pre layer.Pre)
        [ layer.Pre / Expr.broadcast layer.Pre.Length norm, layer.Post ])

/// Divides by zero, and bounds what it learns.
let boundless =
    { withPairs "boundless" (fun layer -> [ layer.Pre / Expr.zero layer.Pre.Length, layer.Post ]) with
        Settings = [ Descent.weightBound ]
    }

/// Each unit learns faster than the one before it.
let ranked =
    withPairs "ranked" (fun layer ->
        let ranks =
            List.init layer.Post.Length (fun k -> Expr.scalar (float (k + 1)))
            |> Expr.concat

        [ layer.Pre, ranks * layer.Post ])

/// p has the length of post.
let misshapen = withPairs "misshapen" (fun layer -> [ layer.Post, layer.Pre ])

/// A rate of its own that nothing reads, under the name of a weight.
let impostor =
    { Rules.Hebbian.rule with
        Name = "impostor"
        Parameters = fun _ -> [ HebbianTrace.parameter "output.weight" 0.5 ]
    }
