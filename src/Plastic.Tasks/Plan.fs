namespace Plastic.Tasks

open System.Collections.Generic
open Plastic.Core

/// One run: a point of an experiment with a seed. For C#, like all of this file.
[<Sealed>]
type Run(experiment: string, point: Point, seed: int64) =
    let settings = { point.Settings with Seed = seed }
    let task = Configuration.task settings

    member _.Experiment = experiment
    /// The folder of the run's point, such as "cell=RNN,rule=gradient".
    member _.Point = point.Name
    member _.Seed = seed
    /// For people: the place on the experiment's axes and the seed.
    member _.Title = $"{point.Place} seed {seed}"
    member _.Settings: Settings = settings
    member _.Task: Task = task
    member _.Episodes: Episodes = task.Episodes settings
    /// What the network is built from.
    member _.Network: NetworkOptions = Configuration.network settings
    /// The content of config.json.
    member _.Json: string = Configuration.json settings
    /// Where the run lives, relative to the folder of all runs; '/' between the parts.
    member _.Directory = $"{experiment}/{point.Name}/seed={seed}"

/// What an experiment does, with what was set by hand: its runs and figures.
[<Sealed>]
type Plan(experiment: Experiment, overrides: Override list, seeds: int64 list) =
    let points = Experiment.points overrides experiment
    let figures = Experiment.figures overrides experiment

    let runs =
        [|
            for point in points do
                for seed in seeds -> Run(experiment.Name, point, seed)
        |]

    member _.Name = experiment.Name
    member _.Summary = experiment.Summary
    /// All runs; a point's seeds follow each other.
    member _.Runs: IReadOnlyList<Run> = runs
    /// The keys that vary, in the order in which they stand in a point's name.
    member _.Axes: IReadOnlyList<string> = [| for key, _ in experiment.Axes -> key |]
    /// Names of the learning-curve figures, each with one curve per point.
    member _.Figures: IReadOnlyList<string> = Array.ofList figures

/// A setting, for `config`.
[<Sealed>]
type SettingHelp(field: Field) =
    member _.Name = field.Name
    /// The default's text.
    member _.Default = (field.Get Settings.Default).Text
    /// What it may hold, in words.
    member _.Range = field.Kind.Expected
    member _.Help = field.Help
    /// Its text in given settings.
    member _.Text(settings: Settings) = (field.Get settings).Text

    /// Every setting.
    static member All: IReadOnlyList<SettingHelp> =
        [| for field in Fields.all -> SettingHelp field |]

/// What there is, for `list`.
[<AbstractClass; Sealed>]
type Listing =
    static member Experiments: IReadOnlyList<Plan> =
        [|
            for experiment in Experiments.all -> Plan(experiment, [], experiment.Seeds)
        |]

    static member Tasks: IReadOnlyList<Task> = Array.ofList Catalogue.tasks
