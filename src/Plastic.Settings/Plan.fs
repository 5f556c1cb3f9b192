namespace Plastic.Settings

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open Plastic.Core
open Plastic.Tasks

/// One run: a point of an experiment with a seed. Like all of this file, for C#.
[<Sealed>]
type Run internal (experiment: string, point: Point, seed: int64) =
    let settings = { point.Settings with Seed = seed }
    let task = RunNetwork.task settings

    /// Name of the experiment or task.
    member _.Experiment = experiment
    /// The folder of the run's point, such as "cell=RNN,rule=gradient".
    member _.Point = point.Name
    /// Seed of the initial weights and of the training and validation data.
    member _.Seed = seed
    /// For people: the place on the experiment's axes and the seed.
    member _.Title = $"{point.Place} seed {seed}"
    /// All settings of the run.
    member _.Settings: RunSettings = settings
    /// What the network is trained to do.
    member _.Task: Task = task
    /// The rule of its network.
    member _.Rule: Rule = RunNetwork.rule settings
    /// The file that its rule comes from; null for a built-in rule.
    member _.RuleFile: CodeFile | null = settings.Library.RuleFile settings.Rule
    /// The file that its task comes from; null for a built-in task.
    member _.TaskFile: CodeFile | null = settings.Library.TaskFile settings.Task
    /// The task's episodes under the run's settings.
    member _.Episodes: Episodes = task.Episodes settings.Episode

    /// The loss of the best guess that remembers nothing; of a data set, on the episodes that the run tests.
    member run.Chance: float =
        let ofTested = run.Episodes.Chance(settings.Batch, settings.TestBatches)

        if ofTested.HasValue then
            ofTested.Value
        else
            task.Chance settings.Episode

    /// A loss that no network goes below: 0 where no higher one is known.
    member _.LeastLoss: float = task.LeastLoss settings.Episode
    /// What the network is built from.
    member _.Network: NetworkOptions = RunNetwork.options settings

    /// The network of the run, with the encoder before it.
    member _.CreateNetwork() : PlasticNetwork = RunNetwork.create settings

    /// The text of its value of a setting; "–" for a setting of another rule from a file.
    member _.Text(setting: string) : string =
        match Fields.find settings.Library setting with
        | Ok field -> (field.Get settings).Text
        | Error _ -> "–"

    /// The number of hidden units, or of outputs if there are no hidden ones.
    member run.Units: int = run.Network.Units

    /// The same run with other settings of its task.
    member _.With(settings: RunSettings) =
        Run(experiment, { point with Settings = settings }, seed)

    /// The same run with other sizes, to measure what it takes.
    member run.Resized(hidden: int, batch: int) =
        run.With
            { settings with
                Hidden = hidden
                Batch = batch
            }

    /// The same run with a narrower encoder.
    member run.Narrowed(width: int) =
        run.With { settings with EncoderWidth = width }

    /// Whether the run's network learns within an episode.
    member _.IsPlastic: bool = (RunNetwork.rule settings).IsPlastic

    /// The switches of the rules' settings and which of their bounds there are: with the rule, what decides which operations a
    /// step has.
    member _.RuleSwitches: string = Configuration.switches settings

    /// The content of config.json.
    member _.Json: string = Configuration.json settings
    /// Where the runs of its point live, relative to the folder of all runs; '/' between the parts.
    member _.PointDirectory = $"{experiment}/{point.Name}"
    /// Where the run lives, in the same form.
    member run.Directory = $"{run.PointDirectory}/seed={seed}"
    /// Where earlier versions put it.
    member _.EarlierDirectory = $"{experiment}/{point.EarlierName}/seed={seed}"

    /// Whether settings are those of this run; how often it logs is no part of that.
    member _.Is(other: RunSettings) =
        Configuration.identity settings = Configuration.identity other

    /// Equal for runs that are the same, whatever experiments they belong to.
    member _.Identity: RunSettings = Configuration.identity settings

    /// The same run, which logs as often as the given settings say.
    member run.LoggedAs(other: RunSettings) =
        run.With
            { settings with
                LogEvery = other.LogEvery
            }

/// Settings read back from a run's config.json.
[<AbstractClass; Sealed>]
type SavedSettings =
    /// The run of the settings with the given keys and texts, whose rule and task are those of a library; false, and what is wrong with them on one line.
    static member TryRead
        (
            library: Library,
            texts: IEnumerable<KeyValuePair<string, string>>,
            [<Out>] run: byref<Run>,
            [<Out>] fault: byref<string>
        ) =
        match Configuration.ofTexts library [ for pair in texts -> pair.Key, pair.Value ] with
        | Error faults ->
            fault <- String.Join("; ", faults |> List.map _.Message)
            false
        | Ok settings ->
            match Configuration.conflicts settings with
            | [] ->
                let point =
                    {
                        Axes = []
                        Place = $"cell={settings.Cell.Name},rule={settings.Rule}"
                        Name = ""
                        EarlierName = ""
                        Settings = settings
                    }

                run <- Run("", point, settings.Seed)
                true
            | conflicts ->
                fault <- String.Join("; ", conflicts |> List.map _.Message)
                false

