namespace Plastic.Tasks

/// The named tasks. Tests enumerate this list, so every task in it is held to the laws.
[<RequireQualifiedAccess>]
module Catalogue =
    /// All of them, in the order of `list`.
    let tasks: Task list =
        [
            CueReward.task
            SeqReproduction.task
            Regression.task
            BohpCompletion.task
            BohpLabels.oneshot
            BohpLabels.reversal
            Patterns.task
        ]

    /// The task of that name.
    let tryFind (name: string) : Task option =
        tasks |> List.tryFind (fun task -> task.Name = name)
