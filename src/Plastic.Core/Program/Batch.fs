namespace Plastic.Core

open System
open System.Collections.Generic

/// The data of a batch of episodes, row-major.
[<Sealed>]
type Batch
    internal
    (
        size: int,
        steps: int,
        inputs: int,
        outputs: int,
        input: float[],
        target: float[],
        weight: float[],
        lengths: int[],
        gates: float[]
    ) =
    do
        let check name (values: float[]) expected =
            if values.Length <> expected then
                raise (ShapeException($"batch {name}", $"{expected} numbers", string values.Length))

        check "input" input (size * steps * inputs)
        check "target" target (size * steps * outputs)

        if lengths.Length <> size then
            raise (ShapeException("batch lengths", $"{size} numbers", string lengths.Length))

        if weight.Length <> size * steps then
            check "weight" weight steps

    let own = weight.Length <> steps || size = 1

    /// Where the weight of a step is.
    let place sample step =
        if own then sample * steps + step else step

    /// A batch of episodes; `lengths` [B] are the steps of each, 0 for a place without one.
    new(size, steps, inputs, outputs, input, target, weight, lengths: int[]) =
        Batch(size, steps, inputs, outputs, input, target, weight, lengths, Array.empty)

    /// A batch of episodes that all have T steps.
    new(size: int, steps: int, inputs: int, outputs: int, input: float[], target: float[], weight: float[]) =
        Batch(size, steps, inputs, outputs, input, target, weight, Array.create size steps)

    /// Number of episodes B.
    member _.Size = size
    /// Number of steps T.
    member _.Steps = steps
    /// Length of the input of a step.
    member _.Inputs = inputs
    /// Length of the target of a step.
    member _.Outputs = outputs
    /// [B, T, inputs]
    member _.Input = input
    /// [B, T, outputs]
    member _.Target = target
    /// [T], or [B, T] where each episode has its own: the weight of each step in the loss; 0 for a step without a target.
    member _.Weight = weight

    /// The weight of a step of an episode in the loss.
    member _.WeightOf(sample: int, step: int) : float = weight[place sample step]

    /// [B]: the steps of each episode, 0 to T; 0 for a place without an episode. What is beyond them is no data.
    member _.Lengths = lengths

    /// How many steps an episode has up to the last one that counts in the loss; 0 for an episode of which none counts.
    member this.CountedSteps(sample: int) : int =
        let mutable counted = steps

        while counted > 0 && not (this.WeightOf(sample, counted - 1) > 0.0) do
            counted <- counted - 1

        counted

    /// The same batch with gates [T, width], the same for all of its episodes (Intervention.fs).
    member internal _.Gated(gates: float[]) =
        Batch(size, steps, inputs, outputs, input, target, weight, lengths, gates)

    /// The values of a data input at one step, by its name in the step: "input", "target", "weight", or "gates" under interventions.
    member _.Read(name: string, sample: int, step: int) : ArraySegment<float> =
        match name with
        | "input" -> ArraySegment(input, (sample * steps + step) * inputs, inputs)
        | "target" -> ArraySegment(target, (sample * steps + step) * outputs, outputs)
        | "weight" -> ArraySegment(weight, place sample step, 1)
        | "gates" -> ArraySegment(gates, gates.Length / steps * step, gates.Length / steps)
        | _ -> invalidArg (nameof name) $"a batch has no data named {name}; it has input, target and weight"

    /// One episode as a batch of its own.
    member _.Sample(sample: int) =
        let row (values: float[]) width =
            Array.sub values (sample * steps * width) (steps * width)

        let weight = if own then row weight 1 else weight
        Batch(1, steps, inputs, outputs, row input inputs, row target outputs, weight, [| lengths[sample] |], gates)

    /// The first steps of every episode.
    member _.First(count: int) =
        let part (values: float[]) width =
            let some = Array.zeroCreate (values.Length / steps * count)

            for at in 0 .. values.Length / (steps * width) - 1 do
                Array.blit values (at * steps * width) some (at * count * width) (count * width)

            some

        Batch(
            size,
            count,
            inputs,
            outputs,
            part input inputs,
            part target outputs,
            part weight 1,
            Array.map (min count) lengths,
            Array.truncate (gates.Length / steps * count) gates
        )

/// The results of running a batch, in float64 for every executor.
[<Sealed>]
type Episode
    internal
    (
        loss: float,
        sampleLoss: float[],
        outputs: IReadOnlyDictionary<string, float[]>,
        gradients: float[][],
        inputGradients: IReadOnlyDictionary<string, float[]>,
        fast: IReadOnlyDictionary<string, float[]>,
        states: IReadOnlyDictionary<string, float[]>,
        buffers: float[][]
    ) =
    internal new(loss, sampleLoss, outputs, gradients, inputGradients, fast, states) =
        Episode(loss, sampleLoss, outputs, gradients, inputGradients, fast, states, [||])

    /// The batch's loss: the sum of SampleLoss.
    member _.Loss = loss
    /// [B]: the contribution of each episode to the loss.
    member _.SampleLoss = sampleLoss
    /// Each named output of the step, [B, T, length].
    member _.Outputs = outputs
    /// One array per parameter, of its shape; empty if no gradient was requested.
    member _.Gradients = gradients
    /// The gradient of the loss with respect to the data that the Program was asked for, by name ("input"), [B, T, length]; empty if
    /// nothing was asked for, or no gradient was requested. Of a network with an encoder, with respect to what the encoder made of the
    /// input: "encoded".
    member _.InputGradients = inputGradients
    /// Each plastic synapse's F after the last step, [B, n, m].
    member _.FastWeights = fast
    /// Each state after the last step, [B, length].
    member _.States = states

    /// The buffers of the network's encoder after the run; empty where there is none.
    member _.Buffers = buffers

    /// The same episode of a network with an encoder: with its inputs, its gradients and its buffers.
    member internal _.Encoded(input: float[], gradients: float[][], buffers: float[][]) =
        let outputs = Dictionary outputs
        outputs["encoded"] <- input
        let encoded = dict [ for g in inputGradients -> "encoded", g.Value ] |> Dictionary
        Episode(loss, sampleLoss, outputs, gradients, encoded, fast, states, buffers)
