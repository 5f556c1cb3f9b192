namespace Plastic.CommandLine

open System.Collections.Generic
open Plastic.Settings
open Plastic.Tasks

/// From the name of an experiment or a task and key=value words to a plan.
[<RequireQualifiedAccess>]
module internal PlanReading =
    let private resolve
        (experiment: Experiment)
        overrides
        (given: int64 list option)
        (use': Plan -> Command)
        : Command =
        let set =
            overrides
            |> List.tryFind (fun o -> o.Field.Name = "seed")
            |> Option.map (fun o ->
                o.Values
                |> List.choose (fun value ->
                    match value with
                    | Whole n -> Some n
                    | _ -> None))

        // There may be too many of them.
        let points = lazy (Experiment.points overrides experiment)

        let faults () =
            points.Value
            |> List.collect (fun point -> Configuration.conflicts point.Settings)
            |> List.distinct

        let chosen = given |> Option.orElse set |> Option.defaultValue experiment.Seeds

        // The rules without a rate to look at, where rates are what is tested.
        let rateless () =
            if experiment.Tests.IsNone then
                []
            else
                points.Value
                |> List.map (fun point -> RunNetwork.rule point.Settings)
                |> List.filter (fun rule -> not rule.IsPlastic)
                |> List.map _.Name
                |> List.distinct

        // Tasks that are none of the experiment's own.
        let strangers =
            let own = experiment.Axes |> List.filter (fst >> (=) "task") |> List.collect snd

            overrides
            |> List.filter (fun o -> o.Field.Name = "task")
            |> List.collect _.Values
            |> List.map _.Text
            |> List.except own

        match Configuration.foreign experiment.Base.Library experiment.Base.Task overrides with
        | [] when not strangers.IsEmpty ->
            Refusal.usage
                $"task={strangers.Head} is no part of {experiment.Name}; give the name of the task or the experiment instead"
        | [] when given.IsSome && set.IsSome -> Refusal.usage "seed=N and --seed mean the same; give only one of them"
        | [] when Experiment.size overrides experiment * int64 chosen.Length > 10_000L ->
            Refusal.usage "these settings give more than 10000 runs; give fewer values"
        | [] ->
            let names = points.Value |> List.map _.Name

            match faults () with
            | [] when (List.distinct names).Length < names.Length ->
                Refusal.usage "log_every takes one value here: runs that differ only in how often they log are one run"
            | [] ->
                match rateless () with
                | [] -> use' (Plan(experiment, overrides, chosen))
                | rule :: _ -> Refusal.usage $"{experiment.Name} tests plastic networks; rule {rule} has no η"
            | conflicts -> Refusal.rejected conflicts
        | foreign -> Refusal.rejected foreign

    let private chosen library name settings seedText (use': Plan -> Command) : Command =
        match Configuration.parse library settings, OptionValues.seeds seedText with
        | Error faults, _ -> Refusal.rejected faults
        | _, Error fault -> Refusal.usage fault
        | Ok overrides, Ok seeds ->
            match Experiments.tryFind library name overrides with
            | Some experiment -> resolve experiment overrides seeds use'
            | None -> Refusal.usage $"unknown experiment or task {Quote.text name}"

    /// Every experiment, with its own settings and seeds, and the image sets that are at hand.
    let experiments (loader: ICodeLoader) : IReadOnlyList<Plan> =
        [|
            for known in Experiments.all do
                let library = CodeReading.images loader known.Name

                match Experiments.tryFind library known.Name [] with
                | Some experiment -> Plan(experiment, [], experiment.Seeds)
                | None -> ()
        |]

    /// The experiment or task, and the settings, that the command line gives. Raises MissingImagesException for the task of an image set
    /// that is not at hand.
    let plan (loader: ICodeLoader) command given seedText (use': Plan -> Command) : Command =
        Refusal.words command given (fun given ->
            match CodeReading.withData given with
            | [ data ], settings when
                data.Length > CodeReading.dataKey.Length
                && settings |> List.forall _.Contains('=')
                ->
                let path = data.Substring CodeReading.dataKey.Length
                let library, name = CodeReading.data loader Library.BuiltIn path
                let library, settings = CodeReading.settings loader library settings
                chosen library name settings seedText use'
            | _ :: _, _ -> Refusal.usage "data=FILE stands once, in place of the name of an experiment or a task"
            | [], [] -> Refusal.usage $"{command} needs the name of an experiment or a task (see plastic list)"
            | [], name :: settings ->
                let library, name =
                    if CodeReading.isFile name then
                        CodeReading.task loader Library.BuiltIn name
                    else
                        CodeReading.images loader name, name

                let names = Experiments.names library

                if List.contains name names then
                    let library, settings = CodeReading.settings loader library settings
                    chosen library name settings seedText use'
                else
                    let close = Refusal.meant names name

                    for set in Experiments.imageSets name do
                        raise (
                            MissingImagesException
                                $"the image set {Quote.text set} is not here: import it with: plastic data import FOLDER --name {set} ({loader.ImagePlace}){close}"
                        )

                    Refusal.usage $"unknown experiment or task {Quote.text name}{close} (see plastic list)")
