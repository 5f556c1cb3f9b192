/// Memorising patterns (Miconi, Clune and Stanley 2018, section 4.1): patterns of many bits are shown to an autoassociative
/// network several times; then one of them is shown with half of its bits missing, and has to be completed.
module Plastic.Tasks.Patterns

open System
open Plastic.Core

/// The magnitude of an input bit: large enough compared with the recurrent drive to decide the unit's sign.
let internal drive = 20.0

/// Steps of an episode.
let internal steps (s: EpisodeSettings) : int64 =
    int64 s.Cycles * int64 s.Patterns * int64 (s.Shown + s.Pause) + int64 s.Shown

/// The order of a cycle: 0 … count − 1, shuffled.
let private shuffled (stream: RandomStream) count =
    let order = Array.init count id

    for k in count - 1 .. -1 .. 1 do
        let other = stream.Below(k + 1)
        let value = order[k]
        order[k] <- order[other]
        order[other] <- value

    order

/// Draws an episode: the patterns of ±1; the order of each cycle; which pattern is tested, and which half of its bits is
/// missing.
/// input [T, bits] = ±20 for the bits of the pattern shown, zeros in a pause and for missing bits; target [T, bits] =
/// the pattern that is tested.
let private draw
    (s: EpisodeSettings)
    (stream: RandomStream)
    (input: ArraySegment<float>)
    (target: ArraySegment<float>)
    =
    let mutable input, target = input, target
    let bits = s.Bits
    let patterns = Array.init s.Patterns (fun _ -> Bits.pattern stream bits)

    let show t (pattern: float[]) isThere =
        for k in 0 .. bits - 1 do
            input[t * bits + k] <- if isThere k then drive * pattern[k] else 0.0

    let mutable t = 0

    for _ in 1 .. s.Cycles do
        for which in shuffled stream s.Patterns do
            for within in 0 .. s.Shown + s.Pause - 1 do
                show t patterns[which] (fun _ -> within < s.Shown)
                t <- t + 1

    let asked = patterns[stream.Below s.Patterns]
    let isMissing: bool[] = Array.zeroCreate bits

    for k in shuffled stream bits |> Array.take (bits / 2) do
        isMissing[k] <- true

    for _ in 1 .. s.Shown do
        show t asked (fun k -> not isMissing[k])
        t <- t + 1

    for t in 0 .. t - 1 do
        for k in 0 .. bits - 1 do
            target[t * bits + k] <- asked[k]

/// Mean squared error over the bits, at the last step.
let task: Task =
    {
        Name = "patterns"
        Summary = "patterns of many bits are shown, then half of one; complete it"
        Floor = "guessing 0 for missing bits gives 1/2; guessing random signs leaves a quarter of all bits wrong"
        Published =
            [
                "cell", "attractor"
                "rule", "trace"
                "extra", "0"
                "modulation", "false"
                "init_sd", "0.01"
                "batch", "1"
                "lr", "3e-4"
                "amsgrad", "false"
                "max_grad_norm", "none"
                "max_batch", "1999"
            ]
        Loss = MeanSquaredError
        Measure = Bits.wrongSigns
        Reads = [ "bits"; "patterns"; "cycles"; "shown"; "pause" ]
        Size = fun s -> steps s * int64 s.Bits
        Chance = fun s -> float (s.Bits / 2) / float s.Bits
        LeastLoss = fun _ -> 0.0
        Episodes =
            fun s ->
                let steps = int (steps s)
                Episodes(s.Bits, s.Bits, steps, (fun t -> if t = steps - 1 then 1.0 else 0.0), draw s)
    }
