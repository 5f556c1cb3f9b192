namespace Plastic.Claims

/// The findings of Miconi, Clune and Stanley, "Differentiable plasticity: training plastic neural networks with backpropagation", ICML 2018.
[<RequireQualifiedAccess>]
module internal Miconi2018 =
    /// 2 patterns of 50 bits at small scale, in the published form's own settings.
    let private published label settings =
        Group.published label "patterns_1000" settings
        |> Group.instead "patterns_50" settings

    /// The same with 16 episodes to an update and every α from 1: at small scale a variant that stays solved (docs/results.md).
    let private batched label settings =
        Group.published label "patterns_1000" (("batch", "16") :: ("alpha", "uniform") :: settings)
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

    /// The same claims of one form of the networks.
    let private both ending figure differs group =
        let own = group "own α" []

        [
            claim
                $"patterns_plastic{ending}"
                "A plastic network completes patterns that it has seen a few times; fewer bits are wrong than without plasticity."
                own
                (group "none" [ "rule", "none" ])
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

    let all =
        both "" "patterns" "" published
        @ both
            "_batched"
            "patterns_batched"
            "a variant of ours, with 16 episodes to an update and every α from 1, or one shared"
            batched
