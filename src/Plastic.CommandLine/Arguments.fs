namespace Plastic.CommandLine

open Argu

/// What options mean that several commands have.
module private Meaning =
    let seeds = "one seed, or A..B for all from A to B"

    let threads =
        "how many threads (default: one per processor); results do not depend on it"

    let history =
        "how many MB of fast weights each thread may store for the way back (default: 64); with less, more is computed again"

    let checkpoint = "seconds from one checkpoint to the next (default: 60)"

type TrainArguments =
    | [<MainCommand>] Name_And_Settings of words: string list
    | [<Unique>] Seed of seeds: string
    | [<Unique>] Out of folder: string
    | [<Unique>] Threads of count: string
    | [<Unique>] Jobs of count: string
    | [<Unique>] Max_Failures of count: string
    | [<Unique>] History of megabytes: string
    | [<Unique>] Resume of policy: string
    | [<Unique>] Checkpoint of seconds: string
    | [<Unique>] Dry_Run

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name_And_Settings _ ->
                "an experiment or a task, then key=value …, of which key=a,b makes an axis (plastic config NAME --explain: which keys)"
            | Seed _ -> Meaning.seeds
            | Out _ -> "the folder that receives runs/ and figures/ (default: here)"
            | Threads _ -> Meaning.threads
            | History _ -> Meaning.history
            | Resume _ ->
                "what to do with unfinished runs: auto goes on from the newest checkpoint if there is one, must needs one, never starts over (default: auto)"
            | Checkpoint _ -> Meaning.checkpoint
            | Jobs _ -> "how many runs at a time, each with its share of the threads (default: 1)"
            | Max_Failures _ -> "how many runs may fail before no further one is begun (default: any number)"
            | Dry_Run -> "say what would be trained and how long it would take, and train nothing"

type ResumeArguments =
    | [<MainCommand>] Run_And_Settings of words: string list
    | [<Unique>] Threads of count: string
    | [<Unique>] History of megabytes: string
    | [<Unique>] Checkpoint of seconds: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Run_And_Settings _ ->
                "the folder of a run, then, to go on for longer or to log otherwise, max_batch=N, log_every=N; it is another run then than the experiment's own"
            | Threads _ -> Meaning.threads
            | History _ -> Meaning.history
            | Checkpoint _ -> Meaning.checkpoint

type FiguresArguments =
    | [<MainCommand>] Name_And_Settings of words: string list
    | [<Unique>] Seed of seeds: string
    | [<Unique>] Out of folder: string
    | [<Unique>] Allow_Missing

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name_And_Settings _ -> "an experiment or a task, with the key=value … that it was trained with; or all"
            | Seed _ -> Meaning.seeds
            | Out _ -> "the folder that holds runs/ and receives figures/ (default: here)"
            | Allow_Missing -> "draw what is there although runs are missing"

type EvalArguments =
    | [<MainCommand>] Run_And_Settings of words: string list
    | [<Unique>] Threads of count: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Run_And_Settings _ -> "a finished run's folder, then settings of its task, key=value …"
            | Threads _ -> Meaning.threads

type ReportArguments =
    | [<MainCommand>] Name_And_Settings of words: string list
    | [<Unique>] Seed of seeds: string
    | [<Unique>] Out of folder: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name_And_Settings _ -> "an experiment or a task, with the key=value … that it was trained with"
            | Seed _ -> Meaning.seeds
            | Out _ -> "the folder that holds runs/ and receives reports/ (default: here)"

type VerifyArguments =
    | [<MainCommand>] Files of golden: string list

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Files _ -> "golden cases (json)"

type GradcheckArguments =
    | [<Unique>] Seed of seed: string
    | [<Unique>] Analytic

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Seed _ -> "decides points and directions (default: 0)"
            | Analytic -> "instead, the closed-form gradients of Miconi 2016 through a Hebbian trace against Diff's"

