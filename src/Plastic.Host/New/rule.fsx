// A rule of plasticity: how fast weights change within an episode. Try it:
//
//     plastic laws ./my_rule.fsx
//     plastic train cuereward rule=./my_rule.fsx max_batch=2000

open Plastic.Core

/// A setting of the rule: name, range, default, other values to try, meaning. On the command line: my_rule_gain=2.
let gain =
    RuleSetting.number "my_rule_gain" (0.0, 10.0) 1.0 [ 2.0; 0.5 ] "factor of the directions"

/// The direction of each layer's update, a sum of products p ⊗ q: here gain·pre ⊗ post. Biases do not learn.
let private directions (seen: Plasticity) : Direction list =
    seen.Layers
    |> List.map (fun layer ->
        {
            Pairs = [ seen.Value gain * layer.Pre, layer.Post ]
            Bias = Expr.zero layer.Post.Length
        })

/// The one public Rule of this file.
let rule: Rule =
    {
        Name = "my_rule"
        Summary = "Hebb's rule with a gain"
        Equation = "G = gain·pre ⊗ post"
        Source = "my_rule"
        LearnsBiases = false
        AlphaSpread = 1.0
        NeedsModulator = false
        TraceBound = None
        Settings = Descent.settings @ [ gain ]
        Parameters = fun _ -> []
        Learn = Some(Descent.along directions)
    }
