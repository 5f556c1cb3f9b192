/// One-shot learning and reversal (Miconi 2016, sections 3.2 and 3.3): two patterns alternate; their labels are shown once
/// and have to be output from then on. In reversal the labels are swapped half way through, and shown once more. (The
/// published code draws the initial output weights from |N(0, 0.1²)|, and divides the error of reversal by 18 steps, two of
/// which contribute 0; here it is divided by the 16 that count.)
module Plastic.Tasks.BohpLabels

open System
open System.Globalization
open Plastic.Core

/// Bits of a pattern.
let internal bits = 8
/// Steps of an episode.
let internal steps = 20
/// Inputs: a label of two, and a pattern.
let internal inputs = 2 + bits

/// Whether labels are shown at a step.
let private isShown reverses t =
    t < 2 || reverses && t >= steps / 2 && t < steps / 2 + 2

/// The weight of each step in the loss: 0 for steps that show labels, equal for the others.
let private weight reverses =
    let counted =
        Seq.init steps id |> Seq.filter (isShown reverses >> not) |> Seq.length

    Array.init steps (fun t -> if isShown reverses t then 0.0 else 1.0 / float counted)

/// Draws an episode: two patterns of ±1 that differ. At even steps the label is 0, at odd ones 1; the first pattern has
/// label 0, after a reversal label 1.
/// input [20, 10] = the label, one-hot, or zeros; the pattern. target [20, 2] = the label.
let private draw reverses (stream: RandomStream) (input: ArraySegment<float>) (target: ArraySegment<float>) =
    let mutable input, target = input, target
    let first = Bits.pattern stream bits
    let second = Bits.other stream first

    for t in 0 .. steps - 1 do
        let label = t % 2
        let isSwapped = reverses && t >= steps / 2
        let pattern = if (label = 0) <> isSwapped then first else second

        for k in 0..1 do
            let hot = if k = label then 1.0 else 0.0
            target[t * 2 + k] <- hot
            input[t * inputs + k] <- if isShown reverses t then hot else 0.0

        for k in 0 .. bits - 1 do
            input[t * inputs + 2 + k] <- pattern[k]

/// The fraction of counted steps at which the true label is not the more likely one.
let private wrongLabels =
    Measure(
        "wrong labels",
        fun batch outputs ->
            let wrong =
                seq {
                    for sample in 0 .. batch.Size - 1 do
                        for t in 0 .. batch.Steps - 1 do
                            if batch.Weight[t] > 0.0 then
                                let at = (sample * batch.Steps + t) * 2
                                let margin = outputs[at] - outputs[at + 1]

                                if margin * (batch.Target[at] - batch.Target[at + 1]) > 0.0 then
                                    0.0
                                else
                                    1.0
                }

            Seq.average wrong
    )

let private make name summary reverses : Task =
    let weight = weight reverses
    let counted = weight |> Seq.filter (fun w -> w > 0.0) |> Seq.length

    {
        Name = name
        Summary = summary
        Floor = "guessing gives log 2 ≈ 0.693; labels alternate, so a recurrent network can count instead"
        Published =
            Bits.published
            @ [
                "cell", "double"
                "hidden", "2"
                "gamma", "0.98"
                "lr", "0.01"
                "max_step", "0.01"
                "l1", "1e-4"
                // The published loss is the sum over steps, this one the mean: this epsilon gives the same optimiser steps.
                "epsilon", (1e-8 / float (counted * counted)).ToString("R", CultureInfo.InvariantCulture)
                "max_batch", "9999"
            ]
        Loss = CrossEntropy
        Measure = wrongLabels
        Reads = []
        Size = fun _ -> int64 (steps * inputs)
        Chance = fun _ -> log 2.0
        LeastLoss = fun _ -> 0.0
        Episodes = fun _ -> Episodes(inputs, 2, steps, Array.get weight, draw reverses)
    }

/// Mean cross-entropy over the steps from the third on.
let oneshot =
    make "bohp_oneshot" "two patterns of 8 bits and their labels are shown once; then label each pattern" false

/// Mean cross-entropy over the steps without a label.
let reversal =
    make "bohp_reversal" "the same, with the labels swapped half way through; forget and learn again" true
