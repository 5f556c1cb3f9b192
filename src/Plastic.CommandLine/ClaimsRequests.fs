namespace Plastic.CommandLine

open System.Collections.Generic
open Plastic.Claims

/// `claims [NAME…] [--scale small|paper] [--seed N|A..B] [--out DIR] [--threads N] [--jobs N] [--history MB] [--checkpoint SECONDS] [--no-training] [--dry-run]`
[<Sealed>]
type ClaimsRequest
    internal
    (
        all: IReadOnlyList<PlannedClaim>,
        claims: IReadOnlyList<PlannedClaim>,
        ownSeeds: bool,
        directory: string,
        resources: Resources,
        jobs: int,
        checkpoints: Checkpoints,
        noTraining: bool,
        dryRun: bool
    ) =
    inherit Command()
    /// Every claim with its runs, so that runs which claims share are the same whatever is asked for.
    member _.All = all
    /// The claims to test.
    member _.Claims = claims
    /// Whether the seeds are the claims' own; what other seeds give is shown and not recorded.
    member _.OwnSeeds = ownSeeds
    /// The folder that holds runs/ and figures/; empty for the current one.
    member _.Directory = directory
    /// What the runs may use.
    member _.Resources = resources
    /// Runs trained in parallel, each with its share of the threads.
    member _.Jobs = jobs
    /// How unfinished runs are resumed, and how often a checkpoint is written.
    member _.Checkpoints = checkpoints
    /// Judge from the runs that are finished.
    member _.NoTraining = noTraining
    /// Print what would be trained, and train nothing.
    member _.DryRun = dryRun
