namespace Plastic.Laws

open Expecto

/// What Expecto's own Expect does not say.
[<RequireQualifiedAccess>]
module Expect =
    /// Fails unless low ≤ actual ≤ high.
    let inRange (actual: 'T) (low: 'T) (high: 'T) (what: string) =
        if not (low <= actual && actual <= high) then
            failtest $"{what}: {actual} is not in {low}..{high}"

    /// The only element; fails when there are several or none.
    let single (actual: 'T seq) (what: string) : 'T =
        match List.ofSeq actual with
        | [ one ] -> one
        | several -> failtest $"{what}: {several.Length} elements instead of one"

    /// The exception of type E that `action` raises; fails when it raises none or another.
    let raises<'E when 'E :> exn> (action: unit -> unit) : 'E =
        let raised =
            try
                action ()
                None
            with problem ->
                Some problem

        match raised with
        | Some(:? 'E as expected) -> expected
        | Some other -> failtest $"expected {typeof<'E>.Name}, but {other.GetType().Name} was raised: {other.Message}"
        | None -> failtest $"expected {typeof<'E>.Name}, but nothing was raised"

    /// Fails unless both arrays have the same bits, NaN included.
    let sameBits (expected: float32[]) (actual: float32[]) =
        let bits = Array.map System.BitConverter.SingleToInt32Bits
        Expecto.Expect.sequenceEqual (bits actual) (bits expected) "bits"
