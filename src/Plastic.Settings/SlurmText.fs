namespace Plastic.Settings

open System
open System.Collections.Generic
open System.Globalization

/// A task of a job array in Slurm's queue.
[<Sealed>]
type QueuedTask internal (job: string, task: int, state: string) =
    /// The number of the array's job.
    member _.Job = job
    /// The task's number in the array; −1 for a job that is no array.
    member _.Task = task
    /// Slurm's word for its state, "PENDING" or "RUNNING" for most.
    member _.State = state

    /// Whether it waits to be started.
    member _.IsWaiting =
        state = "PENDING" || state.StartsWith "REQUEUE" || state = "CONFIGURING"

/// What Slurm's commands print, and the forms of their options.
[<AbstractClass; Sealed>]
type SlurmText =
    /// squeue's format for Queue: the array's job, the task in it, the state; with --array, a line for each task.
    static member QueueFormat = "%F %K %T"

    /// The lines of squeue in that format; those of another form are left out.
    static member Queue(text: string) : IReadOnlyList<QueuedTask> =
        [|
            for line in text.Split '\n' do
                match line.Split(' ', StringSplitOptions.RemoveEmptyEntries ||| StringSplitOptions.TrimEntries) with
                | [| job; task; state |] when Seq.forall Char.IsAsciiDigit job ->
                    match Int32.TryParse(task, NumberStyles.None, CultureInfo.InvariantCulture) with
                    | true, number -> QueuedTask(job, number, state)
                    | _ -> QueuedTask(job, -1, state)
                | _ -> ()
        |]

    /// A whole number that `scontrol show config` prints, without its unit: "SlurmdTimeout = 300 sec"; −1 where there is none.
    static member Setting(config: string, key: string) : int =
        let value (line: string) =
            match line.Split('=', 2) with
            | [| name; value |] when name.Trim() = key -> Some(value.Trim().Split(' ')[0])
            | _ -> None

        match config.Split '\n' |> Array.tryPick value with
        | Some text ->
            match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, number -> number
            | _ -> -1
        | None -> -1

    /// The job's number in what `sbatch --parsable` prints, "123" or "123;cluster"; null where there is none.
    static member Job(printed: string) : string | null =
        let number = printed.Trim().Split(';')[0]

        if number <> "" && Seq.forall Char.IsAsciiDigit number then
            number
        else
            null

    /// The tasks of an array as --array has them: "0-7%3".
    static member Range(array: TaskArray) : string =
        let limit = if array.AtOnce = 0 then "" else $"%%{array.AtOnce}"
        $"0-{array.Tasks - 1}{limit}"

    /// A path where Slurm reads a pattern: the letter % stands for itself.
    static member Pattern(path: string) : string = path.Replace("%", "%%")

    /// Minutes as --time has them: "1:05:00".
    static member Time(minutes: int) : string = $"{minutes / 60}:{minutes % 60:D2}:00"
