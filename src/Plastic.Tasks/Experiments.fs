namespace Plastic.Tasks

/// The experiments that have a name, one entry each. Tests enumerate this list.
[<RequireQualifiedAccess>]
module Experiments =
    /// Half as many units again where nothing learns within the episode, so that the plain network does not have fewer
    /// parameters than the plastic ones with their α.
    let private wider (settings: Settings) =
        if settings.Rule = "none" then
            { settings with
                Hidden = settings.Hidden * 3 / 2
            }
        else
            settings

    let all: Experiment list =
        [
            {
                Name = "cuereward_demo"
                Summary = "cue and reward: an RNN that learns by gradient, by Hebb's rule, or not at all"
                Base =
                    { Settings.Default with
                        Task = "cuereward"
                        MaxBatch = 5000
                    }
                Axes = [ "cell", [ "RNN" ]; "rule", [ "gradient"; "hebbian"; "none" ] ]
                Complete = wider
                Seeds = [ 0L ]
                Figures = [ "curves_demo" ]
            }
        ]

    /// What `train` and its kind take: the experiment of that name, or the task of that name by itself.
    let tryFind (name: string) : Experiment option =
        match all |> List.tryFind (fun experiment -> experiment.Name = name) with
        | Some experiment -> Some experiment
        | None -> Catalogue.tryFind name |> Option.map Experiment.ofTask

    /// Every name that tryFind knows.
    let names: string list =
        (all |> List.map _.Name) @ (Catalogue.tasks |> List.map _.Name)
