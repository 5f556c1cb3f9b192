namespace Plastic.Claims

/// The findings of Miconi, Clune and Stanley, "Differentiable plasticity: training plastic neural networks with backpropagation", ICML 2018.
[<RequireQualifiedAccess>]
module internal Miconi2018 =
    /// 2 patterns of 50 bits at small scale, in the published form's own settings.
    let private group label settings =
        Group.published label "patterns_1000" settings
        |> Group.instead "patterns_50" settings

    /// The same with 16 episodes to an update: at small scale a variant that stays solved (docs/results.md).
    let private batched label settings =
        Group.published label "patterns_1000" ([ "batch", "16" ] @ settings)
        |> Group.instead "patterns_50_batched" settings

    let private claim name statement one other figure differs =
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
            Differs = differs
            Premises = []
        }

    let all =
        [
            for group, ending, figure, alpha, differs in
                [
                    group, "", "patterns", [], ""
                    batched,
                    "_batched",
                    "patterns_batched",
                    [ "alpha", "uniform" ],
                    "a variant of ours: 16 episodes to an update, every α from 1"
                ] do
                let own = group "own α" alpha

                claim
                    $"patterns_plastic{ending}"
                    "A plastic network completes patterns that it has seen a few times; fewer bits are wrong than without plasticity."
                    own
                    (group "none" ([ "rule", "none" ] @ alpha))
                    figure
                    differs

                claim
                    $"patterns_shared{ending}"
                    "An α of its own for each connection leaves fewer bits wrong than one α that all share."
                    own
                    (group "shared α" [ "alpha", "shared" ])
                    figure
                    differs
        ]