/// A figure of a plan: which runs it shows.
[<Sealed>]
type PlannedFigure internal (name: string, kind: FigureKind, runs: Run[]) =
    /// The name of its files, without extension.
    member _.Name = name
    /// What it shows.
    member _.Kind: FigureKind = kind
    /// The seeds of a point are consecutive.
    member _.Runs: IReadOnlyList<Run> = runs

/// The runs and figures of an experiment, with the settings given by hand.
[<Sealed>]
type Plan(experiment: Experiment, overrides: Override list, seeds: int64 list) =
    let runsOf points =
        [|
            for point in points do
                for seed in seeds -> Run(experiment.Name, point, seed)
        |]

    let runs = runsOf (Experiment.points overrides experiment)

    let figures =
        [|
            for name, kind, points in Experiment.figures overrides experiment seeds ->
                PlannedFigure(name, kind, runsOf points)
        |]

    /// What the names of its rules and tasks stand for.
    member _.Library: Library = experiment.Base.Library
    /// Name of the experiment or task.
    member _.Name = experiment.Name
    /// Its name, with whatever distinguishes these runs from the experiment's own.
    member _.Title = Experiment.title overrides experiment seeds
    /// One line for lists.
    member _.Summary = experiment.Summary
    /// All runs; the seeds of a point are consecutive.
    member _.Runs: IReadOnlyList<Run> = runs
    /// The seeds of each point.
    member _.Seeds: IReadOnlyList<int64> = Array.ofList seeds

    /// The keys that vary, in their order in a point's name.
    member _.Axes: IReadOnlyList<string> =
        Array.ofList (Experiment.axes overrides experiment)

    /// The texts of an axis's values, in the experiment's order.
    member _.Values(axis: string) : IReadOnlyList<string> =
        [|
            for key, values in experiment.Axes do
                if key = axis then
                    yield! values
        |]

    /// What is drawn of its runs.
    member _.Figures: IReadOnlyList<PlannedFigure> = figures

    /// A warning for each setting given by hand that none of its runs reads.
    member _.Idle: IReadOnlyList<string> =
        let settings = [ for run in runs -> (run: Run).Settings ]

        [|
            for field in overrides |> List.map _.Field |> Idle.among settings ->
                Idle.warning experiment.Base.Library settings field
        |]

    /// Whether it only tests the best networks of another experiment.
    member _.IsTest = experiment.Tests.IsSome

    /// For each run of a plan that tests, the run whose network is tested.
    member _.Tested: IReadOnlyList<Run> =
        match experiment.Tests with
        | None -> ResizeArray()
        | Some name ->
            let settings = runs |> Array.map _.Settings
            let trained = (Experiments.tryFind experiment.Base.Library name []).Value

            let sources =
                [|
                    for point in Experiment.points overrides trained do
                        for seed in seeds -> Run(name, point, seed)
                |]

            ResizeArray(
                settings
                |> Array.map (fun s -> sources |> Array.find (fun run -> run.Settings = s))
            )

/// A setting, as `config` shows it.
[<Sealed>]
type SettingHelp internal (field: Field) =
    /// On the command line and in config.json.
    member _.Name = field.Name
    /// The default's text.
    member _.Default = (field.Get RunSettings.Default).Text
    /// The values it accepts, in words.
    member _.Range = field.Kind.Expected
    /// One line for people.
    member _.Help = field.Help
    /// The text of its value in the given settings.
    member _.Text(settings: RunSettings) = (field.Get settings).Text

    /// Every setting, without those of rules from files.
    static member All: IReadOnlyList<SettingHelp> = SettingHelp.Of Library.BuiltIn

    /// Every setting of runs whose rules and tasks are those of a library.
    static member Of(library: Library) : IReadOnlyList<SettingHelp> =
        [| for field in Fields.ofLibrary library -> SettingHelp field |]

/// A task, for `list`.
[<Sealed>]
type TaskHelp internal (task: Task) =
    /// As on the command line.
    member _.Name = task.Name
    /// One line for lists.
    member _.Summary = task.Summary
    /// In words: the loss that guessing gives, or the least that any network can reach.
    member _.Floor = task.Floor

    /// What is measured in addition to the loss, in words; null for nothing.
    member _.Measure =
        match task.Measure with
        | null -> null
        | measure -> measure.Name

    /// The settings of its own that the task reads.
    member _.Settings: IReadOnlyList<string> = Array.ofList task.Reads

/// The experiments, tasks and rules, for `list`.
[<AbstractClass; Sealed>]
type Listing =
    /// Every experiment, with its own settings and seeds.
    static member Experiments: IReadOnlyList<Plan> =
        [|
            for experiment in Experiments.all -> Plan(experiment, [], experiment.Seeds)
        |]

    /// Every task that is built in.
    static member Tasks: IReadOnlyList<TaskHelp> = Listing.TasksOf Library.BuiltIn

    /// Every task of a library.
    static member TasksOf(library: Library) : IReadOnlyList<TaskHelp> =
        [| for task in library.Tasks -> TaskHelp task |]

    /// The settings that belong to tasks of a library other than the one of that name.
    static member ForeignSettings(library: Library, task: string) : IReadOnlyList<string> =
        [|
            for field in Fields.ofLibrary library do
                let given =
                    {
                        Field = field
                        Values = [ field.Get RunSettings.Default ]
                    }

                if not (Configuration.foreign library task [ given ]).IsEmpty then
                    field.Name
        |]
