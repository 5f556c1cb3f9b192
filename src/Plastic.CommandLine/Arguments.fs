namespace Plastic.CommandLine

open Argu

type internal TrainArguments =
    | [<MainCommand>] Name_And_Settings of words: string list
    | [<Unique>] Seed of seeds: string
    | [<Unique>] Out of folder: string
    | [<Unique>] Threads of count: string
    | [<Unique>] Device of name: string
    | [<Unique>] Ranks of transport: string
    | [<Unique>] Jobs of count: string
    | [<Unique>] Max_Failures of count: string
    | [<Unique>] History of megabytes: string
    | [<Unique>] Resume of policy: string
    | [<Unique>] Checkpoint of seconds: string
    | [<Unique>] Name of word: string
    | Tag of word: string
    | [<Unique>] TensorBoard
    | [<Unique>] Dry_Run

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name_And_Settings _ ->
                "an experiment or a task, then key=value …; key=a,b makes an axis (plastic config NAME --explain lists the keys)"
            | Seed _ -> Meaning.seeds
            | Out _ -> "the folder for runs/ and figures/ (default: the current one)"
            | Threads _ -> Meaning.threads
            | Device _ -> Meaning.device
            | Ranks _ -> Meaning.ranks
            | History _ -> Meaning.history
            | Resume _ ->
                "unfinished runs: auto resumes from the newest checkpoint, if any; must fails without one; never discards it and starts from step 0 (default: auto)"
            | Checkpoint _ -> Meaning.checkpoint
            | Jobs _ -> "number of runs to train in parallel, each with its share of the threads (default: 1)"
            | Max_Failures _ -> "stop starting new runs after this many have failed (default: no limit)"
            | Name _ -> "what to call these runs; list, compare, show and rm accept it"
            | Tag _ -> "a word to find these runs by; may be given several times"
            | TensorBoard -> "write event files for TensorBoard too, to tensorboard/ beside runs/"
            | Dry_Run -> "print what would be trained and how long it would take; train nothing"

type internal ResumeArguments =
    | [<MainCommand>] Run_And_Settings of words: string list
    | [<Unique>] Threads of count: string
    | [<Unique>] Device of name: string
    | [<Unique>] Ranks of transport: string
    | [<Unique>] History of megabytes: string
    | [<Unique>] Checkpoint of seconds: string
    | [<Unique>] Trust

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Trust -> Meaning.trust
            | Run_And_Settings _ ->
                "the folder of a run; then max_batch=N to extend it, log_every=N to log at another interval. A changed run no longer counts as the experiment's own"
            | Threads _ -> Meaning.threads
            | Device _ -> Meaning.device
            | Ranks _ -> Meaning.ranks
            | History _ -> Meaning.history
            | Checkpoint _ -> Meaning.checkpoint

type internal FiguresArguments =
    | [<MainCommand>] Name_And_Settings of words: string list
    | [<Unique>] Seed of seeds: string
    | [<Unique>] Out of folder: string
    | [<Unique>] Allow_Missing

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name_And_Settings _ -> "an experiment or a task, with the key=value … it was trained with; or all"
            | Seed _ -> Meaning.seeds
            | Out _ -> "the folder that holds runs/, also for figures/ (default: the current one)"
            | Allow_Missing -> "draw even if runs are missing"

type internal EvalArguments =
    | [<MainCommand>] Run_And_Settings of words: string list
    | [<Unique>] Threads of count: string
    | [<Unique>] Device of name: string
    | [<Unique>] Trust

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Trust -> Meaning.trust
            | Run_And_Settings _ -> "the folder of a finished run, then settings of its task, key=value …"
            | Threads _ -> Meaning.threads
            | Device _ -> Meaning.device

type internal ExportArguments =
    | [<MainCommand>] What of words: string list
    | [<Unique; AltCommandLine("-o")>] Output of file: string
    | [<Unique>] Episodes of count: string
    | [<Unique>] Layers of names: string
    | [<Unique>] Steps of steps: string
    | [<Unique>] Seed of seeds: string
    | [<Unique>] Out of folder: string
    | [<Unique>] Threads of count: string
    | [<Unique>] Trust

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | What _ ->
                "the folder of one finished run, for its test episodes and weights (each run needs an export of its own); or an experiment or a task with its key=value …, for the metrics of its runs; or tensorboard, then such a name and settings, for event files in tensorboard/ beside runs/"
            | Output _ -> "the file to write: .npz, .safetensors or .csv (not for tensorboard)"
            | Episodes _ -> "number of test episodes, the first ones (default: 8)"
            | Layers _ -> "layers whose fast weights are exported: A,B, all or none (default: all)"
            | Steps _ ->
                "steps after which states and fast weights are exported: 1,5,10..12 or all (default: at most 40, evenly spaced)"
            | Seed _ -> Meaning.seeds
            | Out _ -> Meaning.runsFolder
            | Threads _ -> Meaning.threads
            | Trust -> Meaning.trust

