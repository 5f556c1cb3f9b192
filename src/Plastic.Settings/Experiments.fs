namespace Plastic.Settings

open Plastic.Core
open Plastic.Tasks

/// The experiments that have a name, one entry each, as published (Duan et al. 2023 and its code). Tests enumerate this list.
[<RequireQualifiedAccess>]
module Experiments =
    /// Half as many units again where nothing learns within the episode or no α is trained, so that the plain network does
    /// not have fewer parameters than the plastic ones with their α.
    let private wider (settings: RunSettings) =
        if not (RunNetwork.rule settings).IsPlastic || settings.Alpha = AlphaMode.Fixed then
            { settings with
                Hidden = settings.Hidden * 3 / 2
            }
        else
            settings

    /// The same, and an RNN twice as wide as an LSTM with its four gates. Prototypes get the features of a plastic RNN.
    let private comparable (settings: RunSettings) =
        let twice (settings: RunSettings) =
            { settings with
                Hidden = settings.Hidden * 2
            }

        match settings.Cell with
        | Rnn -> twice (wider settings)
        | Prototypes -> twice settings
        | _ -> wider settings

    let private cells = "cell", [ "RNN"; "LSTM" ]
    let private rules = "rule", [ "gradient"; "hebbian"; "none" ]
    let private plastic = "rule", [ "gradient"; "hebbian" ]
    let private onOff = "modulation", [ "true"; "false" ]

    let private learning name = { Name = name; Kind = Learning }

    let private experiment task maxBatch name summary axes figures =
        {
            Name = name
            Summary = summary
            Base =
                { RunSettings.Default with
                    Task = task
                    MaxBatch = maxBatch
                }
            Axes = axes
            Complete = comparable
            Seeds = [ 0L .. 3L ]
            Tests = None
            Figures = figures
        }

    let private cueReward = experiment "cuereward" 20000
    let private sequence = experiment "seqreproduction" 10000
    let private regression = experiment "regression" 10000

    let private withBase change (e: Experiment) = { e with Base = change e.Base }

    let private mlp =
        withBase (fun s ->
            { s with
                Episode.Function = FunctionKind.Mlp
            })

    let private cueRewards =
        [
            { cueReward
                  "cuereward_demo"
                  "cue and reward: RNNs with the gradient rule, Hebb's rule and no plasticity"
                  [ "cell", [ "RNN" ]; rules ]
                  [ learning "curves_demo" ] with
                Complete = wider
                Seeds = [ 0L ]
            }
            |> withBase (fun s -> { s with MaxBatch = 5000 })
            cueReward
                "cuereward_large"
                "cue and reward: both cells, all rules"
                [ cells; rules ]
                [ learning "curves_{cell}" ]
            cueReward
                "cuereward_lr"
                "cue and reward: other learning rates"
                [ "lr", [ "0.01"; "0.0003" ]; cells; rules ]
                [ learning "curves_{cell}_lr" ]
            { cueReward
                  "cuereward_plr"
                  "cue and reward: inner learning rate and decay"
                  [ plastic; cells; "p_lr", [ "0"; "0.025"; "0.05"; "0.1"; "0.2" ] ]
                  [
                      {
                          Name = "innerlr_{rule}"
                          Kind = Against("p_lr", 2.0)
                      }
                  ] with
                Complete =
                    comparable
                    >> fun s ->
                        { s with
                            RuleValues = s.RuleValues.With(Descent.weightDecay, s.RuleValues.Value Descent.learningRate)
                        }
            }
            cueReward
                "cuereward_extradim"
                "cue and reward: number of extra outputs for the inner loss"
                [ plastic; cells; "extra", [ "0"; "4"; "8"; "16" ] ]
                [
                    {
                        Name = "extradim_{rule}"
                        Kind = Against("extra", 1.0)
                    }
                ]
            cueReward
                "cuereward_modulation"
                "cue and reward: with and without modulation of η and λ"
                [ cells; plastic; onOff ]
                [ learning "curves_modulation_{cell}-{rule}" ]
            { cueReward
                  "cuereward_inner_lr_mode"
                  "cue and reward: α constant, or trained from different initial values"
                  [ plastic; cells; "alpha", [ "none"; "uniform"; "neg_uniform"; "random" ] ]
                  [ learning "inner_lr_{rule}_{cell}" ] with
                Complete = id
            }
        ]

    let private sequences =
        [
            sequence
                "seqreproduction_long_compare_delay"
                "sequences of 20 elements, reproduced after a delay"
                [ "delay", [ "0"; "20"; "40" ]; cells; rules ]
                [ learning "{cell}_delay{delay}" ]
            sequence
                "seqreproduction_delay"
                "sequences of 5 elements, reproduced after a delay"
                [ "delay", [ "0"; "10"; "20"; "40"; "60" ]; cells; rules ]
                [
                    {
                        Name = "{cell}_compare_delay"
                        Kind = Against("delay", 1.0)
                    }
                    learning "{cell}_curves_delay{delay}"
                ]
            |> withBase (fun s -> { s with Episode.SequenceLength = 5 })
            sequence
                "seqreproduction_seqlength"
                "sequences of 5 to 40 elements, reproduced without delay"
                [ "n", [ "5"; "10"; "20"; "30"; "40" ]; cells; rules ]
                [
                    {
                        Name = "{cell}_compare_seqlength"
                        Kind = Against("n", 1.0)
                    }
                ]
            |> withBase (fun s -> { s with Episode.Delay = 0 })
            sequence
                "seqreproduction_modulation"
                "20 elements after 40 steps, with and without modulation of η and λ"
                [ cells; plastic; onOff ]
                [ learning "curves_modulation" ]
            |> withBase (fun s -> { s with Episode.Delay = 40 })
            sequence
                "seqreproduction_norm"
                "5 elements after 40 steps, with different bounds on the norm of the directions"
                [ "cell", [ "RNN" ]; plastic; "clip", [ "1"; "100" ] ]
                [ learning "curves_norm" ]
            |> withBase (fun s ->
                { s with
                    Episode.SequenceLength = 5
                    Episode.Delay = 40
                })
        ]

    let private pairs = "K", [ "10"; "20" ]

    let private regressionFigures name =
        [ { Name = name; Kind = Table "K" }; learning "{cell}_curves_K{K}" ]

    let private regressions =
        [
            regression
                "regression"
                "affine functions from 10 or 20 pairs"
                [ pairs; cells; rules ]
                (regressionFigures "regression")
            regression
                "regression_mlp"
                "small random networks from 10 or 20 pairs"
                [ pairs; cells; rules ]
                (regressionFigures "regression_mlp")
            |> mlp
            regression
                "regression_mlp_modulation"
                "small random networks from 20 pairs, with and without modulation of η and λ"
                [ cells; plastic; onOff ]
                [ learning "curves_modulation_mlp" ]
            |> mlp
        ]

    /// Tests the best networks of part of an experiment: η(t).
    let private test name axes figure (trained: Experiment) =
        { trained with
            Name = $"{trained.Name}_test"
            Summary = $"η(t) of the networks of {trained.Name}, before clipping, over test episodes"
            Axes = axes
            Tests = Some trained.Name
            Figures = [ { Name = figure; Kind = InnerRate } ]
        }
        |> fun e ->
            if e.Name = name then
                e
            else
                invalidOp $"{name} tests another experiment"

    let private find name experiments =
        experiments |> List.find (fun (e: Experiment) -> e.Name = name)

    let private tests =
        [
            find "cuereward_large" cueRewards
            |> test "cuereward_large_test" [ cells; plastic ] "{cell}_lr_curves"
            find "seqreproduction_long_compare_delay" sequences
            |> test
                "seqreproduction_long_compare_delay_test"
                [ "delay", [ "40" ]; "cell", [ "LSTM" ]; plastic ]
                "{cell}_lr_curves"
            find "regression_mlp" regressions
            |> test "regression_mlp_test" [ "K", [ "20" ]; cells; plastic ] "{cell}_lr_curves_mlp"
        ]

    /// All of them, in the order of `list`.
    let internal all: Experiment list =
        cueRewards
        @ sequences
        @ regressions
        @ tests
        @ TraceExperiments.all
        @ ImageExperiments.all comparable
        @ AtlasExperiment.all

    /// The image sets that an experiment or a task needs.
    let internal imageSets (name: string) : string list =
        match all |> List.tryFind (fun experiment -> experiment.Name = name) with
        | Some experiment ->
            experiment.Base.Task
            :: (experiment.Axes
                |> List.filter (fun (key, _) -> key = "task")
                |> List.collect snd)
        | None -> [ name ]
        |> List.distinct
        |> List.filter _.StartsWith(FewShotTask.Prefix)
        |> List.map _.Substring(FewShotTask.Prefix.Length)

    /// What `train` and similar commands take: the experiment of that name, or the task of that name in a library on its own. If a
    /// name is both, a width set by hand selects the task if the experiment matches its networks' widths.
    let tryFind (library: Library) (name: string) (overrides: Override list) : Experiment option =
        let task () =
            library.TryTask name |> Option.map (Experiment.ofTask library)

        let matchesWidths (e: Experiment) =
            library.Rules
            |> List.exists (fun rule ->
                (e.Complete
                    { e.Base with
                        Library = library
                        Rule = rule.Name
                    })
                    .Hidden
                <> e.Base.Hidden)

        let hasWidth = overrides |> List.exists (fun o -> o.Field.Name = "hidden")

        let published =
            all
            |> List.tryFind (fun experiment -> experiment.Name = name)
            |> Option.map (withBase (fun settings -> { settings with Library = library }))

        match published with
        | Some experiment when hasWidth && matchesWidths experiment -> task () |> Option.orElse (Some experiment)
        | Some experiment -> Some experiment
        | None -> task ()

    /// Every name that tryFind knows.
    let names (library: Library) : string list =
        (all |> List.map _.Name) @ (library.Tasks |> List.map _.Name) |> List.distinct
