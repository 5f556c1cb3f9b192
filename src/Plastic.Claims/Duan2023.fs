namespace Plastic.Claims

/// The findings of Duan, Jia, Li, Zhong and Ma, "Hebbian and Gradient-based Plasticity Enables Robust Memory and Rapid Learning in RNNs",
/// ICLR 2023.
[<RequireQualifiedAccess>]
module internal Duan2023 =
    let private small hidden steps =
        [
            "hidden", string (hidden: int)
            "max_batch", string (steps: int)
            "validation_batches", "20"
        ]

    let private claim name section statement effect side bound figure =
        {
            Name = name
            Paper = "duan2023"
            Section = section
            Statement = statement
            Effect = effect
            Statistic = Mean
            Side = side
            Bound = bound
            Figure = figure
            Differs = ""
            IsOurs = false
            Premises = []
        }

    /// The test loss of one group is less than that of another.
    let private less name section statement one other figure =
        claim name section statement (Lead(one, [ other ], TestLoss)) Below 0.0 figure

    let private rules = [ "gradient", "the gradient rule"; "hebbian", "Hebb's rule" ]

    /// Each rule is better than none; the words of a rule stand in the statement.
    let private better name section figure (statement: string -> string) rule =
        [
            for key, words in rules -> less $"{name}_{key}" section (statement words) (rule key) (rule "none") figure
        ]

    module private CueReward =
        let reductions = small 32 4000

        let at label ending settings =
            Group.published label $"cuereward_{ending}" settings |> Group.reduced reductions

        let rule cell rule =
            at rule "large" [ "cell", cell; "rule", rule ]

        /// The published implementation's own demo, small as it is.
        let demo =
            (fun rule -> Group.published rule "cuereward_demo" [ "rule", rule ])
            |> better "demo" "4.1" "demo" (fun words ->
                $"In the demo of the published implementation, 128 units (192 without plasticity) and 5,000 updates, an RNN with {words} reaches a lower test loss than one without plasticity.")

        let plastic cell =
            let name = $"cue_{(cell: string).ToLowerInvariant()}"

            rule cell
            |> better name "4.1" name (fun words ->
                $"On cue and reward, an {cell} with {words} reaches a lower test loss than one without plasticity.")

        let ahead cell =
            let lower = (cell: string).ToLowerInvariant()

            less
                $"cue_{lower}_ahead"
                "4.1"
                $"On associative memory, Hebb's rule is ahead of the gradient rule ({cell})."
                (rule cell "hebbian")
                (rule cell "gradient")
                $"cue_{lower}"

        let modulation =
            [
                for name, words in rules ->
                    less
                        $"modulation_{name}"
                        "4.1, ablation"
                        $"With {words}, networks that modulate η and λ reach a lower test loss than those with constant ones (RNN, cue and reward)."
                        { rule "RNN" name with
                            Label = "modulated"
                        }
                        (at "constant" "modulation" [ "cell", "RNN"; "rule", name; "modulation", "false" ])
                        $"modulation_{name}"
            ]

        let alpha =
            let mode name (alpha, label) =
                Group.published label "cuereward_inner_lr_mode" [ "cell", "RNN"; "rule", name; "alpha", alpha ]
                |> Group.reduced (small 64 4000)

            [
                for name, words in rules ->
                    claim
                        $"alpha_{name}"
                        "4.1, ablation"
                        $"With {words}, trained α from random initial values gives a lower loss than α from 1, from −1, and constant α (RNN, cue and reward)."
                        (Lead(
                            mode name ("random", "random"),
                            [
                                for m in [ "uniform", "from 1"; "neg_uniform", "from −1"; "none", "constant" ] ->
                                    mode name m
                            ],
                            TestLoss
                        ))
                        Below
                        0.0
                        $"alpha_{name}"
            ]

        let extra =
            less
                "extra_gradient"
                "4.1, ablation"
                "Free outputs, which only the inner loss reads, help the gradient rule (RNN, cue and reward: 4 against 0)."
                { rule "RNN" "gradient" with
                    Label = "4 free outputs"
                }
                (at "none" "extradim" [ "cell", "RNN"; "rule", "gradient"; "extra", "0" ])
                "extra_gradient"

        let rate =
            [
                for name, words in rules ->
                    let at value =
                        at $"p_lr = {value}" "plr" [ "cell", "RNN"; "rule", name; "p_lr", value ]

                    claim
                        $"rate_{name}"
                        "4.1, ablation"
                        $"How far the inner rates go matters little with {words}: the losses for p_lr = p_wd = 0.025, 0.1 and 0.2 differ by less than a quarter (RNN, cue and reward; the quarter is our choice)."
                        (Spread([ at "0.025"; at "0.1"; at "0.2" ], TestLoss))
                        Below
                        1.25
                        $"rate_{name}"
            ]

        let whenToWrite =
            [
                for name, words in rules ->
                    claim
                        $"eta_{name}"
                        "4.1"
                        $"With {words}, η(t) is higher while cues are shown with their rewards than while rewards are recalled (RNN)."
                        (Level(at name "large_test" [ "cell", "RNN"; "rule", name ], RateRatio 10))
                        Above
                        1.0
                        "eta"
            ]

        let all =
            demo
            @ plastic "RNN"
            @ plastic "LSTM"
            @ [ ahead "RNN"; ahead "LSTM" ]
            @ modulation
            @ alpha
            @ [ extra ]
            @ rate
            @ whenToWrite

    module private Sequences =
        let reductions = small 32 3000

        let rule experiment settings cell rule =
            Group.published rule experiment (settings @ [ "cell", cell; "rule", rule ])
            |> Group.reduced reductions

        /// That networks without plasticity fail, and what each rule reaches where they do.
        let hard name cell (task: string) rule =
            let fails =
                claim
                    $"{name}_none"
                    "4.2"
                    $"An {cell} without plasticity cannot {task}: its test loss stays above 0.3, nine tenths of what the best guess gives (1/3)."
                    (Level(rule "none", TestLoss))
                    Above
                    0.3
                    name

            fails
            :: [
                for claim in
                    rule
                    |> better name "4.2" name (fun words ->
                        $"Where an {cell} without plasticity cannot {task}, one with {words} reaches a lower test loss.") ->
                    { claim with Premises = [ fails ] }
            ]

        let delayed =
            [
                for cell, delay in [ "RNN", "20"; "LSTM", "20"; "LSTM", "40" ] do
                    yield!
                        rule "seqreproduction_delay" [ "delay", delay ] cell
                        |> hard
                            $"delay{delay}_{cell.ToLowerInvariant()}"
                            cell
                            $"keep a sequence of 5 over a delay of {delay} steps"
            ]

        let long =
            rule "seqreproduction_seqlength" [ "n", "20" ] "RNN"
            |> hard "long_rnn" "RNN" "reproduce a sequence of 20"

        let bound =
            [
                for name, words in rules ->
                    let clip value =
                        Group.published $"at most {value}" "seqreproduction_norm" [ "rule", name; "clip", value ]
                        |> Group.reduced (reductions @ [ "delay", "20" ])

                    less
                        $"bound_{name}"
                        "4.2, ablation"
                        $"With {words}, a bound of 1 on the norm of the directions gives a lower loss than one of 100 (RNN, 5 elements after a delay)."
                        (clip "1")
                        (clip "100")
                        $"bound_{name}"
            ]

        let all = delayed @ long @ bound

    module private Regression =
        /// Affine functions; a width given by hand is that of the network.
        let affine rule pairs =
            Group.published rule "regression" [ "cell", "RNN"; "rule", rule; "K", pairs ]
            |> Group.reduced (small (if rule = "none" then 96 else 64) 3000)

        let mlp rule pairs =
            Group.published rule "regression_mlp" [ "cell", "RNN"; "rule", rule; "K", pairs ]
            |> Group.reduced (small 32 3000)

        let all =
            [
                for kind, words, group in [ "affine", "affine functions", affine; "mlp", "small random networks", mlp ] do
                    for pairs in [ "10"; "20" ] do
                        let name = $"{kind}_{pairs}"
                        let task = $"On regression of {words} from {pairs} pairs"
                        let rule rule = group rule pairs

                        less
                            $"{name}_ahead"
                            "4.4"
                            $"{task}, the gradient rule is ahead of Hebb's rule (RNN)."
                            (rule "gradient")
                            (rule "hebbian")
                            name

                        yield!
                            rule
                            |> better name "4.4" name (fun words ->
                                $"{task}, an RNN with {words} reaches a lower test loss than one without plasticity.")
            ]

    /// Drawn signs at small scale: CIFAR-FS is not to be had everywhere.
    module private Images =
        let rule rule =
            Group.published rule "fsc" [ "task", "fewshot_cifar_fs"; "cell", "RNN"; "rule", rule ]
            |> Group.instead
                "fsc_signs"
                [
                    "cell", "RNN"
                    "rule", rule
                    "encoder_width", "8"
                    "encoder_warmup", "500"
                    "hidden", "32"
                    "max_batch", "500"
                ]

        let all =
            [
                for name, words in rules ->
                    claim
                        $"images_{name}"
                        "4.3"
                        $"In one-shot classification of images, an RNN with {words} names more queries than one without plasticity."
                        (Lead(rule name, [ rule "none" ], TestMeasure))
                        Above
                        0.0
                        "images"
            ]

    let all = CueReward.all @ Sequences.all @ Regression.all @ Images.all