type internal ReportArguments =
    | [<MainCommand>] Name_And_Settings of words: string list
    | [<Unique>] Seed of seeds: string
    | [<Unique>] Out of folder: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name_And_Settings _ -> "an experiment or a task, with the key=value … it was trained with"
            | Seed _ -> Meaning.seeds
            | Out _ -> "the folder that holds runs/, also for reports/ (default: the current one)"

type internal VerifyArguments =
    | [<MainCommand>] Files of golden: string list
    | [<Unique>] Device of name: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Files _ -> "golden cases (json)"
            | Device _ -> "cpu, opencl[:N] or cuda[:N]: what is compared with the reference (default: cpu)"

type internal DevicesArguments =
    | [<MainCommand; Hidden>] Nothing of words: string list

    interface IArgParserTemplate with
        member _.Usage = ""

type internal SelftestArguments =
    | [<MainCommand; Hidden>] Nothing of words: string list
    | [<Unique>] Device of name: string
    | [<Unique>] Hidden of units: string
    | [<Unique>] Steps of count: string
    | [<Unique>] Batch of episodes: string
    | [<Unique>] Milliseconds of time: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Nothing _ -> ""
            | Device _ -> "opencl[:N] or cuda[:N] (default: cuda)"
            | Hidden _ -> "hidden units of the networks that are timed (default: 128)"
            | Steps _ -> "steps per episode (default: 20)"
            | Batch _ -> "episodes per batch (default: 64)"
            | Milliseconds _ -> "time that each measurement takes at least (default: 200)"

type internal GradcheckArguments =
    | [<MainCommand>] Rule of name: string list
    | [<Unique>] Seed of seed: string
    | [<Unique>] Analytic
    | [<Unique>] Device of name: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Rule _ -> "a rule, by name or file; without one, all operations, rules and cells"
            | Seed _ -> "seed of the points and directions (default: 0)"
            | Analytic -> "compare Diff with the closed-form gradients of Miconi 2016 through a Hebbian trace instead"
            | Device _ ->
                "check the gradients that a device computes, of a rule or of all, with every cell (plastic devices lists them)"

type internal LawsArguments =
    | [<MainCommand>] Rule of name: string list
    | [<Unique>] Seed of seed: string
    | [<Unique>] Cases of count: string
    | [<Unique>] Replay of case: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Rule _ -> "a rule (plastic list rules), or the file of one"
            | Seed _ -> "seed of the random cases (default: 0)"
            | Cases _ -> "random cases of each law (default: each law's own number)"
            | Replay _ -> "check only one case: seed,gamma,size, as printed by a failure"

type internal ConfigArguments =
    | [<MainCommand>] Name_And_Settings of words: string list
    | [<Unique>] Explain

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Name_And_Settings _ -> "an experiment or a task, then key=value …"
            | Explain -> "show the range and meaning of every setting"

type internal NewArguments =
    | [<MainCommand>] Kind_And_Name of words: string list
    | [<Unique>] Lang of language: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Kind_And_Name _ -> "rule, task or project, then its name: a letter, then letters, digits and '_'"
            | Lang _ -> "of a project: F# (a rule), C# (a task) or laws (tests of a rule's laws) (default: F#)"

