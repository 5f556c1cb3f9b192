namespace Plastic.Claims

/// The findings of Miconi, Rawal, Clune and Stanley, "Backpropamine: training self-modifying neural networks with differentiable
/// neuromodulated plasticity", ICLR 2019. Its own cue and reward task is another one; these are the same questions on that of
/// Duan et al. 2023.
[<RequireQualifiedAccess>]
module internal Miconi2019 =
    let private differs = "the cue and reward task of Duan et al. 2023"

    let private rule rule =
        let point = [ "cell", "RNN"; "rule", rule ]

        Group.published rule "cuereward" (point @ [ "hidden", "256" ])
        |> Group.instead "cuereward" (point @ [ "hidden", "64"; "max_batch", "4000"; "validation_batches", "20" ])

    let private none =
        Group.published "none" "cuereward_large" [ "cell", "RNN"; "rule", "none" ]
        |> Group.reduced [ "hidden", "32"; "max_batch", "4000"; "validation_batches", "20" ]

    let private claim name section statement one other =
        {
            Name = name
            Paper = "miconi2019"
            Section = section
            Statement = statement
            Effect = Lead(one, [ other ], TestLoss)
            Statistic = Mean
            Side = Below
            Bound = 0.0
            Figure = "modulated"
            Differs = differs
            IsOurs = false
            Premises = []
        }

    let all =
        [
            claim
                "neuromodulated"
                "3.1"
                "A network that modulates its Hebbian traces itself reaches a lower test loss than one without plasticity."
                (rule "neuromodulated")
                none
            claim
                "retroactive"
                "3.2"
                "A network that modulates an eligibility trace reaches a lower test loss than one without plasticity."
                (rule "retroactive")
                none
            claim
                "modulated_trace"
                "4"
                "Modulation helps: the modulated network reaches a lower test loss than one whose Hebbian traces change at a trained but constant rate."
                (rule "neuromodulated")
                (rule "trace")
            { claim
                  "simple_retroactive"
                  "4"
                  "Simple modulation reaches a lower test loss than retroactive modulation."
                  (rule "neuromodulated")
                  (rule "retroactive") with
                IsOurs = true
            }
        ]
