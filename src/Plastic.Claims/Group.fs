namespace Plastic.Claims

open System.Collections.Generic
open Plastic.Settings

/// The size at which claims are tested.
[<RequireQualifiedAccess>]
type Scale =
    /// Narrower networks and shorter training, for two cores.
    | Small
    /// As published, for a cluster.
    | Paper

    /// As on the command line.
    member scale.Name =
        match scale with
        | Small -> "small"
        | Paper -> "paper"

    /// Every scale, by name.
    static member All: IReadOnlyList<Scale> = [| Small; Paper |]

/// A point of an experiment or of a task.
[<NoComparison>]
type Place =
    {
        /// The experiment or task.
        Experiment: string
        /// The values on its axes, and what is set beyond them, by keys and texts.
        Settings: (string * string) list
    }

/// Runs that differ in nothing but the seed.
[<NoComparison>]
type Group =
    {
        /// In figures.
        Label: string
        /// Where they are at the published size.
        Published: Place
        /// Where they are at small scale.
        Small: Place
        /// Added to the seeds: 0, or so much that they are others than those on which a variant was found.
        SeedsFrom: int64
    }

    /// Where they are at a scale.
    member group.At(scale: Scale) : Place =
        match scale with
        | Scale.Small -> group.Small
        | Scale.Paper -> group.Published

/// From groups to runs.
[<RequireQualifiedAccess>]
module Group =
    /// A group that is the same at every scale.
    let published label experiment settings =
        let place =
            {
                Experiment = experiment
                Settings = settings
            }

        {
            Label = label
            Published = place
            Small = place
            SeedsFrom = 0L
        }

    /// The same with other seeds than those on which a variant was found, 0 to 19.
    let fresh (group: Group) = { group with SeedsFrom = 20L }

    /// The same with what is smaller at small scale.
    let reduced settings (group: Group) =
        { group with
            Small.Settings = group.Small.Settings @ settings
        }

    /// The same with another experiment at small scale.
    let instead experiment settings (group: Group) =
        { group with
            Small =
                {
                    Experiment = experiment
                    Settings = settings
                }
        }

    /// At least so many seeds at small scale.
    let private leastSmall = [ 0L .. 4L ]

    /// At least so many seeds at the published size.
    let private leastPublished = [ 0L .. 3L ]

    let private seeds scale (experiment: Experiment) =
        let least =
            match scale with
            | Scale.Small -> leastSmall
            | Scale.Paper -> leastPublished

        if experiment.Seeds.Length >= least.Length then
            experiment.Seeds
        else
            least

    /// The runs of a group, in the order of their seeds; for those that only test other networks also the runs of those. Raises
    /// InvalidOperationException if it names what the library does not know.
    let plan (library: Library) (scale: Scale) (given: int64 list) (group: Group) : Plan =
        let place = group.At scale

        let fail faults =
            invalidOp $"claims: {place.Experiment}: {faults}"

        let failAll (faults: Fault list) =
            faults |> List.map _.Message |> String.concat "; " |> fail

        let texts = [ for key, text in place.Settings -> $"{key}={text}" ]

        match Configuration.parse library texts with
        | Error faults -> failAll faults
        | Ok overrides ->
            match Experiments.tryFind library place.Experiment overrides with
            | None -> fail "no such experiment or task"
            | Some experiment ->
                match Experiment.points overrides experiment with
                | [ point ] ->
                    match Configuration.conflicts point.Settings with
                    | [] ->
                        let own = seeds scale experiment |> List.map (fun seed -> seed + group.SeedsFrom)
                        let seeds = if given.IsEmpty then own else given
                        Plan(experiment, overrides, seeds)
                    | conflicts -> failAll conflicts
                | points -> fail $"{points.Length} points where one is wanted"
