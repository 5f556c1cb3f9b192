namespace Plastic.Laws

open Plastic.Core

/// Numbers drawn from a seed and a purpose.
[<RequireQualifiedAccess>]
module internal Numbers =
    /// Random numbers from U(−1, 1).
    let uniform (seed: int) (purpose: string) count : float[] =
        let stream = RandomStream(Philox.key seed purpose, 0L, 0)
        Array.init count (fun _ -> stream.Uniform(-1.0, 1.0))
