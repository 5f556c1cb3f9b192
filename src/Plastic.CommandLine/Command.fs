namespace Plastic.CommandLine

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open Plastic.Core
open Plastic.Settings

/// What the command line requests; C# switches over the classes below.
[<AbstractClass>]
type Command internal () = class end

/// What a run may use of the machine. No result depends on threads, history and ranks; those of a device are the CPU's up to rounding.
[<Sealed>]
type Resources internal (threads: int, historyBytes: int64, device: string, ranks: string) =
    /// Threads to use; 0 for all processors.
    member _.Threads = threads
    /// Bytes of fast weights that each thread may store for a backward pass; 0 for the engine's own bound.
    member _.HistoryBytes = historyBytes
    /// The device that networks run on, by name; empty for the CPU.
    member _.Device = device
    /// What carries the messages between the processes that train one run together: mpi; empty for one process.
    member _.Ranks = ranks

/// What to do with an existing unfinished run.
type Resume =
    /// Resume from its newest checkpoint; without one, start from step 0.
    | Auto = 0
    /// Resume from its newest checkpoint; without one, fail.
    | Must = 1
    /// Discard it and start from step 0.
    | Never = 2

/// How unfinished runs are resumed, and how often a checkpoint is written.
[<Sealed>]
type Checkpoints internal (resume: Resume, seconds: int) =
    /// What to do with an unfinished run.
    member _.Resume = resume
    /// Seconds between checkpoints; 0 for one before every step.
    member _.Seconds = seconds

/// `train NAME [key=value …] [--seed N|A..B] [--out DIR] [--threads N] [--device NAME] [--ranks mpi] [--jobs N] [--max-failures N] [--history MB]
/// [--resume auto|must|never] [--checkpoint SECONDS] [--name WORD] [--tag WORD]… [--tensorboard] [--dry-run]`
[<Sealed>]
type TrainRequest
    internal
    (
        plan: Plan,
        directory: string,
        resources: Resources,
        jobs: int,
        maxFailures: int,
        checkpoints: Checkpoints,
        label: Label,
        tensorBoard: bool,
        dryRun: bool
    ) =
    inherit Command()
    /// What the runs are called.
    member _.Label = label
    /// How unfinished runs are resumed, and how often a checkpoint is written.
    member _.Checkpoints = checkpoints
    /// The runs and figures that it is about.
    member _.Plan = plan
    /// The folder that holds runs/ and figures/; empty for the current one.
    member _.Directory = directory
    /// What the run may use.
    member _.Resources = resources
    /// Runs trained in parallel, each with its share of the threads.
    member _.Jobs = jobs
    /// The number of failed runs after which no new one is started.
    member _.MaxFailures = maxFailures
    /// Whether to write event files for TensorBoard too.
    member _.TensorBoard = tensorBoard
    /// Print what would be trained, and train nothing.
    member _.DryRun = dryRun

/// How a run is read back from its folder to be run.
[<Sealed>]
type RunReading internal (trust: bool, data: string | null) =
    /// Whether code in the run's folder may run.
    member _.Trust = trust
    /// Where the data that it was trained on lies now; null for where it lay.
    member _.Data = data

/// `resume RUN [key=value …] [--threads N] [--device NAME] [--ranks mpi] [--history MB] [--checkpoint SECONDS] [--trust]`
[<Sealed>]
type ResumeRequest
    internal
    (run: string, overrides: Override list, resources: Resources, checkpoints: Checkpoints, reading: RunReading) =
    inherit Command()
    /// How the run is read.
    member _.Reading = reading
    /// The run's folder, as given.
    member _.Run = run

    /// The run with the given settings in place of its own; null, and what is wrong with them.
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
    /// A checkpoint is required.
    member _.Checkpoints = checkpoints

/// `verify GOLDEN.json… [--device cpu|opencl[:N]|cuda[:N]]`
[<Sealed>]
type VerifyRequest internal (files: IReadOnlyList<string>, device: string) =
    inherit Command()
    /// At least one path, as given.
    member _.Files = files
    /// The device whose kernels are compared, by name; empty for the CPU engine.
    member _.Device = device

/// `gradcheck [RULE] [--seed N] [--analytic|--device NAME]`
[<Sealed>]
type GradcheckRequest internal (seed: int64, isAnalytic: bool, rule: Plastic.Core.Rule option, device: string) =
    inherit Command()
    /// The device whose gradients are checked, by name; empty for the derivatives of the program itself.
    member _.Device = device
    /// The rule whose derivatives are checked; null for all that the program has.
    member _.Rule = rule |> Option.toObj
    /// Whether to compare with closed forms instead of central differences.
    member _.IsAnalytic = isAnalytic
    /// The seed of the points and directions.
    member _.Seed = seed

/// `laws RULE [--seed N] [--cases N] [--replay SEED,GAMMA,SIZE]`
[<Sealed>]
type LawsRequest internal (rule: Plastic.Core.Rule, seed: int64, cases: int, replay: string) =
    inherit Command()
    /// The rule whose laws are checked.
    member _.Rule = rule
    /// The seed of the random cases.
    member _.Seed = seed
    /// Cases of each law; 0 for each law's own number.
    member _.Cases = cases
    /// One case alone, as given; empty for none.
    member _.Replay = replay

