namespace Plastic.CommandLine

open Argu

type internal ListArguments =
    | [<MainCommand>] Topic of topic: string list
    | [<Unique>] Out of folder: string
    | Filter of condition: string
    | [<Unique>] Sort of key: string
    | [<Unique>] Reverse
    | [<Unique>] Csv

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Topic _ -> "experiments, tasks, rules, claims or runs (default: all but runs)"
            | Out _ -> Meaning.runsFolder
            | Filter _ ->
                "runs that meet a condition, such as rule=hebbian, lr<0.01, state=f*, loss<0.1, accuracy>0.5, age>2d, size>10MB, tag=paper; several --filter must all be met"
            | Sort _ ->
                "runs in order of a setting or of loss, validation, measure (the task's metric, also by its own name, such as accuracy), step, age, size"
            | Reverse -> "the largest first"
            | Csv -> "runs as csv, with every setting that differs"

type internal CompareArguments =
    | [<MainCommand>] Runs of runs: string list
    | [<Unique>] Out of folder: string
    | [<Unique>] Csv

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Runs _ ->
                "folders of runs, points or experiments, or names or tags of runs; the others are compared with the first"
            | Out _ -> Meaning.runsFolder
            | Csv -> "as csv"

type internal RemoveArguments =
    | [<MainCommand>] Runs of runs: string list
    | [<Unique>] Out of folder: string
    | [<Unique>] Yes

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Runs _ -> "folders of runs, points or experiments, or names or tags of runs"
            | Out _ -> Meaning.runsFolder
            | Yes -> "delete without asking"

type internal ShowArguments =
    | [<MainCommand>] Run of folder: string list

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Run _ -> "the folder of a run, or one above it"

type internal AnalyseArguments =
    | [<MainCommand>] Run of folder: string list
    | [<Unique; AltCommandLine("-o")>] Output of folder: string
    | [<Unique>] Episodes of count: string
    | [<Unique>] Threads of count: string
    | [<Unique>] Trust

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Run _ -> "the folder of a finished run of a plastic network"
            | Output _ -> "the folder for figures and numbers (default: analysis/EXPERIMENT/POINT/seed=N)"
            | Episodes _ -> "test episodes, from 16 to 1024 (default: 256)"
            | Threads _ -> Meaning.threads
            | Trust -> Meaning.trust

type internal StopArguments =
    | [<MainCommand>] Runs of runs: string list
    | [<Unique>] Out of folder: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Runs _ -> "folders of runs, points or experiments, or names or tags of runs"
            | Out _ -> Meaning.runsFolder

type internal WatchArguments =
    | [<MainCommand>] Folder of folder: string list
    | [<Unique>] Port of number: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Folder _ -> "the folder that holds runs/, or runs/ itself (default: the current one)"
            | Port _ -> "the port of the page, on this machine alone (default: one that is free)"
