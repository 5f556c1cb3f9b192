namespace Plastic.Claims

/// The findings of Miconi, Clune and Stanley, "Differentiable plasticity: training plastic neural networks with backpropagation", ICML 2018.
[<RequireQualifiedAccess>]
module internal Miconi2018 =
    /// 2 patterns of 50 bits at small scale, in the published form's own settings.
    let private published label settings =
        Group.published label "patterns_1000" settings
        |> Group.instead "patterns_50" settings

    /// A variant of ours that stays solved (docs/results.md).
    let private batched label settings =
        Group.published label "patterns_1000" (("batch", "16") :: ("alpha", "uniform") :: settings)
        |> Group.instead "patterns_50_batched" settings
        |> Group.fresh

    let private claim name statement one other figure =
        {
            Name = name
            Paper = "miconi2018"
            Section = "4.1"
            Statement = statement
            Effect = Lead(one, [ other ], TestMeasure)
            Statistic = Mean
            Side = Below
            Bound = 0.0
            Figure = figure
            Differs = ""
            IsOurs = false
            Premises = []
        }

    let private plastic =
        "plastic network completes patterns that it has seen a few times; fewer bits are wrong than without plasticity"

    let all =
        [
            claim
                "patterns_plastic"
                $"A {plastic}."
                (published "own α" [])
                (published "none" [ "rule", "none" ])
                "patterns"
            claim
                "patterns_shared"
                "An α of its own for each connection leaves fewer bits wrong than one α that all share."
                (published "own α" [])
                (published "shared α" [ "alpha", "shared" ])
                "patterns"
            { claim
                  "patterns_batched"
                  $"With 16 episodes to an update and every α from 1, a {plastic}."
                  (batched "batched" [])
                  (batched "none" [ "rule", "none" ])
                  "patterns_batched" with
                Differs =
                    "a variant of ours, with 16 episodes to an update and every α from 1; seeds on which it was not found"
                IsOurs = true
            }
        ]
