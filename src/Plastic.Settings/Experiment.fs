namespace Plastic.Settings

open System
open Plastic.Tasks

/// A named set of runs, as data.
[<NoComparison; NoEquality>]
type Experiment =
    {
        /// As on the command line, and as a folder of runs.
        Name: string
        /// One line for lists.
        Summary: string
        /// The settings that all runs share; from its width, Complete derives the networks' widths.
        Base: RunSettings
        /// Settings that vary and their values, the first slowest.
        Axes: (string * string list) list
        /// Settings that follow from the axes' values: the widths that make networks comparable.
        Complete: RunSettings -> RunSettings
        /// The seeds of each point.
        Seeds: int64 list
        /// The experiment whose best networks are tested, if this one trains nothing.
        Tests: string option
        /// What is drawn of its runs.
        Figures: Figure list
    }

/// One combination of the axes' values: the runs that differ only in the seed.
[<NoComparison>]
type Point =
    {
        /// Its axes' settings with their values' texts.
        Axes: (string * string) list
        /// Its axes' settings, "cell=RNN,rule=gradient".
        Place: string
        /// The name of its folder: its place, then anything else set by hand, shortened.
        Name: string
        /// The name that earlier versions gave its folder.
        EarlierName: string
        /// The settings of its runs; the seed is the run's.
        Settings: RunSettings
    }

