namespace Plastic.CommandLine

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open Plastic.Settings

/// What the command line asks for; C# switches over the classes below.
[<AbstractClass>]
type Command() = class end

/// What a run may use of the machine; no result depends on it.
[<Sealed>]
type Resources(threads: int, historyBytes: int64) =
    /// Threads to use; 0 for all processors.
    member _.Threads = threads
    /// Bytes of fast weights that each thread may store for a backward pass; 0 for the engine's own bound.
    member _.HistoryBytes = historyBytes

/// What to do with a run that is there and unfinished.
type Resume =
    /// Go on from its newest checkpoint; without one start over.
    | Auto = 0
    /// Go on from its newest checkpoint; without one fail.
    | Must = 1
    /// Start over.
    | Never = 2

/// How unfinished runs go on, and how often a checkpoint is written.
[<Sealed>]
type Checkpoints(resume: Resume, seconds: int) =
    member _.Resume = resume
    /// Seconds from one checkpoint to the next; 0 for one before every step.
    member _.Seconds = seconds

/// `train NAME [key=value …] [--seed N|A..B] [--out DIR] [--threads N] [--jobs N] [--max-failures N] [--history MB]
/// [--resume auto|must|never] [--checkpoint SECONDS] [--dry-run]`
[<Sealed>]
type TrainRequest
    (
        plan: Plan,
        directory: string,
        resources: Resources,
        jobs: int,
        maxFailures: int,
        checkpoints: Checkpoints,
        dryRun: bool
    ) =
    inherit Command()
    /// How unfinished runs go on, and how often they can.
    member _.Checkpoints = checkpoints
    member _.Plan = plan
    /// The folder that holds runs/ and figures/; empty for the current one.
    member _.Directory = directory
    /// What the run may use.
    member _.Resources = resources
    /// Runs at a time, each with its share of the threads.
    member _.Jobs = jobs
    /// Failed runs after which no further one is begun.
    member _.MaxFailures = maxFailures
    /// Say what would be trained, and train nothing.
    member _.DryRun = dryRun

/// `resume RUN [key=value …] [--threads N] [--history MB] [--checkpoint SECONDS]`
[<Sealed>]
type ResumeRequest(run: string, overrides: Override list, resources: Resources, checkpoints: Checkpoints) =
    inherit Command()
    /// The run's folder, as given.
    member _.Run = run

    /// The run under the settings that were given instead of its own; null, and what is wrong with them.
    member _.Under(run: Run, [<Out>] fault: byref<string>) : Run | null =
        let settings = Configuration.apply overrides run.Settings

        match Configuration.resumed run.Settings settings @ Configuration.conflicts settings with
        | [] ->
            fault <- ""
            run.With settings
        | faults ->
            fault <- String.Join("; ", faults |> List.map _.Message)
            null

    /// What the run may use.
    member _.Resources = resources
    /// It must have one.
    member _.Checkpoints = checkpoints

/// `verify GOLDEN.json…`
[<Sealed>]
type VerifyRequest(files: IReadOnlyList<string>) =
    inherit Command()
    /// At least one path, as given.
    member _.Files = files

/// `gradcheck [--seed N] [--analytic]`
[<Sealed>]
type GradcheckRequest(seed: int64, isAnalytic: bool) =
    inherit Command()
    /// Whether closed forms are the oracle, instead of central differences.
    member _.IsAnalytic = isAnalytic
    /// Decides points and directions.
    member _.Seed = seed

/// `figures NAME|all [key=value …] [--seed N|A..B] [--out DIR] [--allow-missing]`
[<Sealed>]
type FiguresRequest(plans: IReadOnlyList<Plan>, directory: string, allowMissing: bool) =
    inherit Command()
    /// Which figures, from which runs: one plan, or all experiments.
    member _.Plans = plans
    /// The folder that holds runs/ and figures/; empty for the current one.
    member _.Directory = directory
    /// Whether to draw what is there when runs are missing, instead of refusing.
    member _.AllowMissing = allowMissing

/// What every `bench` command takes: `[options] [key=value …]`
[<AbstractClass>]
type BenchRequest(workload: Workload, resources: Resources, repeat: int) =
    inherit Command()
    member _.Workload = workload
    member _.Resources = resources
    /// Training steps to measure, after a warm-up.
    member _.Repeat = repeat

/// `bench step`
[<Sealed>]
type BenchStepRequest(workload, resources, repeat) =
    inherit BenchRequest(workload, resources, repeat)

/// `bench roofline`
[<Sealed>]
type RooflineRequest(workload, resources, repeat) =
    inherit BenchRequest(workload, resources, repeat)

/// `eval RUN [key=value …] [--threads N]`
[<Sealed>]
type EvalRequest(run: string, overrides: Override list, resources: Resources) =
    inherit Command()
    /// The run's folder, as given.
    member _.Run = run

    /// The run under the settings that were given instead of its own; null, and what is wrong with them.
    member _.Under(run: Run, [<Out>] fault: byref<string>) : Run | null =
        match Configuration.foreign run.Settings.Task overrides with
        | [] ->
            fault <- ""
            run.With(Configuration.apply overrides run.Settings)
        | foreign ->
            fault <- String.Join("; ", foreign |> List.map _.Message)
            null

    member _.Resources = resources

/// `report NAME [key=value …] [--seed N|A..B] [--out DIR]`
[<Sealed>]
type ReportRequest(plan: Plan, directory: string) =
    inherit Command()
    member _.Plan = plan
    /// The folder that holds runs/ and receives reports/; empty for the current one.
    member _.Directory = directory

/// What `list` lists.
type Topic =
    | Everything = 0
    | Experiments = 1
    | Tasks = 2
    | Rules = 3
    | Runs = 4

/// `list [experiments|tasks|rules|runs] [--out DIR]`
[<Sealed>]
type ListRequest(topic: Topic, directory: string) =
    inherit Command()
    member _.Topic = topic
    /// The folder that holds runs/; empty for the current one.
    member _.Directory = directory

/// `show RUN`
[<Sealed>]
type ShowRequest(run: string) =
    inherit Command()
    /// The run's folder, as given.
    member _.Run = run

/// `config NAME [key=value …] [--explain]`
[<Sealed>]
type ConfigRequest(plan: Plan, explain: bool) =
    inherit Command()
    member _.Plan = plan
    /// With every setting's range and meaning.
    member _.Explain = explain

/// `--help`, of the program or of a command
[<Sealed>]
type HelpRequest(text: string) =
    inherit Command()
    /// Many lines.
    member _.Text = text

/// `--version`
[<Sealed>]
type VersionRequest() =
    inherit Command()

/// A command line that asks for nothing that can be done.
[<Sealed>]
type Rejected(message: string, isUsage: bool) =
    inherit Command()
    /// One line, every fault in it.
    member _.Message = message
    /// True when words are unknown or misplaced; false when a setting's value is none.
    member _.IsUsage = isUsage

/// A command and what holds for every command.
[<Sealed>]
type Invocation(command: Command, json: bool, quiet: bool, noColor: bool, verbose: bool) =
    member _.Command = command
    member _.Json = json
    member _.Quiet = quiet
    member _.NoColor = noColor
    member _.Verbose = verbose