/// `figures NAME|all [key=value …] [--seed N|A..B] [--out DIR] [--allow-missing]`
[<Sealed>]
type FiguresRequest internal (plans: IReadOnlyList<Plan>, directory: string, allowMissing: bool) =
    inherit Command()
    /// Which figures, from which runs: one plan, or all experiments.
    member _.Plans = plans
    /// The folder that holds runs/ and figures/; empty for the current one.
    member _.Directory = directory
    /// Whether to draw when runs are missing, instead of refusing.
    member _.AllowMissing = allowMissing

/// What every `bench` command takes: `[options] [key=value …]`
[<AbstractClass>]
type BenchRequest internal (workload: Workload, resources: Resources, repeat: int) =
    inherit Command()
    /// What is trained.
    member _.Workload = workload
    /// What it may use of the machine.
    member _.Resources = resources
    /// Training steps to measure, after a warm-up.
    member _.Repeat = repeat

/// `bench step`
[<Sealed>]
type BenchStepRequest internal (workload, resources, repeat) =
    inherit BenchRequest(workload, resources, repeat)

/// `bench roofline`
[<Sealed>]
type RooflineRequest internal (workload, resources, repeat) =
    inherit BenchRequest(workload, resources, repeat)

/// `bench encoder [--encoder KIND] [--width N] [--side N] [--images N] [--steps N]`
[<Sealed>]
type BenchEncoderRequest internal (encoder: EncoderOptions, images: int, steps: int, resources: Resources, repeat: int)
    =
    inherit Command()
    /// The encoder.
    member _.Encoder = encoder
    /// Images of a step.
    member _.Images = images
    /// Steps of a batch.
    member _.Steps = steps
    /// What it may use of the machine.
    member _.Resources = resources
    /// Batches to measure, after a warm-up.
    member _.Repeat = repeat

/// `eval RUN [key=value …] [--threads N] [--device NAME] [--trust]`
[<Sealed>]
type EvalRequest internal (run: string, overrides: Override list, resources: Resources, reading: RunReading) =
    inherit Command()
    /// How the run is read.
    member _.Reading = reading
    /// The run's folder, as given.
    member _.Run = run

    /// The run with the given settings in place of its own; null, and what is wrong with them.
    member _.Under(run: Run, [<Out>] fault: byref<string>) : Run | null =
        match Configuration.foreign run.Settings.Library run.Settings.Task overrides with
        | [] ->
            fault <- ""
            run.With(Configuration.apply overrides run.Settings)
        | foreign ->
            fault <- String.Join("; ", foreign |> List.map _.Message)
            null

    /// What it may use of the machine.
    member _.Resources = resources

/// `report NAME [key=value …] [--seed N|A..B] [--out DIR]`
[<Sealed>]
type ReportRequest internal (plan: Plan, directory: string) =
    inherit Command()
    /// The runs and figures that it is about.
    member _.Plan = plan
    /// The folder that holds runs/ and receives reports/; empty for the current one.
    member _.Directory = directory

/// `config NAME [key=value …] [--explain]`
[<Sealed>]
type ConfigRequest internal (plan: Plan, explain: bool) =
    inherit Command()
    /// The runs and figures that it is about.
    member _.Plan = plan
    /// Whether to show the range and meaning of every setting.
    member _.Explain = explain

/// What `new` writes.
type NewKind =
    /// A rule, NAME.fsx.
    | Rule = 0
    /// A task, NAME.fsx.
    | Task = 1
    /// An F# project with a rule.
    | FSharpProject = 2
    /// A C# project with a task.
    | CSharpProject = 3
    /// An F# project that tests the laws of a rule.
    | LawsProject = 4

/// `new rule|task|project NAME [--lang F#|C#|laws]`
[<Sealed>]
type NewRequest internal (kind: NewKind, name: string) =
    inherit Command()
    /// What is written.
    member _.Kind = kind
    /// The name of the rule, the task or the project: a letter, then letters, digits and '_'.
    member _.Name = name

/// `--help`, for the program or a command
[<Sealed>]
type HelpRequest internal (text: string) =
    inherit Command()
    /// Many lines.
    member _.Text = text

/// `--version`
[<Sealed>]
type VersionRequest internal () =
    inherit Command()

/// A command line that cannot be carried out.
[<Sealed>]
type Rejected internal (message: string, isUsage: bool) =
    inherit Command()
    /// All faults, on one line.
    member _.Message = message
    /// True for unknown or misplaced words; false for a setting's invalid value.
    member _.IsUsage = isUsage

/// A command and the options that every command has.
[<Sealed>]
type Invocation internal (command: Command, json: bool, quiet: bool, noColor: bool, verbose: bool) =
    /// The command to run.
    member _.Command = command
    /// --json: results as one JSON document.
    member _.Json = json
    /// --quiet: no messages except warnings and errors.
    member _.Quiet = quiet
    /// --no-color: no colours.
    member _.NoColor = noColor
    /// --verbose: more detail, and stack traces.
    member _.Verbose = verbose