/// From an experiment and what was set by hand to points, runs and figures.
[<RequireQualifiedAccess>]
module Experiment =
    /// A task of a library on its own: one run, whose cell and rule have defaults like all other settings.
    let internal ofTask (library: Library) (task: Task) : Experiment =
        let settings = Configuration.published library task

        let now key =
            key, (Configuration.texts settings |> List.filter (fst >> (=) key) |> List.map snd)

        {
            Name = task.Name
            Summary = task.Summary
            Base = settings
            Axes = [ now "cell"; now "rule" ]
            Complete = id
            Seeds = [ 0L ]
            Tests = None
            Figures =
                [
                    { Name = "curves"; Kind = Learning }

                    if not (isNull task.Measure) && task.Measure.Decides then
                        {
                            Name = task.Measure.Name.Replace(' ', '_')
                            Kind = Metric
                        }

                        {
                            Name = task.Measure.Name.Replace(' ', '_') + "_table"
                            Kind = MetricTable "rule"
                        }
                ]
        }

    /// A fault in an experiment's definition, which the user cannot fix.
    let private sure (experiment: Experiment) result =
        match result with
        | Ok value -> value
        | Error fault -> invalidOp $"experiment {experiment.Name}: {(fault: Fault).Message}"

    let private setting (experiment: Experiment) (key, text) =
        let field = Fields.find experiment.Base.Library key |> sure experiment

        {
            Field = field
            Values = [ Field.parse field text |> sure experiment ]
        }

    /// Every combination of the lists' elements, the first slowest.
    let rec private combinations lists =
        match lists with
        | [] -> [ [] ]
        | first :: rest ->
            [
                for element in first do
                    for others in combinations rest -> element :: others
            ]

    let private text (o: Override) =
        let values = o.Values |> List.map _.Text
        $"""{o.Field.Name}={String.Join("+", values)}"""

    let private isAxis (experiment: Experiment) (o: Override) =
        experiment.Axes |> List.exists (fun (key, _) -> key = o.Field.Name)

    let private find (overrides: Override list) key =
        overrides |> List.tryFind (fun o -> o.Field.Name = key)

    /// The overrides beyond the axes, in the order of Fields; those with several values are axes too, the fastest.
    let private beyond (overrides: Override list) (experiment: Experiment) =
        Fields.ofLibrary experiment.Base.Library
        |> List.choose (fun field -> find overrides field.Name)
        |> List.filter (fun o -> o.Field.Name <> "seed" && not (isAxis experiment o))

    let private added overrides experiment =
        beyond overrides experiment |> List.filter (fun o -> o.Values.Length > 1)

    /// The experiment's axes, with given values in place of its own.
    let private narrowed (overrides: Override list) (experiment: Experiment) =
        experiment.Axes
        |> List.map (fun (key, values) ->
            match find overrides key with
            | Some chosen -> [ for value in chosen.Values -> { chosen with Values = [ value ] } ]
            | None -> [ for value in values -> setting experiment (key, value) ])

    /// The number of points, capped at a million.
    let size (overrides: Override list) (experiment: Experiment) : int64 =
        let lengths =
            (narrowed overrides experiment |> List.map List.length)
            @ (added overrides experiment |> List.map (fun o -> o.Values.Length))

        (1L, lengths)
        ||> List.fold (fun product length -> min 1_000_000L (product * int64 length))

    /// The keys that vary.
    let internal axes (overrides: Override list) (experiment: Experiment) : string list =
        (experiment.Axes |> List.map fst)
        @ (added overrides experiment |> List.map _.Field.Name)

    /// The settings at a place, with what was set beyond the axes; a given width is the base width, from which the networks' widths follow.
    let private settle (experiment: Experiment) place beyond =
        let widths, others =
            beyond |> List.partition (fun (o: Override) -> o.Field.Name = "hidden")

        experiment.Base
        |> Configuration.apply (widths @ place)
        |> experiment.Complete
        |> Configuration.apply others

    /// What sets a point's settings apart from the experiment's own at the same place, in the order of Fields: the value, or
    /// the base width that was given. With the settings' names.
    let private deviations (experiment: Experiment) place beyond settings =
        let own = settle experiment place []

        Fields.ofLibrary experiment.Base.Library
        |> List.filter (fun field ->
            field.Name <> "seed"
            && (if field.Name = "hidden" then
                    beyond
                    |> List.exists (fun (o: Override) ->
                        o.Field.Name = "hidden" && o.Value <> field.Get experiment.Base)
                else
                    field.Get settings <> field.Get own))
        |> List.map (fun field ->
            let value =
                match find beyond field.Name with
                | Some o -> o.Value
                | None -> field.Get settings

            field.Name, $"{field.Name}={value.Text}")

    /// Prototypes have no layers that a rule could change.
    let private hasNothingToChange (settings: RunSettings) =
        settings.Cell = Plastic.Core.Prototypes && (RunNetwork.rule settings).IsPlastic

    /// The points of an experiment, first axis slowest. Prototypes with a plastic rule are left out, unless there is nothing else.
    /// Where settings differ from the experiment's own at the same place,
    /// the difference is part of the point's name: equal settings have one name, however they were typed, and a trial never
    /// lies where the published run belongs.
    let points (overrides: Override list) (experiment: Experiment) : Point list =
        let fixedValues =
            beyond overrides experiment |> List.filter (fun o -> o.Values.Length = 1)

        let more =
            added overrides experiment
            |> List.map (fun o -> [ for value in o.Values -> { o with Values = [ value ] } ])

        let points =
            [
                for place in combinations (narrowed overrides experiment) do
                    for extra in combinations more do
                        let beyond = fixedValues @ extra
                        let settings = settle experiment place beyond
                        let apart = deviations experiment place beyond settings

                        let identifying =
                            apart
                            |> List.filter (fun (key, _) -> Configuration.identifies key settings)
                            |> List.map snd

                        {
                            Axes = place @ extra |> List.map (fun o -> o.Field.Name, o.Value.Text)
                            Place = FolderName.whole (List.map text (place @ extra))
                            Name = FolderName.shortened (List.map text place) identifying
                            EarlierName = FolderName.whole (List.map text place @ List.map snd apart)
                            Settings = Configuration.own settings
                        }
            ]

        match points |> List.filter (fun point -> not (hasNothingToChange point.Settings)) with
        | [] -> points
        | some -> some

    /// What distinguishes this part from the whole experiment, for the names of figures and pages that do not show the axes in
    /// `shown`: narrowed axes, changes and seeds.
    let private parts overrides (experiment: Experiment) seeds shown =
        let apart =
            overrides
            |> List.filter (fun o ->
                not (List.contains o.Field.Name shown)
                && experiment.Axes
                   |> List.exists (fun (key, values) -> key = o.Field.Name && values <> (o.Values |> List.map _.Text)))
            |> List.map text

        let changed =
            beyond overrides experiment
            |> List.filter (fun o ->
                o.Values.Length > 1
                || combinations (narrowed overrides experiment)
                   |> List.exists (fun place ->
                       not (deviations experiment place [ o ] (settle experiment place [ o ])).IsEmpty))
            |> List.map text

        let seeds =
            if seeds = experiment.Seeds then
                []
            else
                match seeds with
                | [ seed ] -> [ $"seed={seed}" ]
                | seeds when seeds = [ List.head seeds .. List.last seeds ] ->
                    [ $"seed={List.head seeds}..{List.last seeds}" ]
                | seeds -> [ "seed=" + String.Join("+", seeds) ]

        apart @ changed @ seeds

    /// The name of a page about the whole experiment.
    let internal title overrides (experiment: Experiment) seeds : string =
        FolderName.shortened [ experiment.Name ] (parts overrides experiment seeds [])

    /// The figures by their names, each with the points that it shows. A name contains whatever distinguishes these runs from the
    /// experiment's own.
    let internal figures overrides (experiment: Experiment) seeds : (string * FigureKind * Point list) list =
        let points = points overrides experiment

        [
            for figure in experiment.Figures do
                let split = figure.Split
                let suffix = parts overrides experiment seeds split

                let valuesOf (point: Point) =
                    point.Axes |> List.filter (fun (key, _) -> List.contains key split)

                for values, points in points |> List.groupBy valuesOf do
                    let name =
                        (figure.Name, values)
                        ||> List.fold (fun name (key, value) -> name.Replace($"{{{key}}}", value))

                    FolderName.shortened [ name ] suffix, figure.Kind, points
        ]
