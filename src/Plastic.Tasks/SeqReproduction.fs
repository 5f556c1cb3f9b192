/// Sequence reproduction (Duan et al. 2023, section 4.2): a sequence is shown; after a delay without input it has to be
/// reproduced from memory, element by element.
module internal Plastic.Tasks.SeqReproduction

open System
open Plastic.Core

/// Draws an episode of n elements and a delay of m steps: elements ~ U(−1, 1).
/// input [2n + m, 3] = element and 1 while it is shown, 0 in the delay, flag (1 when tested); target [2n + m, 1]: the
/// sequence in the last n steps, else 0.
let private draw n delay (stream: RandomStream) (input: ArraySegment<float>) (target: ArraySegment<float>) =
    let input = input.AsSpan()
    let target = target.AsSpan()
    let asked = n + delay

    for t in 0 .. 2 * n + delay - 1 do
        for k in 0..2 do
            input[3 * t + k] <- 0.0

        target[t] <- 0.0

    for t in 0 .. n - 1 do
        let element = stream.Uniform(-1.0, 1.0)
        input[3 * t] <- element
        input[3 * t + 1] <- 1.0
        input[3 * (asked + t) + 2] <- 1.0
        target[asked + t] <- element

/// Mean squared error over the last n steps.
let task: Task =
    {
        Name = "seqreproduction"
        Summary = "a sequence is shown, and has to be reproduced after a delay"
        Floor = "guessing 0 gives 1/3 ≈ 0.333"
        Published = [ "max_batch", "10000" ]
        Loss = MeanSquaredError
        Measure = null
        Reads = [ "n"; "delay" ]
        Size = fun settings -> 3L * (2L * int64 settings.SequenceLength + int64 settings.Delay)
        Chance = fun _ -> 1.0 / 3.0
        LeastLoss = fun _ -> 0.0
        Episodes =
            fun settings ->
                let n, delay = settings.SequenceLength, settings.Delay

                let weight t =
                    if t < n + delay then 0.0 else 1.0 / float n

                Episodes(3, 1, 2 * n + delay, weight, draw n delay)
    }
