namespace Plastic.Tasks

/// The tasks that have a name. Tests enumerate this list: a task cannot exist without its laws.
[<RequireQualifiedAccess>]
module Catalogue =
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
