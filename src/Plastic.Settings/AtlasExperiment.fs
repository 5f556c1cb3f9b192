namespace Plastic.Settings

open Plastic.Core
open Plastic.Tasks

/// All rules on all tasks without images, at equal numbers of parameters and equal compute (docs/adr/0035).
[<RequireQualifiedAccess>]
module internal AtlasExperiment =
    /// The networks of one task.
    type Chapter =
        {
            /// Name of the task.
            Task: string
            /// How its networks are wired. Where labels alternate a recurrent network counts instead of remembering, so those tasks
            /// have the two layers without recurrence of their publication, and memory in the synapses alone.
            Cell: Cell
            /// The arithmetic of all updates of one run (Core's Arithmetic), in units of 10⁹.
            Work: float
            /// Of each rule: hidden units, and updates.
            Sizes: (string * int * int) list
        }

    let private chapter task cell work sizes =
        {
            Task = task
            Cell = cell
            Work = work
            Sizes = sizes
        }

    /// Widths that give a task's networks as many trained parameters as whole units allow, about 4,000, and updates that give each run
    /// the work of its chapter. Numbers instead of a search, so that a list of experiments builds no networks; a law holds them.
    /// An episode of bohp_completion has two steps: with the others' work it would get ten times their updates.
    let chapters: Chapter list =
        let labels =
            [
                "gradient", 139, 3282
                "hebbian", 139, 4001
                "none", 224, 7893
                "bohp", 144, 4727
                "trace", 144, 4025
                "oja", 144, 3895
                "neuromodulated", 144, 4025
                "retroactive", 144, 2936
            ]

        [
            chapter
                "cuereward"
                Rnn
                50.0
                [
                    "gradient", 26, 2767
                    "hebbian", 26, 3115
                    "none", 39, 6872
                    "bohp", 26, 3790
                    "trace", 26, 3193
                    "oja", 26, 3144
                    "neuromodulated", 26, 3193
                    "retroactive", 26, 2292
                ]
            chapter
                "patterns"
                Rnn
                50.0
                [
                    "gradient", 23, 4516
                    "hebbian", 23, 5201
                    "none", 36, 11564
                    "bohp", 23, 6324
                    "trace", 23, 5330
                    "oja", 23, 5244
                    "neuromodulated", 23, 5330
                    "retroactive", 23, 3827
                ]
            chapter
                "seqreproduction"
                Rnn
                50.0
                [
                    "gradient", 29, 1745
                    "hebbian", 29, 1998
                    "none", 42, 4374
                    "bohp", 29, 2421
                    "trace", 29, 2050
                    "oja", 29, 2017
                    "neuromodulated", 29, 2051
                    "retroactive", 29, 1483
                ]
            chapter "bohp_oneshot" TwoLayer 50.0 labels
            chapter "bohp_reversal" TwoLayer 50.0 labels
            chapter
                "regression"
                Rnn
                50.0
                [
                    "gradient", 27, 1765
                    "hebbian", 27, 1992
                    "none", 40, 4437
                    "bohp", 27, 2421
                    "trace", 27, 2042
                    "oja", 27, 2010
                    "neuromodulated", 27, 2042
                    "retroactive", 27, 1467
                ]
            chapter
                "bohp_completion"
                TwoLayer
                10.0
                [
                    "gradient", 122, 6894
                    "hebbian", 122, 9374
                    "none", 172, 15576
                    "bohp", 126, 10790
                    "trace", 126, 9470
                    "oja", 126, 9156
                    "neuromodulated", 126, 9470
                    "retroactive", 126, 7254
                ]
        ]

    /// The least width of the table, to which a width given by hand compares: twice it doubles all of them.
    let private least = 23

    /// The table's network and updates; a rule that it lacks gets those of `trace`, and a task that it lacks those of the first.
    let private sized (settings: RunSettings) : RunSettings =
        let chapter =
            chapters
            |> List.tryFind (fun chapter -> chapter.Task = settings.Task)
            |> Option.defaultValue chapters.Head

        let sizeOf name =
            chapter.Sizes |> List.tryFind (fun (rule, _, _) -> rule = name)

        let _, hidden, updates =
            sizeOf settings.Rule |> Option.orElse (sizeOf Rules.Trace.rule.Name) |> _.Value

        { settings with
            Cell = chapter.Cell
            Hidden = hidden * settings.Hidden / least
            MaxBatch = updates - 1
        }

    /// The experiment.
    let all: Experiment list =
        [
            {
                Name = "atlas"
                Summary = "all rules on all tasks, at equal numbers of parameters and equal compute: ranks"
                Base =
                    { RunSettings.Default with
                        Episode.SequenceLength = 5
                        Episode.Pairs = 10
                        Episode.Bits = 20
                        Hidden = least
                        Batch = 16
                        LearningRate = 3e-3
                        ValidateEvery = 100
                        ValidationBatches = 20
                    }
                Axes =
                    [
                        "task", [ for chapter in chapters -> chapter.Task ]
                        "rule", [ for rule, _, _ in chapters.Head.Sizes -> rule ]
                    ]
                Complete = sized
                Seeds = [ 0L .. 4L ]
                Tests = None
                Figures = [ { Name = "ranks"; Kind = Ranks "rule" } ]
            }
        ]
