namespace Plastic.Tasks

open Argu

type TrainArguments =
    | [<MainCommand>] Name_And_Settings of words: string list
    | [<Unique>] Seed of seeds: string
    | [<Unique>] Out of folder: string
    | [<Unique>] Threads of count: string
    | [<Unique>] Dry_Run

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name_And_Settings _ ->
                "an experiment or a task, then key=value … (plastic config NAME --explain: which keys)"
            | Seed _ -> "one seed, or A..B for all from A to B"
            | Out _ -> "the folder that receives runs/ and figures/ (default: here)"
            | Threads _ -> "how many threads (default: one per processor); results do not depend on it"
            | Dry_Run -> "say what would be trained, and train nothing"

type FiguresArguments =
    | [<MainCommand>] Name_And_Settings of words: string list
    | [<Unique>] Seed of seeds: string
    | [<Unique>] Out of folder: string
    | [<Unique>] Allow_Missing

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name_And_Settings _ -> "an experiment or a task, with the key=value … that it was trained with"
            | Seed _ -> "one seed, or A..B for all from A to B"
            | Out _ -> "the folder that holds runs/ and receives figures/ (default: here)"
            | Allow_Missing -> "draw what is there although runs are missing"

type VerifyArguments =
    | [<MainCommand>] Files of golden: string list

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Files _ -> "golden cases (json)"

type GradcheckArguments =
    | [<Unique>] Seed of seed: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Seed _ -> "decides points and directions (default: 0)"

type ListArguments =
    | [<MainCommand>] Topic of topic: string list
    | [<Unique>] Out of folder: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Topic _ -> "experiments, tasks, rules or runs (default: all but runs)"
            | Out _ -> "the folder that holds runs/ (default: here)"

type ShowArguments =
    | [<MainCommand>] Run of folder: string list

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Run _ -> "a run's folder, or one above it"

type ConfigArguments =
    | [<MainCommand>] Name_And_Settings of words: string list
    | [<Unique>] Explain

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name_And_Settings _ -> "an experiment or a task, then key=value …"
            | Explain -> "with every setting's range and meaning"

type Arguments =
    | [<CliPrefix(CliPrefix.None)>] Train of ParseResults<TrainArguments>
    | [<CliPrefix(CliPrefix.None)>] Figures of ParseResults<FiguresArguments>
    | [<CliPrefix(CliPrefix.None)>] List of ParseResults<ListArguments>
    | [<CliPrefix(CliPrefix.None)>] Show of ParseResults<ShowArguments>
    | [<CliPrefix(CliPrefix.None)>] Config of ParseResults<ConfigArguments>
    | [<CliPrefix(CliPrefix.None)>] Verify of ParseResults<VerifyArguments>
    | [<CliPrefix(CliPrefix.None)>] Gradcheck of ParseResults<GradcheckArguments>
    | [<Inherit>] Json
    | [<Inherit>] Quiet
    | [<Inherit>] No_Color
    | [<Inherit; AltCommandLine("-v")>] Verbose
    | Version

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Train _ -> "train the runs of an experiment, or one run of a task, and draw the figures"
            | Figures _ -> "draw the figures of what was trained"
            | List _ -> "what there is: experiments, tasks, rules, runs"
            | Show _ -> "what a run is and what came of it"
            | Config _ -> "every setting of an experiment or a task"
            | Verify _ -> "compare the executors with golden cases"
            | Gradcheck _ -> "compare every derivative with central differences"
            | Json -> "results as one JSON document on stdout"
            | Quiet -> "no messages but warnings and errors"
            | No_Color -> "no colours (also: the environment variable NO_COLOR)"
            | Verbose -> "more detail, and stack traces"
            | Version -> "the program's version"
