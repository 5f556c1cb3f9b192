namespace Plastic.Tasks

open System

/// A named set of runs, as data.
[<NoComparison; NoEquality>]
type Experiment =
    {
        Name: string
        /// One line for lists.
        Summary: string
        /// What all runs share.
        Base: Settings
        /// Settings that vary and their values, the first slowest.
        Axes: (string * string list) list
        /// Settings that follow from the axes' values: the width that makes networks comparable.
        Complete: Settings -> Settings
        Seeds: int64 list
        /// Names of the learning-curve figures, each with one curve per point.
        Figures: string list
    }

/// One place on an experiment's axes: the runs that differ in nothing but the seed.
[<NoComparison>]
type Point =
    {
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
            Figures = [ "curves" ]
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
            Value = Field.parse field text |> sure experiment
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

    let private text (o: Override) = $"{o.Field.Name}={o.Value.Text}"

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

    /// Every place on the axes, the first slowest, with its settings. An override of an axis leaves that axis one value.
    let private places overrides (experiment: Experiment) =
        experiment.Axes
        |> List.map (fun (key, values) ->
            match overrides |> List.tryFind (fun o -> o.Field.Name = key) with
            | Some chosen -> [ chosen ]
            | None -> values |> List.map (fun value -> setting experiment (key, value)))
        |> combinations
        |> List.map (fun place -> place, experiment.Base |> Configuration.apply place |> experiment.Complete)

    /// The overrides beyond the axes that change something, in the order of Fields.
    let private changes overrides (experiment: Experiment) =
        let planned = places overrides experiment

        Fields.all
        |> List.collect (fun field -> overrides |> List.filter (fun o -> o.Field.Name = field.Name))
        |> List.filter (fun o ->
            o.Field.Name <> "seed"
            && not (isAxis experiment o)
            && planned |> List.exists (fun (_, settings) -> o.Field.Get settings <> o.Value))

    /// The points of an experiment, first axis slowest. What an override changes beyond the axes becomes part of the
    /// points' names, so that a trial never lies where the published run belongs.
    let points (overrides: Override list) (experiment: Experiment) : Point list =
        let changes = changes overrides experiment

        [
            for place, settings in places overrides experiment ->
                {
                    Place = folder (List.map text place)
                    Name = folder (List.map text (place @ changes))
                    Settings = Configuration.apply changes settings
                }
        ]

    /// The names of the figures: with whatever sets these runs apart from the experiment's own.
    let figures (overrides: Override list) (experiment: Experiment) : string list =
        let narrowed =
            overrides
            |> List.filter (fun o ->
                experiment.Axes
                |> List.exists (fun (key, values) -> key = o.Field.Name && values <> [ o.Value.Text ]))

        let parts = List.map text (narrowed @ changes overrides experiment)
        experiment.Figures |> List.map (fun name -> folder (name :: parts))
