namespace Plastic.Settings

open System.Collections.Generic

/// Short runs packed into tasks.
[<AbstractClass; Sealed>]
type Packing =
    /// The runs of each task, by their places: consecutive ones while they take no longer together than a task should, and one that takes
    /// longer alone.
    static member Of(seconds: IReadOnlyList<float>, most: float) : IReadOnlyList<IReadOnlyList<int>> =
        let add (tasks: (float * int list) list) run =
            match tasks with
            | (sum, runs) :: earlier when sum + seconds[run] <= most -> (sum + seconds[run], run :: runs) :: earlier
            | _ -> (seconds[run], [ run ]) :: tasks

        [|
            for _, runs in [ 0 .. seconds.Count - 1 ] |> List.fold add [] |> List.rev -> Array.ofList (List.rev runs)
        |]

/// One job array of several that have a submission's tasks.
[<Sealed>]
type TaskArray internal (first: int, tasks: int, atOnce: int, after: int) =
    /// The submission's number of its first task, whose number in the array is 0.
    member _.First = first
    /// How many tasks it has, at least 1.
    member _.Tasks = tasks
    /// How many of them may run at the same time; 0 for all.
    member _.AtOnce = atOnce
    /// The place of the array that must have ended before this one begins; −1 for none.
    member _.After = after

    /// The least number of arrays, of about the same size, for a number of tasks, at least 1. They share the number of tasks that may run
    /// at the same time; where it is less than the number of arrays, some begin when others have ended.
    /// `longest` is the most tasks of an array, at least 1; `atOnce` is 0 where any number may run.
    static member Split(tasks: int, longest: int, atOnce: int) : IReadOnlyList<TaskArray> =
        // As even as whole numbers allow, the larger ones first.
        let share whole parts part =
            whole / parts + (if part < whole % parts then 1 else 0)

        let arrays = (tasks + longest - 1) / longest
        let together = if atOnce = 0 then arrays else min arrays atOnce

        let firsts =
            [ 0 .. arrays - 1 ] |> List.scan (fun first k -> first + share tasks arrays k) 0

        [|
            for k in 0 .. arrays - 1 ->
                let limit =
                    if atOnce = 0 then
                        0
                    else
                        share atOnce together (k % together)

                TaskArray(firsts[k], share tasks arrays k, limit, (if k < together then -1 else k - together))
        |]
