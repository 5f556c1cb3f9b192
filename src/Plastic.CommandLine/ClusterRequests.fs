namespace Plastic.CommandLine

open System.Collections.Generic
open Plastic.Settings

/// What starts the tasks of a submission.
type TaskEngine =
    /// Job arrays of Slurm.
    | Slurm = 0
    /// Any other engine, or a person: the commands are written to a file, one a line.
    | List = 1

/// `submit NAME [key=value …] [--seed N|A..B] [--out DIR] [--at-once N] [--cpus N] [--time H:MM] [--sbatch "…"] [--engine slurm|list] [--dry-run]`
[<Sealed>]
type SubmitRequest
    internal
    (
        plan: Plan,
        words: string list,
        directory: string,
        atOnce: int,
        resources: Resources,
        minutes: int,
        sbatch: IReadOnlyList<string>,
        engine: TaskEngine,
        dryRun: bool
    ) =
    inherit Command()
    /// The runs and figures that it is about.
    member _.Plan = plan
    /// The words of other commands that mean the same plan and folder.
    member _.Words: IReadOnlyList<string> = Array.ofList words
    /// The folder that holds runs/ and figures/; empty for the current one.
    member _.Directory = directory
    /// How many tasks may run at the same time; 0 for any number.
    member _.AtOnce = atOnce
    /// What a task's runs may use: its threads are the processors that it asks for.
    member _.Resources = resources
    /// The time limit of a task in minutes; 0 to measure what it takes.
    member _.Minutes = minutes
    /// Further words for sbatch.
    member _.Sbatch = sbatch
    /// What starts the tasks.
    member _.Engine = engine
    /// Print what would be submitted, and submit nothing.
    member _.DryRun = dryRun

/// `work SUBMISSION TASK [--threads N] [--trust]`
[<Sealed>]
type WorkRequest internal (submission: string, task: int, resources: Resources, trust: bool) =
    inherit Command()
    /// The submission's folder, as given.
    member _.Submission = submission
    /// The number of the task, from 0.
    member _.Task = task
    /// What its runs may use.
    member _.Resources = resources
    /// They continue from their newest checkpoints.
    member _.Checkpoints = Checkpoints(Resume.Auto, 60)
    /// Whether code in the submission's folder may run.
    member _.Reading = RunReading(trust, null)

/// `status NAME [--out DIR]`
[<Sealed>]
type StatusRequest internal (name: string, directory: string) =
    inherit Command()
    /// The experiment or task: a folder of runs.
    member _.Name = name
    /// The folder that holds runs/; empty for the current one.
    member _.Directory = directory
