namespace Plastic.Claims

/// The findings of Miconi, Clune and Stanley, "Differentiable plasticity: training plastic neural networks with backpropagation", ICML 2018.
[<RequireQualifiedAccess>]
module internal Miconi2018 =
    let private reduced = "2 patterns of 50 bits (5 of 1,000)"

    let private group label settings =
        Group.published label "patterns_1000" settings
        |> Group.instead "patterns_50" settings

    let private claim name section statement other =
        {
            Name = name
            Paper = "miconi2018"
            Section = section
            Statement = statement
            Effect = Lead(group "plastic" [], [ other ], TestMeasure)
            Statistic = Mean
            Side = Below
            Bound = 0.0
            Figure = "patterns"
            Reduced = reduced
        }

    let all =
        [
            claim
                "patterns_plastic"
                "4.1"
                "A plastic network completes patterns that it has seen a few times; fewer bits are wrong than without plasticity."
                (group "none" [ "rule", "none" ])
            claim
                "patterns_shared"
                "4.1"
                "An α of its own for each connection leaves fewer bits wrong than one α that all share."
                (group "shared α" [ "alpha", "shared" ])
        ]
