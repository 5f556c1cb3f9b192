namespace Plastic.Tasks

open System
open System.Collections.Concurrent

/// Episodes in arrays: step s of the arrays is a row of inputs and a row of targets, and an episode is a run of steps.
[<NoComparison; NoEquality>]
type internal DataStore =
    {
        /// [steps, inputs]
        Inputs: DataArray
        /// [steps, outputs], or [steps] class labels from 0, −1 for none.
        Targets: DataArray
        /// One per step, or per step of every episode alike; none where all count the same.
        Weights: DataArray option
        /// Whether Weights are those of every episode.
        AlikeWeights: bool
        /// The number of inputs.
        Width: int
        /// The first step of each episode.
        Starts: int[]
        /// The number of steps of each episode.
        Lengths: int[]
        /// Whether targets are class labels.
        HasLabels: bool
    }

    /// The number of episodes.
    member s.Count = s.Starts.Length

    /// The number that weighs a step of an episode, before these are made to sum to 1.
    member s.Weight(episode: int, step: int) : float =
        let at = s.Starts[episode] + step

        match s.Weights with
        | _ when s.HasLabels && s.Targets[at] < 0.0 -> 0.0
        | None -> 1.0
        | Some weights -> weights[if s.AlikeWeights then step else at]

/// Some of the episodes of a store, in batches of T steps: what is beyond the end of an episode is 0 and counts nothing.
[<Sealed>]
type internal DataPart(store: DataStore, episodes: int[], steps: int, outputs: int, bytes: int64) =
    let totals =
        episodes
        |> Array.map (fun n -> Seq.sum (seq { for t in 0 .. store.Lengths[n] - 1 -> store.Weight(n, t) }))

    /// The loss of the best constant guess for the first so many episodes: of numbers their variance, of labels their entropy.
    let chance used =
        let mean, square = Array.zeroCreate outputs, Array.zeroCreate outputs

        for place in 0 .. used - 1 do
            let n = episodes[place]

            for t in 0 .. store.Lengths[n] - 1 do
                let share = store.Weight(n, t) / totals[place] / float used
                let at = store.Starts[n] + t

                if share > 0.0 && store.HasLabels then
                    let label = int store.Targets[at]
                    mean[label] <- mean[label] + share
                elif share > 0.0 then
                    for k in 0 .. outputs - 1 do
                        let x = store.Targets[at * outputs + k]
                        mean[k] <- mean[k] + share * x
                        square[k] <- square[k] + share * x * x

        if store.HasLabels then
            mean |> Array.sumBy (fun p -> if p > 0.0 then -p * log p else 0.0)
        else
            Array.map2 (fun m s -> max 0.0 (s - m * m)) mean square |> Array.average

    let chances = ConcurrentDictionary<int, float>()

    /// The target of a step.
    member private _.Target(at: int, into: Span<float>) =
        if store.HasLabels then
            into.Clear()
            into[int store.Targets[at]] <- 1.0
        else
            store.Targets.CopyTo(at * outputs, into)

    interface IStored with
        member _.Count = episodes.Length
        member _.Index episode = episodes[episode]
        member _.Steps = steps
        member _.Bytes = bytes
        member _.Chance used = chances.GetOrAdd(used, chance)

        member this.Write(episode, share, input, target, weight) =
            let n = episodes[episode]
            let start, length = store.Starts[n], store.Lengths[n]
            let input = input.AsSpan()
            let target = target.AsSpan()
            let weight = weight.AsSpan()
            store.Inputs.CopyTo(start * store.Width, input.Slice(0, length * store.Width))
            input.Slice(length * store.Width).Clear()

            for t in 0 .. steps - 1 do
                let counts = if t < length then store.Weight(n, t) else 0.0
                weight[t] <- share * counts / totals[episode]
                let row = target.Slice(t * outputs, outputs)

                if counts > 0.0 then
                    this.Target(start + t, row)
                else
                    row.Clear()

            length
