// A task: episodes to learn from, as a pure function of a random stream. Try it:
//
//     plastic train ./my_task.fsx rule=hebbian

open System
open Plastic.Core
open Plastic.Tasks

/// Length of the input vector.
let private inputs = 4
/// Steps of an episode.
let private steps = 8

/// Draws an episode: input [steps, inputs] ~ U(−1, 1); target [steps, 1], at every step the first number that was shown. Every
/// element of both has to be written.
let private draw (stream: RandomStream) (input: ArraySegment<float>) (target: ArraySegment<float>) =
    let mutable input, target = input, target

    for k in 0 .. input.Count - 1 do
        input[k] <- stream.Uniform(-1.0, 1.0)

    for t in 0 .. steps - 1 do
        target[t] <- input[0]

/// The one public Task of this file.
let task: Task =
    {
        Name = "my_task"
        Summary = "numbers are shown; say the first one at every step"
        Floor = "guessing 0 gives 1/3"
        Published = [ "hidden", "32"; "max_batch", "2000" ]
        Loss = MeanSquaredError
        Measure = null
        Reads = []
        Size = fun _ -> int64 (steps * inputs)
        Chance = fun _ -> 1.0 / 3.0
        LeastLoss = fun _ -> 0.0
        Episodes = fun _ -> Episodes(inputs, 1, steps, (fun _ -> 1.0 / float steps), draw)
    }
