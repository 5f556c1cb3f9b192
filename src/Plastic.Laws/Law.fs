namespace Plastic.Laws

open System
open System.Collections.Generic
open FsCheck
open FsCheck.FSharp

/// Counts in words.
[<RequireQualifiedAccess>]
module internal Count =
    /// "1 case", "2 cases".
    let cases count =
        if count = 1 then "1 case" else $"{count} cases"

/// Why a law does not hold.
type Broken =
    {
        /// The law's name.
        Law: string
        /// The subject, a rule's name; empty for a law about something else.
        Subject: string
        /// What was expected and what was found.
        Reason: string
        /// Cases checked until one failed.
        Cases: int
        /// The simplest failing case found; empty if no single case is to blame.
        Smallest: string
        /// The first failing case.
        First: string
        /// The seed of the first failing case; None if no single case is to blame.
        Replay: CaseSeed option
        /// The exception that a case raised; null for none.
        Cause: exn
    }

    /// All of it on several lines: the law, its subject, the reason, the cases and the replay.
    member b.Message =
        let subject = if b.Subject = "" then "" else $" for {b.Subject}"
        let cases = Count.cases b.Cases

        match b.Replay with
        | Some replay ->
            $"{b.Law}: fails{subject} after {cases}: {b.Reason}\n"
            + $"  smallest case:\n    {b.Smallest}\n"
            + $"  first case:\n    {b.First}\n"
            + $"  replay of the first: {replay}"
        | None -> $"{b.Law}{subject}: {b.Reason}"

/// What must hold, as a value: a test framework, a program or a notebook can check it.
type Law =
    {
        /// A few words, unique among laws.
        Name: string
        /// What holds, in one sentence.
        Summary: string
        /// The number of cases that the law held on, or why it does not hold.
        Check: Sampling -> Result<int, Broken>
    }

/// Counts how often cases were of an interesting kind.
[<Sealed>]
type internal Tally() =
    let counts = Dictionary<string, int>()
    let features = Dictionary<string, struct (int * int)>()

    member val Cases = 0 with get, set

    /// This case is of that kind, when `isSo`.
    member _.Note(kind: string, isSo: bool) =
        if isSo then
            counts[kind] <- 1 + counts.GetValueOrDefault kind

    /// The share of cases of that kind.
    member tally.Share(kind: string) =
        float (counts.GetValueOrDefault kind) / float tally.Cases

    /// Notes that this case has the feature, and whether it passed.
    member _.NoteWithin(feature: string, isWell: bool) =
        let struct (met, well) = features.GetValueOrDefault feature
        features[feature] <- struct (met + 1, (if isWell then well + 1 else well))

    /// For each feature noted: how many cases have it, and how many of them passed.
    member _.Features: (string * int * int) list =
        [
            for KeyValue(feature, struct (met, well)) in features do
                feature, met, well
        ]

/// Properties of random cases, checked.
[<RequireQualifiedAccess>]
module internal Property =
    /// FNV-1a: String.GetHashCode differs from process to process.
    let private hash (text: string) =
        (14695981039346656037UL, text)
        ||> Seq.fold (fun hash letter -> (hash ^^^ uint64 letter) * 1099511628211UL)

    let private print (arguments: obj list) =
        arguments |> List.map (sprintf "%A") |> String.concat "\n    "

    /// Why a law fails as a whole, without a single case to blame.
    let fault name subject cases reason : Broken =
        {
            Law = name
            Subject = subject
            Reason = reason
            Cases = cases
            Smallest = ""
            First = ""
            Replay = None
            Cause = null
        }

    /// Keeps how the check ended.
    let private listener name subject (ended: Result<int, Broken> ref) =
        { new IRunner with
            member _.OnStartFixture _ = ()
            member _.OnArguments(_, _, _) = ()
            member _.OnShrink(_, _) = ()

            member _.OnFinished(_, result) =
                ended.Value <-
                    match result with
                    | TestResult.Passed(data, _) -> Ok data.NumberOfTests
                    | TestResult.Exhausted data ->
                        let met = data.NumberOfTests
                        Error(fault name subject met $"only {Count.cases met} met the conditions")
                    | TestResult.Failed(data, original, shrunk, outcome, _, last, size) ->
                        let cause =
                            match outcome with
                            | Outcome.Failed cause -> cause
                            | _ -> null

                        Error
                            {
                                Law = name
                                Subject = subject
                                Reason =
                                    if isNull cause then
                                        "the property is false"
                                    else
                                        cause.Message
                                Cases = data.NumberOfTests
                                Smallest = print shrunk
                                First = print original
                                Replay =
                                    Some
                                        {
                                            Seed = last.Seed
                                            Gamma = last.Gamma
                                            Size = size
                                        }
                                Cause = cause
                            }
        }

    /// Checks `property`, anything that FsCheck can test, on `count` cases, or as many as the sampling sets.
    let check (sampling: Sampling) subject name (count: int) (property: 'Testable) : Result<int, Broken> =
        let ended = ref (Ok 0)
        let seed = if sampling.Seed = 0L then "" else $" {sampling.Seed}"

        let start, count =
            match sampling.Replay with
            | Some replay ->
                {
                    Rnd = Rnd(replay.Seed, replay.Gamma)
                    Size = Some replay.Size
                },
                1
            | None ->
                {
                    Rnd = Rnd(hash (name + subject + seed))
                    Size = None
                },
                defaultArg sampling.Cases (count * sampling.Times)

        let config =
            Config.Quick
                .WithName(name)
                .WithMaxTest(count)
                .WithReplay(Some start)
                .WithQuietOnSuccess(true)
                .WithRunner(listener name subject ended)

        Check.One(config, property)
        ended.Value

    /// The share of the cases with a feature that must pass, if ten or more have it.
    let private leastWell = 0.8

    /// Checks a property that notes which kinds of case it met. The law is also broken if a kind is rarer than its minimum
    /// share, since a law that never meets the interesting cases shows nothing. With fewer than twenty cases no share is required.
    let checkOften sampling subject name count (kinds: (string * float) list) (cases: Arbitrary<'a>) property =
        let tally = Tally()

        let counted =
            Prop.forAll cases (fun case ->
                tally.Cases <- tally.Cases + 1
                property tally case)

        check sampling subject name count counted
        |> Result.bind (fun checked' ->
            let rare = kinds |> List.tryFind (fun (kind, least) -> tally.Share kind < least)

            let poor =
                tally.Features
                |> List.tryFind (fun (_, cases, well) -> cases >= 10 && float well < leastWell * float cases)

            match rare, poor with
            | Some(kind, least), _ when checked' >= 20 ->
                let found =
                    $"%.1f{100.0 * tally.Share kind} %% of the cases; at least %.1f{100.0 * least} %% required"

                Error(fault name subject checked' $"too few interesting cases: '{kind}' in {found}")
            | _, Some(feature, cases, well) ->
                Error(fault name subject checked' $"only {well} of {cases} cases with {feature} passed")
            | _ -> Ok checked')