/// The peer's options, by its names, and then the program's own.
type WorkloadArguments =
    | [<MainCommand>] Settings of words: string list
    | [<Unique>] Cell of name: string
    | [<Unique>] Rule of name: string
    | [<Unique>] Hidden of units: string
    | [<Unique>] Inputs of length: string
    | [<Unique>] Extra of outputs: string
    | [<Unique>] Steps of count: string
    | [<Unique>] Batch of episodes: string
    | [<Unique>] Threads of count: string
    | [<Unique>] Repeat of count: string
    | [<Unique>] History of megabytes: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Settings _ -> "further settings of the network, key=value … (plastic config NAME --explain: which keys)"
            | Cell _ -> "RNN, LSTM, single, double or attractor (default: RNN)"
            | Rule _ -> "any rule (plastic list rules; default: hebbian)"
            | Hidden _ -> "units (default: 128)"
            | Inputs _ -> "length of the input vector (default: 16)"
            | Extra _ -> "outputs that only the inner loss reads (default: 4)"
            | Steps _ -> "steps of an episode (default: 20)"
            | Batch _ -> "episodes in a batch (default: 64)"
            | Threads _ -> Meaning.threads
            | Repeat _ -> "training steps that count, after a warm-up of 1.5 s (default: 20)"
            | History _ -> Meaning.history

type BenchArguments =
    | [<CliPrefix(CliPrefix.None)>] Step of ParseResults<WorkloadArguments>
    | [<CliPrefix(CliPrefix.None)>] Roofline of ParseResults<WorkloadArguments>

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Step _ -> "time whole training steps: forward, backward, clip, optimiser"
            | Roofline _ -> "what the machine can do, what a step asks of it, and where the time goes"

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
    | [<CliPrefix(CliPrefix.None)>] Resume of ParseResults<ResumeArguments>
    | [<CliPrefix(CliPrefix.None)>] Figures of ParseResults<FiguresArguments>
    | [<CliPrefix(CliPrefix.None)>] Report of ParseResults<ReportArguments>
    | [<CliPrefix(CliPrefix.None)>] Eval of ParseResults<EvalArguments>
    | [<CliPrefix(CliPrefix.None)>] List of ParseResults<ListArguments>
    | [<CliPrefix(CliPrefix.None)>] Show of ParseResults<ShowArguments>
    | [<CliPrefix(CliPrefix.None)>] Config of ParseResults<ConfigArguments>
    | [<CliPrefix(CliPrefix.None)>] Verify of ParseResults<VerifyArguments>
    | [<CliPrefix(CliPrefix.None)>] Gradcheck of ParseResults<GradcheckArguments>
    | [<CliPrefix(CliPrefix.None)>] Bench of ParseResults<BenchArguments>
    | [<Inherit>] Json
    | [<Inherit>] Quiet
    | [<Inherit>] No_Color
    | [<Inherit; AltCommandLine("-v")>] Verbose
    | Version

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Train _ -> "train the runs of an experiment, or one run of a task, and draw the figures"
            | Resume _ -> "go on with a run from its newest checkpoint, also for longer"
            | Figures _ -> "draw the figures of what was trained"
            | Report _ -> "one page of an experiment, to open in a browser"
            | Eval _ -> "test a trained network, also under other settings of its task"
            | List _ -> "what there is: experiments, tasks, rules, runs"
            | Show _ -> "what a run is and what came of it"
            | Config _ -> "every setting of an experiment or a task"
            | Verify _ -> "compare the executors with golden cases"
            | Gradcheck _ -> "compare every derivative with central differences"
            | Bench _ -> "how fast a training step is on this machine, and what bounds it"
            | Json -> "results as one JSON document on stdout"
            | Quiet -> "no messages but warnings and errors"
            | No_Color -> "no colours (also: the environment variable NO_COLOR)"
            | Verbose -> "more detail, and stack traces"
            | Version -> "the program's version"
