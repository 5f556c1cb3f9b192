/// How a law is checked: over a fixed number of random cases, from a seed that each failure prints.
///
/// A law's first seed is a function of its name, so that a run repeats; PLASTIC_NIGHTLY=1 takes fresh seeds and checks
/// twenty times as many cases. PLASTIC_REPLAY="seed,gamma,size", as a failure prints it, checks that one case alone (run
/// it together with a filter on the test's name).
module Plastic.Laws.Law

open System
open System.Collections.Generic
open FsCheck
open FsCheck.FSharp

/// Raised when a law fails; the message has the smallest counterexample found and how to replay it.
[<Sealed>]
type BrokenLaw(message: string, cause: exn) =
    inherit Exception(message, cause)

let private variable name =
    match Environment.GetEnvironmentVariable name with
    | null
    | "" -> None
    | value -> Some value

/// Whether this is a long run.
let nightly = variable "PLASTIC_NIGHTLY" = Some "1"

let private replay =
    variable "PLASTIC_REPLAY"
    |> Option.map (fun text ->
        match text.Split ',' with
        | [| seed; gamma; size |] ->
            {
                Rnd = Rnd(uint64 seed, uint64 gamma)
                Size = Some(int size)
            }
        | _ -> invalidArg "PLASTIC_REPLAY" $"expected seed,gamma,size, got {text}")

/// FNV-1a: String.GetHashCode differs from process to process.
let private seedOf (name: string) =
    (14695981039346656037UL, name)
    ||> Seq.fold (fun hash letter -> (hash ^^^ uint64 letter) * 1099511628211UL)

let private print (arguments: obj list) =
    arguments |> List.map (sprintf "%A") |> String.concat "\n    "

let private reporter =
    { new IRunner with
        member _.OnStartFixture _ = ()
        member _.OnArguments(_, _, _) = ()
        member _.OnShrink(_, _) = ()

        member _.OnFinished(name, result) =
            match result with
            | TestResult.Passed _ -> ()
            | TestResult.Exhausted data ->
                raise (BrokenLaw($"{name}: only {data.NumberOfTests} cases met the conditions", null))
            | TestResult.Failed(data, original, shrunk, outcome, _, last, size) ->
                let cause =
                    match outcome with
                    | Outcome.Failed cause -> cause
                    | _ -> null

                let reason = if isNull cause then "it is false" else cause.Message

                raise (
                    BrokenLaw(
                        $"{name}: broken after {data.NumberOfTests} cases: {reason}\n"
                        + $"  smallest case ({data.NumberOfShrinks} shrinks):\n    {print shrunk}\n"
                        + $"  first case:\n    {print original}\n"
                        + $"  replay the first with PLASTIC_REPLAY={last.Seed},{last.Gamma},{size}",
                        cause
                    )
                )
    }

/// Checks `property`, anything FsCheck can test, on `count` cases. Raises BrokenLaw.
let holdsFor (count: int) (name: string) (property: 'Testable) =
    let from =
        match replay with
        | Some _ -> replay
        | None when nightly -> None
        | None -> Some { Rnd = Rnd(seedOf name); Size = None }

    let config =
        Config.Quick
            .WithName(name)
            .WithMaxTest(
                if replay.IsSome then 1
                elif nightly then 20 * count
                else count
            )
            .WithReplay(from)
            .WithQuietOnSuccess(true)
            .WithRunner(reporter)

    Check.One(config, property)

/// Checks `property` on 100 cases. Raises BrokenLaw.
let holds (name: string) (property: 'Testable) = holdsFor 100 name property

/// Counts how often a case was of an interesting kind.
[<Sealed>]
type Tally internal () =
    let counts = Dictionary<string, int>()

    member val internal Cases = 0 with get, set

    /// This case is of that kind, when `isSo`.
    member _.Note(kind: string, isSo: bool) =
        if isSo then
            counts[kind] <-
                1
                + (match counts.TryGetValue kind with
                   | true, count -> count
                   | _ -> 0)

    /// The share of cases of that kind.
    member tally.Share(kind: string) =
        match counts.TryGetValue kind with
        | true, count -> float count / float tally.Cases
        | _ -> 0.0

/// Checks a property that notes which kinds of case it met, and fails when a kind is rarer than its least share: a law
/// that never meets the interesting cases shows nothing. Raises BrokenLaw.
let holdsOften count name (kinds: (string * float) list) (cases: Arbitrary<'a>) (property: Tally -> 'a -> unit) =
    let tally = Tally()

    Prop.forAll cases (fun case ->
        tally.Cases <- tally.Cases + 1
        property tally case)
    |> holdsFor count name

    if replay.IsNone then
        for kind, least in kinds do
            if tally.Share kind < least then
                let found =
                    $"{100.0 * tally.Share kind:F1} %% of the cases, not {100.0 * least:F1} %%"

                raise (BrokenLaw($"{name}: {kind} only in {found}", null))
