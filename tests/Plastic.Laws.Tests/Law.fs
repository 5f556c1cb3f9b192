/// Laws defined in a test: checked over a fixed number of random cases; a broken law raises an exception.
///
/// A law's first seed is a function of its name, so that a run repeats. PLASTIC_NIGHTLY=1 takes fresh seeds and checks twenty
/// times as many cases; PLASTIC_REPLAY="seed,gamma,size", as a failure prints it, checks that one case (together with a filter
/// on the test's name).
module internal Plastic.Laws.Law

open System
open FsCheck

/// Raised when a law fails; the message has the smallest counterexample found and how to replay it.
[<Sealed>]
type BrokenLaw(broken: Broken) =
    inherit Exception(broken.Message, broken.Cause)

let private sampling =
    lazy
        (match Sampling.OfEnvironment() with
         | Ok sampling -> sampling
         | Error fault -> failwith fault)

let private raised result =
    match result with
    | Ok _ -> ()
    | Error broken -> raise (BrokenLaw broken)

/// Checks `property`, anything that FsCheck can test, on `count` cases. Raises BrokenLaw.
let holdsFor (count: int) (name: string) (property: 'Testable) =
    Property.check sampling.Value "" name count property |> raised

/// Checks `property` on 100 cases. Raises BrokenLaw.
let holds (name: string) (property: 'Testable) = holdsFor 100 name property

/// Checks a property that notes which kinds of case it met, and fails when a kind is rarer than its least share. Raises
/// BrokenLaw.
let holdsOften count name (kinds: (string * float) list) (cases: Arbitrary<'a>) (property: Tally -> 'a -> unit) =
    Property.checkOften sampling.Value "" name count kinds cases property |> raised
