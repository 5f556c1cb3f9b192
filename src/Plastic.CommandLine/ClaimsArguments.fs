namespace Plastic.CommandLine

open Argu

type internal ClaimsArguments =
    | [<MainCommand>] Claims of words: string list
    | [<Unique>] Scale of size: string
    | [<Unique>] Seed of seeds: string
    | [<Unique>] Out of folder: string
    | [<Unique>] Threads of count: string
    | [<Unique>] Jobs of count: string
    | [<Unique>] History of megabytes: string
    | [<Unique>] Checkpoint of seconds: string
    | [<Unique>] No_Training
    | [<Unique>] Dry_Run

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Claims _ -> "names of claims or papers (default: all)"
            | Scale _ ->
                "small (narrower networks and shorter training, for two cores) or paper (as published, for a cluster) (default: small)"
            | Seed _ ->
                "seeds in place of the claims' own, N or A..B; what they give is shown and not recorded (default: five or more at small scale, four or more at the papers')"
            | Out _ -> "the folder for runs/, figures/, claims.json and claims.md (default: the current one)"
            | Threads _ -> Meaning.threads
            | Jobs _ -> "number of runs to train in parallel, each with its share of the threads (default: 1)"
            | History _ -> Meaning.history
            | Checkpoint _ -> Meaning.checkpoint
            | No_Training -> "judge from the runs that are finished; claims that lack runs stay undecided"
            | Dry_Run -> "print what would be trained and how long it would take; train nothing"
