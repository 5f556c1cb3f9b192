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

    /// Miconi 2016, sections 3.1 to 3.3; and one-shot learning with the network that the published code arrives at: its
    /// update of the biases omits the gradient through the trace, and drives them to zero.
    let private bohp =
        let twenty name summary =
            published
                name
                summary
                [ 0L .. 19L ]
                [ { Name = "errors"; Kind = Training }; { Name = "frozen"; Kind = Frozen } ]

        [
            for task in [ BohpCompletion.task; BohpLabels.oneshot; BohpLabels.reversal ] do
                twenty task.Name task.Summary task id

            twenty "bohp_oneshot_unbiased" "bohp_oneshot without biases, every α from −1" BohpLabels.oneshot (fun s ->
                { s with
                    Biases = false
                    Alpha = Plastic.Core.AlphaMode.NegativeUniform
                })
        ]

    /// Miconi, Clune and Stanley 2018, section 4.1; and its small form, with smaller initial weights and a lower learning rate, so
    /// that random weights do not drown the few bits of a pattern.
    let private patterns =
        let patterns name summary =
            published name summary [ 0L ] [ { Name = "curves"; Kind = Learning } ] Patterns.task

        [
            patterns "patterns_50" "memorise 2 patterns of 50 bits, complete one of them" (fun s ->
                { s with
                    InitialDeviation = 0.001
                    LearningRate = 1e-4
                    ValidateEvery = 100
                })
            patterns "patterns_1000" "memorise 5 patterns of 1000 bits, complete one of them" (fun s ->
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
