namespace Plastic.CommandLine

open System.Collections.Generic

/// What `list` lists.
type Topic =
    /// All of the following.
    | Everything = 0
    /// The named experiments.
    | Experiments = 1
    /// The tasks.
    | Tasks = 2
    /// The rules of the registry.
    | Rules = 3
    /// The runs in a folder.
    | Runs = 4
    /// The findings of the papers that can be tested.
    | Claims = 5

/// `list [experiments|tasks|rules|runs|claims] [--out DIR] [--filter CONDITION]… [--sort KEY] [--reverse] [--csv]`
[<Sealed>]
type ListRequest
    internal (topic: Topic, directory: string, conditions: Condition list, sort: string, isDescending: bool, csv: bool)
    =
    inherit Command()
    /// What is listed.
    member _.Topic = topic
    /// The folder that holds runs/; empty for the current one.
    member _.Directory = directory
    /// What the listed runs meet.
    member _.Conditions: IReadOnlyList<Condition> = Array.ofList conditions
    /// The setting or fact by which runs are in order; empty for their folders.
    member _.SortKey = sort
    /// Whether the largest comes first.
    member _.IsDescending = isDescending
    /// Whether to write csv.
    member _.Csv = csv

/// `show RUN`
[<Sealed>]
type ShowRequest internal (run: string) =
    inherit Command()
    /// The run's folder, as given.
    member _.Run = run

/// `compare A B … [--out DIR] [--csv]`
[<Sealed>]
type CompareRequest internal (targets: string list, directory: string, csv: bool) =
    inherit Command()
    /// Folders, names or tags, as given; the first is what the others are compared with.
    member _.Targets: IReadOnlyList<string> = Array.ofList targets
    /// The folder that holds runs/; empty for the current one.
    member _.Directory = directory
    /// Whether to write csv.
    member _.Csv = csv

/// `rm RUN… [--out DIR] [--yes]`
[<Sealed>]
type RemoveRequest internal (targets: string list, directory: string, isSure: bool) =
    inherit Command()
    /// Folders, names or tags, as given.
    member _.Targets: IReadOnlyList<string> = Array.ofList targets
    /// The folder that holds runs/; empty for the current one.
    member _.Directory = directory
    /// Whether to delete without a question.
    member _.IsSure = isSure

/// `stop RUN… [--out DIR]`
[<Sealed>]
type StopRequest internal (targets: string list, directory: string) =
    inherit Command()
    /// Folders, names or tags, as given.
    member _.Targets: IReadOnlyList<string> = Array.ofList targets
    /// The folder that holds runs/; empty for the current one.
    member _.Directory = directory

/// `watch [DIR] [--port N]`
[<Sealed>]
type WatchRequest internal (directory: string, port: int, reading: RunReading) =
    inherit Command()
    /// The folder that holds runs/, or runs/ itself; empty for the current one.
    member _.Directory = directory
    /// The port that the page is served on; 0 for any that is free.
    member _.Port = port
    /// How a run is read whose network is looked into: its code does not run.
    member _.Reading = reading
