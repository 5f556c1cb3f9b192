namespace Plastic.Claims

/// The findings of Miconi, Clune and Stanley, "Differentiable plasticity: training plastic neural networks with backpropagation", ICML 2018.
[<RequireQualifiedAccess>]
module internal Miconi2018 =
    let private reduced =
        "2 patterns of 50 bits, each shown once (5 of 1,000, twice), initial deviation 0.001 (0.01), learning rate 1e-4 (3e-4); at this size plastic networks get worse again after they have solved it (docs/results.md)"

    let private group label settings =
        Group.published label "patterns_1000" settings
        |> Group.instead "patterns_50" settings

    let private claim name section statement other =
        {
            Name = name
            Paper = "miconi2018"
            Section = section
            Statement = statement
            Effect = Lead(group "own α" [], [ other ], TestMeasure)
            Statistic = Mean
            Side = Below
            Bound = 0.0
            Figure = "patterns"
            Differs = ""
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
