/// Pattern completion (Miconi 2016, section 3.1): a pattern is shown once, then a single bit of it; the network must
/// output all of it. The other bits can only come from a trace of the first step. (The published code also adds a trained
/// bias after tanh; the paper's equation, used here, has only the one inside.)
module Plastic.Tasks.BohpCompletion

open System
open Plastic.Core

/// Bits of a pattern.
let internal bits = 8

/// Draws an episode: a pattern of ±1, then the index of the bit that is shown.
/// input [2, 8] = the pattern; one bit of it, zeros elsewhere; target [2, 8] = the pattern.
let private draw (stream: RandomStream) (input: ArraySegment<float>) (target: ArraySegment<float>) =
    let mutable input, target = input, target
    let pattern = Bits.pattern stream bits
    let kept = stream.Below bits

    for k in 0 .. bits - 1 do
        input[k] <- pattern[k]
        input[bits + k] <- if k = kept then pattern[k] else 0.0
        target[k] <- pattern[k]
        target[bits + k] <- pattern[k]

/// The sum of squared errors over the bits, at the second step.
let task: Task =
    {
        Name = "bohp_completion"
        Summary = "a pattern of 8 bits is shown, then one bit of it; recall the others"
        Floor = "guessing 0 gives 8, and 7 with the bit that is shown"
        Published =
            Bits.published
            @ [
                "cell", "single"
                "gamma", "0.5"
                "lr", "0.03"
                "max_step", "0.1"
                "l1", "1e-3"
                "l2", "1e-4"
                "max_batch", "4999"
            ]
        Loss = SquaredError
        Measure = Bits.wrongSigns
        Reads = []
        Size = fun _ -> int64 (2 * bits)
        Chance = fun _ -> float (bits - 1)
        LeastLoss = fun _ -> 0.0
        Episodes = fun _ -> Episodes(bits, bits, 2, float, draw)
    }
