namespace Plastic.Settings

open Plastic.Tasks

/// The experiments of Miconi 2016 and of Miconi, Clune and Stanley 2018.
[<RequireQualifiedAccess>]
module internal TraceExperiments =
    /// The published runs of a task as an experiment.
    let private published name summary seeds figures (task: Task) change =
        let settings = Configuration.published Library.BuiltIn task |> change

        {
            Name = name
            Summary = summary
            Base = settings
            Axes = [ "cell", [ settings.Cell.Name ]; "rule", [ settings.Rule ] ]
            Complete = id
            Seeds = seeds
            Tests = None
            Figures = figures
        }

    /// Miconi 2016, sections 3.1 to 3.3; and variants in which all of these seeds succeed (docs/results.md says why). A unit whose α
    /// are negative erases what it recalls: it can learn anew, and tells similar patterns apart. Hidden biases lead one-shot
    /// learning to a worse optimum; so do single input weights, which a stronger L1 keeps at zero once noise is less.
    let private bohp =
        let twenty name summary =
            published
                name
                summary
                [ 0L .. 19L ]
                [
                    { Name = "errors"; Kind = Training }
                    { Name = "seeds"; Kind = Seeds }
                    { Name = "frozen"; Kind = Frozen }
                ]

        let negative (s: RunSettings) =
            { s with
                Alpha = Plastic.Core.AlphaMode.NegativeUniform
            }

        let unbiased s = { negative s with Biases = false }

        [
            for task in [ BohpCompletion.task; BohpLabels.oneshot; BohpLabels.reversal ] do
                twenty task.Name task.Summary task id

            twenty "bohp_oneshot_unbiased" "bohp_oneshot without biases, every α from −1" BohpLabels.oneshot unbiased

            twenty
                "bohp_oneshot_batched"
                "bohp_oneshot_unbiased with 16 episodes to an update, and an L1 penalty of 0.0005"
                BohpLabels.oneshot
                (fun s ->
                    { unbiased s with
                        Batch = 16
                        PenaltyL1 = 5e-4
                    })

            twenty "bohp_reversal_negative" "bohp_reversal, every α from −1" BohpLabels.reversal negative
        ]

    /// Miconi, Clune and Stanley 2018, section 4.1; its small form, with smaller initial weights and a lower learning rate, so
    /// that random weights do not drown the few bits of a pattern; and a variant that stays solved (docs/results.md).
    let private patterns =
        let patterns name summary seeds =
            published
                name
                summary
                seeds
                [ { Name = "curves"; Kind = Learning }; { Name = "wrong"; Kind = Metric } ]
                Patterns.task

        [
            patterns "patterns_50" "memorise 2 patterns of 50 bits, complete one of them" [ 0L ] (fun s ->
                { s with
                    InitialDeviation = 0.001
                    LearningRate = 1e-4
                    ValidateEvery = 100
                })

            patterns
                "patterns_50_batched"
                "2 patterns of 50 bits as patterns_1000 trains, but every α from 1 and 16 episodes to an update"
                [ 0L .. 4L ]
                (fun s ->
                    { s with
                        Alpha = Plastic.Core.AlphaMode.Uniform
                        Batch = 16
                        ValidateEvery = 100
                    })

            patterns "patterns_1000" "memorise 5 patterns of 1000 bits, complete one of them" [ 0L ] (fun s ->
                { s with
                    Episode.Bits = 1000
                    Episode.Patterns = 5
                    Episode.Cycles = 2
                    Episode.Shown = 6
                    Episode.Pause = 4
                    ValidationBatches = 10
                    TestBatches = 50
                })
        ]

    let all: Experiment list = bohp @ patterns
