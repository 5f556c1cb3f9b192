namespace Plastic.Tasks

open System.Collections.Generic
open System.Runtime.InteropServices

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

/// The tasks by name, for C#.
[<AbstractClass; Sealed>]
type TaskBook =
    /// Every task that has a name.
    static member All: IReadOnlyList<Task> = ResizeArray Catalogue.tasks

    /// Finds a task by its name; false, and no task, if there is none of that name.
    static member TryFind(name: string, [<Out>] task: byref<Task>) : bool =
        match Catalogue.tryFind name with
        | Some found ->
            task <- found
            true
        | None -> false
