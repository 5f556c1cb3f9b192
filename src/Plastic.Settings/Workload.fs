namespace Plastic.Settings

open System
open Plastic.Core
open Plastic.Tasks

/// What a benchmark trains: a network of any settings on one batch of noise, so that only the step takes time.
[<Sealed>]
type Workload(settings: RunSettings, inputs: int, steps: int) =
    let draw (stream: RandomStream) (input: ArraySegment<float>) (target: ArraySegment<float>) =
        for values in [ input; target ] do
            let mutable values = values

            for k in 0 .. values.Count - 1 do
                values[k] <- stream.Uniform()

    /// The network and how it is trained; its task is not used.
    member _.Settings: RunSettings = settings

    /// Steps of an episode T.
    member _.Steps = steps

    /// What the network is built from: one output.
    member _.Network: NetworkOptions =
        { RunNetwork.options settings with
            Inputs = inputs
            Outputs = 1
        }

    /// Inputs and targets ~ U[0, 1); each step counts 1/T in the loss.
    member _.Batch() : Batch =
        Episodes(inputs, 1, steps, (fun _ -> 1.0 / float steps), draw)
            .Batch(Philox.key 0L "benchmark", 0L, settings.Batch)
