namespace Plastic.CommandLine

open Argu

type internal SubmitArguments =
    | [<MainCommand>] Name_And_Settings of words: string list
    | [<Unique>] Seed of seeds: string
    | [<Unique>] Out of folder: string
    | [<Unique>] At_Once of count: string
    | [<Unique>] Cpus of count: string
    | [<Unique>] Time of limit: string
    | [<Unique>] Sbatch of options: string
    | [<Unique>] Engine of name: string
    | [<Unique>] Dry_Run

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name_And_Settings _ ->
                "an experiment or a task, then key=value …, as for train; of its runs, those that are neither finished nor in a job"
            | Seed _ -> Meaning.seeds
            | Out _ ->
                "the folder for runs/ and figures/, which all machines of the cluster must see (default: the current one)"
            | At_Once _ -> "how many tasks may run at the same time (default: as many as the cluster lets)"
            | Cpus _ ->
                "processors of a task, which are the threads of its runs (default: 2); results do not depend on it"
            | Time _ ->
                "time limit of a task, H:MM; each run then has a task of its own (default: a few steps are measured here, short runs are packed into tasks of ten minutes, and the limit is twice the longest)"
            | Sbatch _ -> "further options for sbatch, in quotes: --sbatch \"--partition=short --account=lab\""
            | Engine _ -> "slurm, or list: writes one command a line for any other engine (default: slurm)"
            | Dry_Run -> "print the tasks, the job script and the commands; submit nothing"

type internal WorkArguments =
    | [<MainCommand>] Submission_And_Task of words: string list
    | [<Unique>] Threads of count: string
    | [<Unique>] History of megabytes: string
    | [<Unique>] Trust

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Submission_And_Task _ ->
                "the folder of a submission, and the number of one of its tasks: a line of tasks.jsonl, from 0"
            | Threads _ -> Meaning.threads
            | History _ -> Meaning.history
            | Trust -> "run the code in the submission's folder, of a rule or a task from a file"

type internal StatusArguments =
    | [<MainCommand>] Name of words: string list
    | [<Unique>] Out of folder: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name _ -> "an experiment or a task with runs"
            | Out _ -> Meaning.runsFolder
