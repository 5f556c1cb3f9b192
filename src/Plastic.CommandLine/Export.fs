namespace Plastic.CommandLine

open System.Collections.Generic
open Plastic.Settings

/// What of an episode is exported.
[<Sealed>]
type ExportChoice internal (episodes: int, layers: string list option, steps: int list option, everyStep: bool) =
    /// How many test episodes, the first ones; at least 1.
    member _.Episodes = episodes

    /// The layers whose fast weights are exported; null for all.
    member _.Layers: IReadOnlyList<string> | null =
        match layers with
        | Some layers -> Array.ofList layers
        | None -> null

    /// The steps after which states and fast weights are exported, from 1, ascending; null where not chosen.
    member _.Steps: IReadOnlyList<int> | null =
        match steps with
        | Some steps -> Array.ofList steps
        | None -> null

    /// Whether these are all steps.
    member _.EveryStep = everyStep

/// `export RUN -o FILE [--episodes N] [--layers A,B|all|none] [--steps 1,5,10|A..B|all] [--threads N] [--trust]`
[<Sealed>]
type ExportRunRequest
    internal (run: string, file: string, choice: ExportChoice, resources: Resources, reading: RunReading) =
    inherit Command()
    /// The run's folder, as given.
    member _.Run = run
    /// The file to write; its name ends in .npz, .safetensors or .csv.
    member _.File = file
    /// What is exported.
    member _.Choice = choice
    /// What it may use of the machine.
    member _.Resources = resources
    /// How the run is read.
    member _.Reading = reading

/// `export NAME [key=value …] -o FILE.csv [--seed N|A..B] [--out DIR]`
[<Sealed>]
type ExportMetricsRequest internal (plan: Plan, directory: string, file: string) =
    inherit Command()
    /// The runs that it is about.
    member _.Plan = plan
    /// The folder that holds runs/; empty for the current one.
    member _.Directory = directory
    /// The file to write; its name ends in .csv.
    member _.File = file

/// `export tensorboard NAME [key=value …] [--seed N|A..B] [--out DIR]`
[<Sealed>]
type ExportTensorBoardRequest internal (plan: Plan, directory: string) =
    inherit Command()
    /// The runs that it is about.
    member _.Plan = plan
    /// The folder that holds runs/ and receives tensorboard/; empty for the current one.
    member _.Directory = directory

/// `analyse RUN [-o FOLDER] [--episodes N] [--threads N] [--trust]`
[<Sealed>]
type AnalyseRequest internal (run: string, folder: string, episodes: int, resources: Resources, reading: RunReading) =
    inherit Command()
    /// The run's folder, as given.
    member _.Run = run
    /// The folder for the results; empty for analysis/, and below it the folders that the run has below runs/.
    member _.Folder = folder
    /// How many test episodes, the first ones; at least 16.
    member _.Episodes = episodes
    /// What it may use of the machine.
    member _.Resources = resources
    /// How the run is read.
    member _.Reading = reading
