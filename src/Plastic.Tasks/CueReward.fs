/// Cue and reward (Duan et al. 2023, section 4.1): a few cues, each with a reward, are shown in random order; then the cues
/// are shown alone, and the network must output the reward. It can remember only in h or in the fast weights.
module internal Plastic.Tasks.CueReward

open System
open Plastic.Core

/// Number of different cues in an episode.
let cues = 5
/// Length of a cue.
let width = 14
/// Number of steps that show a reward, and of steps that test it.
let half = 10

/// Draws an episode: cues ~ U[0,1]^14, rewards ~ U(−1, 1), then for every step which cue is shown and its noise.
/// input [2·half, width + 2] = noisy cue, reward (0 when tested), flag (1 when tested); target [2·half, 1].
let private draw noise (stream: RandomStream) (input: ArraySegment<float>) (target: ArraySegment<float>) =
    let input = input.AsSpan()
    let target = target.AsSpan()
    let inputs = width + 2
    let values = stream.Room(cues * width)
    let rewards = stream.Room cues

    for k in 0 .. values.Length - 1 do
        values[k] <- stream.Uniform()

    for k in 0 .. cues - 1 do
        rewards[k] <- stream.Uniform(-1.0, 1.0)

    for t in 0 .. 2 * half - 1 do
        let cue = stream.Below cues
        let row = input.Slice(t * inputs, inputs)
        stream.Normals(row.Slice(0, width))

        for k in 0 .. width - 1 do
            row[k] <- values[cue * width + k] + noise * row[k]

        let shown = t < half
        row[width] <- if shown then rewards[cue] else 0.0
        row[width + 1] <- if shown then 0.0 else 1.0
        target[t] <- rewards[cue]

/// Mean squared error over all steps, including those that show the answer.
let task: Task =
    {
        Name = "cuereward"
        Summary = "five cues and their rewards are shown, then the cues alone; predict the rewards"
        Floor = "guessing 0 when tested gives 1/6 ≈ 0.167; cues that were never shown cost at least 0.0179"
        Published = [ "max_batch", "20000" ]
        Loss = MeanSquaredError
        Measure = null
        Reads = [ "noise" ]
        Size = fun _ -> int64 (2 * half * (width + 2))
        Chance = fun _ -> 1.0 / 6.0
        // Each cue is missing from what is shown with probability (1 − 1/cues)^half, and then costs its variance 1/3 in half
        // of the steps.
        LeastLoss = fun _ -> (1.0 - 1.0 / float cues) ** float half / 6.0
        Episodes =
            fun settings -> Episodes(width + 2, 1, 2 * half, (fun _ -> 1.0 / float (2 * half)), draw settings.Noise)
    }