type internal Arguments =
    | [<CliPrefix(CliPrefix.None)>] Train of ParseResults<TrainArguments>
    | [<CliPrefix(CliPrefix.None)>] Resume of ParseResults<ResumeArguments>
    | [<CliPrefix(CliPrefix.None)>] Submit of ParseResults<SubmitArguments>
    | [<CliPrefix(CliPrefix.None)>] Status of ParseResults<StatusArguments>
    | [<CliPrefix(CliPrefix.None)>] Work of ParseResults<WorkArguments>
    | [<CliPrefix(CliPrefix.None)>] Claims of ParseResults<ClaimsArguments>
    | [<CliPrefix(CliPrefix.None)>] Figures of ParseResults<FiguresArguments>
    | [<CliPrefix(CliPrefix.None)>] Report of ParseResults<ReportArguments>
    | [<CliPrefix(CliPrefix.None)>] Eval of ParseResults<EvalArguments>
    | [<CliPrefix(CliPrefix.None)>] Export of ParseResults<ExportArguments>
    | [<CliPrefix(CliPrefix.None)>] Analyse of ParseResults<AnalyseArguments>
    | [<CliPrefix(CliPrefix.None)>] List of ParseResults<ListArguments>
    | [<CliPrefix(CliPrefix.None)>] Show of ParseResults<ShowArguments>
    | [<CliPrefix(CliPrefix.None)>] Watch of ParseResults<WatchArguments>
    | [<CliPrefix(CliPrefix.None)>] Compare of ParseResults<CompareArguments>
    | [<CliPrefix(CliPrefix.None)>] Stop of ParseResults<StopArguments>
    | [<CliPrefix(CliPrefix.None)>] Rm of ParseResults<RemoveArguments>
    | [<CliPrefix(CliPrefix.None)>] Config of ParseResults<ConfigArguments>
    | [<CliPrefix(CliPrefix.None)>] Verify of ParseResults<VerifyArguments>
    | [<CliPrefix(CliPrefix.None)>] Devices of ParseResults<DevicesArguments>
    | [<CliPrefix(CliPrefix.None)>] Selftest of ParseResults<SelftestArguments>
    | [<CliPrefix(CliPrefix.None)>] Gradcheck of ParseResults<GradcheckArguments>
    | [<CliPrefix(CliPrefix.None)>] Laws of ParseResults<LawsArguments>
    | [<CliPrefix(CliPrefix.None)>] Bench of ParseResults<BenchArguments>
    | [<CliPrefix(CliPrefix.None)>] New of ParseResults<NewArguments>
    | [<CliPrefix(CliPrefix.None)>] Data of ParseResults<DataArguments>
    | [<Inherit>] Json
    | [<Inherit>] Quiet
    | [<Inherit>] No_Color
    | [<Inherit; AltCommandLine("-v")>] Verbose
    | Version

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Train _ -> "train the runs of an experiment, or one run of a task, and draw the figures"
            | Resume _ -> "resume a run from its newest checkpoint, or extend it"
            | Submit _ -> "train the runs of an experiment on a cluster, as job arrays of Slurm or by another engine"
            | Status _ -> "show which runs are finished, running, waiting, stopped, failed or lost, and the time left"
            | Work _ -> "train the runs of a submission's task: what job scripts call"
            | Claims _ -> "test the findings of the papers: train what is missing, and say which hold and how surely"
            | Figures _ -> "draw the figures of trained runs"
            | Report _ -> "write a page about an experiment, to open in a browser"
            | Eval _ -> "test a trained network, also with other settings of its task"
            | Export _ -> "write test episodes of a run, or metrics of runs, for other programs"
            | Analyse _ -> "see what a trained network's plasticity does: rates, what F stores, loss without it"
            | List _ -> "list experiments, tasks, rules, claims and runs"
            | Show _ -> "show a run's settings and results"
            | Watch _ -> "serve a page, to this machine alone, that shows runs while they train"
            | Compare _ -> "compare the results of runs, across experiments"
            | Stop _ -> "ask runs to stop at their next step, on whatever machine they are trained"
            | Rm _ -> "delete runs, after a question"
            | Config _ -> "show every setting of an experiment or a task"
            | Verify _ -> "compare the executors with golden cases"
            | Devices _ -> "list the devices that kernels can run on, with their limits"
            | Selftest _ -> "check what a device computes, and measure how fast, kernel by kernel"
            | Gradcheck _ -> "compare every derivative with central differences"
            | Laws _ -> "check the laws that every rule must obey, on random networks with a rule"
            | New _ -> "write a rule, a task or a project of your own to start from"
            | Data _ -> "import image sets, list and show them"
            | Bench _ -> "measure how fast a training step is on this machine, and what limits it"
            | Json -> "results as one JSON document on stdout"
            | Quiet -> "only warnings and errors"
            | No_Color -> "no colours (the environment variable NO_COLOR does the same)"
            | Verbose -> "more detail, and stack traces"
            | Version -> "print the version"
