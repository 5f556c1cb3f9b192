namespace Plastic.Tasks

open System

/// What a figure shows.
type FigureKind =
    /// Validation loss over training steps.
    | Learning
    /// The test loss over an axis, of which x shows so many times the value.
    | Against of axis: string * times: float
    /// Mean and standard deviation of the inner learning rate η(t) over test episodes.
    | InnerRate
    /// Test losses in rows and columns: columns by one axis, rows by the others.
    | Table of columns: string

/// A kind of figures of an experiment, one for each combination of some axes' values.
type Figure =
    {
        /// Each {axis} in it stands for that axis's value; those axes are the ones it is split by.
        Name: string
        Kind: FigureKind
    }

    /// The axes in the name.
    member f.Split: string list =
        f.Name.Split('{', '}')
        |> Array.indexed
        |> Array.filter (fun (at, _) -> at % 2 = 1)
        |> Array.map snd
        |> List.ofArray

/// A named set of runs, as data.
[<NoComparison; NoEquality>]
type Experiment =
    {
        Name: string
        /// One line for lists.
        Summary: string
        /// What all runs share; its width is that of which Complete makes the networks' widths.
        Base: Settings
        /// Settings that vary and their values, the first slowest.
        Axes: (string * string list) list
        /// Settings that follow from the axes' values: the width that makes networks comparable.
        Complete: Settings -> Settings
        Seeds: int64 list
        /// The experiment whose best networks are tested, for one that trains nothing.
        Tests: string option
        Figures: Figure list
    }

/// One place on an experiment's axes: the runs that differ in nothing but the seed.
[<NoComparison>]
type Point =
    {
        /// Its axes' settings with their values' texts.
        Axes: (string * string) list
        /// Its axes' settings, "cell=RNN,rule=gradient".
        Place: string
        /// The name of its folder: its place, then whatever else was set by hand.
        Name: string
        Settings: Settings
    }

[<RequireQualifiedAccess>]
module Experiment =
    /// A task by itself: one run, whose cell and rule have defaults like all other settings.
    let ofTask (task: Task) : Experiment =
        let settings =
            { Settings.Default with
                Task = task.Name
            }

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
            Figures = [ { Name = "curves"; Kind = Learning } ]
        }

    /// An experiment's own fault, which no one at the command line can mend.
    let private sure (experiment: Experiment) result =
        match result with
        | Ok value -> value
        | Error fault -> invalidOp $"experiment {experiment.Name}: {(fault: Fault).Message}"

    let private setting experiment (key, text) =
        let field = Fields.find key |> sure experiment

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

    /// A folder's name must not outgrow what file systems take: past that, the rest becomes a number that stands for it.
    let private folder (parts: string list) =
        let name = String.Join(",", parts)

        if name.Length <= 160 then
            name
        else
            let hash =
                (2166136261u, name) ||> Seq.fold (fun h c -> (h ^^^ uint32 c) * 16777619u)

            $"{name.Substring(0, 150)}~{hash:x8}"

    let private isAxis (experiment: Experiment) (o: Override) =
        experiment.Axes |> List.exists (fun (key, _) -> key = o.Field.Name)

    /// The experiment with the values that were given: an axis has those instead of its own, a setting with several becomes
    /// an axis, the last and fastest; a width becomes the base's.
    let private given (overrides: Override list) (experiment: Experiment) =
        let texts (o: Override) = o.Values |> List.map _.Text

        let kept =
            experiment.Axes
            |> List.map (fun (key, values) ->
                match overrides |> List.tryFind (fun o -> o.Field.Name = key) with
                | Some chosen -> key, texts chosen
                | None -> key, values)

        let added =
            Fields.all
            |> List.collect (fun field ->
                overrides
                |> List.filter (fun o -> o.Field.Name = field.Name && o.Values.Length > 1))
            |> List.filter (fun o -> o.Field.Name <> "seed" && not (isAxis experiment o))
            |> List.map (fun o -> o.Field.Name, texts o)

        let width =
            overrides
            |> List.filter (fun o -> o.Field.Name = "hidden" && o.Values.Length = 1)

        { experiment with
            Axes = kept @ added
            Base = Configuration.apply width experiment.Base
        }

    /// How many points there are.
    let size (overrides: Override list) (experiment: Experiment) : int =
        (1L, (given overrides experiment).Axes)
        ||> List.fold (fun product (_, values) -> min 1_000_000L (product * int64 values.Length))
        |> int

    /// The keys that vary.
    let axes (overrides: Override list) (experiment: Experiment) : string list =
        (given overrides experiment).Axes |> List.map fst

    /// Every place on the axes, the first slowest, with its settings.
    let private places (experiment: Experiment) =
        experiment.Axes
        |> List.map (fun (key, values) -> values |> List.map (fun value -> setting experiment (key, value)))
        |> combinations
        |> List.map (fun place ->
            // A width on an axis is a base width too.
            let widths, others = place |> List.partition (fun o -> o.Field.Name = "hidden")

            place,
            experiment.Base
            |> Configuration.apply widths
            |> Configuration.apply others
            |> experiment.Complete)

    /// The overrides beyond the axes that change something, in the order of Fields.
    let private changes overrides (experiment: Experiment) =
        let planned = places experiment

        let changesSomething (o: Override) =
            if o.Field.Name = "hidden" then
                o.Field.Get experiment.Base <> o.Value
            else
                planned |> List.exists (fun (_, settings) -> o.Field.Get settings <> o.Value)

        Fields.all
        |> List.collect (fun field -> overrides |> List.filter (fun o -> o.Field.Name = field.Name))
        |> List.filter (fun o ->
            o.Field.Name <> "seed"
            && o.Values.Length = 1
            && not (isAxis experiment o)
            && changesSomething o)

    /// The points of an experiment, first axis slowest. What an override changes beyond the axes becomes part of the
    /// points' names, so that a trial never lies where the published run belongs.
    let points (overrides: Override list) (experiment: Experiment) : Point list =
        let changes = changes overrides experiment
        let applied = changes |> List.filter (fun o -> o.Field.Name <> "hidden")

        [
            for place, settings in places (given overrides experiment) ->
                {
                    Axes = place |> List.map (fun o -> o.Field.Name, o.Value.Text)
                    Place = folder (List.map text place)
                    Name = folder (List.map text (place @ changes))
                    Settings = Configuration.apply applied settings
                }
        ]

    /// The figures by their names, each with the points that it shows. A name says whatever sets these runs apart from the
    /// experiment's own.
    let figures (overrides: Override list) (experiment: Experiment) : (string * FigureKind * Point list) list =
        let points = points overrides experiment

        let narrowed =
            overrides
            |> List.filter (fun o ->
                experiment.Axes
                |> List.exists (fun (key, values) -> key = o.Field.Name && values <> (o.Values |> List.map _.Text)))

        let added =
            overrides
            |> List.filter (fun o -> o.Values.Length > 1 && o.Field.Name <> "seed" && not (isAxis experiment o))

        [
            for figure in experiment.Figures do
                let split = figure.Split

                let apart =
                    narrowed |> List.filter (fun o -> not (List.contains o.Field.Name split))

                let suffix = List.map text (apart @ added @ changes overrides experiment)

                let valuesOf (point: Point) =
                    point.Axes |> List.filter (fun (key, _) -> List.contains key split)

                for values, points in points |> List.groupBy valuesOf do
                    let name =
                        (figure.Name, values)
                        ||> List.fold (fun name (key, value) -> name.Replace($"{{{key}}}", value))

                    folder (name :: suffix), figure.Kind, points
        ]
