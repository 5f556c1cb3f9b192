namespace Plastic.Settings

open Plastic.Core
open Plastic.Tasks

/// The experiments of few-shot classification (Duan et al. 2023, section 4.3).
[<RequireQualifiedAccess>]
module internal ImageExperiments =
    let private sets = [ "cifar_fs"; "mini_imagenet" ]

    let private figures split =
        [
            {
                Name = "loss" + split
                Kind = Training
            }
            {
                Name = "accuracy" + split
                Kind = Metric
            }
            {
                Name = "accuracy_table"
                Kind = MetricTable "rule"
            }
        ]

    let private cells = [ "RNN"; "LSTM" ]

    let private experiment complete name summary set axes cells split change =
        let task =
            FewShotTask.Known
            |> List.find (fun task -> task.Name = FewShotTask.Prefix + set)

        {
            Name = name
            Summary = summary
            Base = Configuration.published Library.BuiltIn task |> change
            Axes = axes @ [ "rule", [ "gradient"; "hebbian"; "none" ]; "cell", cells ]
            Complete = complete
            Seeds = [ 0L .. 3L ]
            Tests = None
            Figures = figures split
        }

    /// The experiments; `complete` makes the networks' widths comparable.
    let all (complete: RunSettings -> RunSettings) : Experiment list =
        let tasks = "task", [ for set in sets -> FewShotTask.Prefix + set ]

        [
            experiment
                complete
                "fsc"
                "few-shot classification with Conv4 on CIFAR-FS and miniImageNet: all rules, both cells"
                "cifar_fs"
                [ tasks ]
                cells
                "_{task}_{cell}"
                (fun s -> { s with Hidden = 256 })
            experiment
                complete
                "fsc_resnet"
                "few-shot classification with ResNet-12 on CIFAR-FS and miniImageNet: all rules, both cells"
                "cifar_fs"
                [ tasks ]
                cells
                "_{task}_{cell}"
                (fun s ->
                    { s with
                        Encoder = ValueSome ResNet12
                        Hidden = 256
                    })
            experiment
                complete
                "fsc_signs"
                "few-shot classification of drawn signs with a narrow Conv4: all rules, both cells, and prototypes; two hours on two cores"
                "signs"
                []
                (cells @ [ "prototypes" ])
                "_{cell}"
                (fun s ->
                    { s with
                        Episode.Labels = FewShotLabels.Shuffled
                        EncoderWidth = 16
                        EncoderWarmup = 1000
                        Hidden = 64
                        RuleValues = s.RuleValues.With(Descent.learningRate, 1.0)
                        InnerLoss = PerSample
                        MaxBatch = 4000
                        LogEvery = 50
                        ValidateEvery = 250
                        ValidationBatches = 20
                    })
        ]
