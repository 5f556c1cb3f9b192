namespace Plastic.Core

open System

/// A batch of a network with an encoder: the first 3·side² inputs of a step are its image, the others go past the encoder.
[<RequireQualifiedAccess>]
module internal EncodedInput =
    /// Numbers of an image.
    let pixels (encoder: Encoder) =
        3 * encoder.Options.Side * encoder.Options.Side

    /// Calls f with the number of each step of each episode.
    let private each (batch: Batch) f =
        for row in 0 .. batch.Size * batch.Steps - 1 do
            f row

    /// The images of a batch, [B, T, 3, side, side].
    let images (encoder: Encoder) (batch: Batch) : float[] =
        let size = pixels encoder
        let images = Array.zeroCreate (batch.Size * batch.Steps * size)
        each batch (fun row -> Array.blit batch.Input (row * batch.Inputs) images (row * size) size)
        images

    /// What the step reads: each image's features in place of the image, [B, T, features + rest].
    let input (encoder: Encoder) (batch: Batch) (features: float[]) : float[] =
        let size, width = pixels encoder, encoder.Features
        let rest = batch.Inputs - size
        let input = Array.zeroCreate (batch.Size * batch.Steps * (width + rest))

        each batch (fun row ->
            Array.blit features (row * width) input (row * (width + rest)) width
            Array.blit batch.Input (row * batch.Inputs + size) input (row * (width + rest) + width) rest)

        input

    /// The batch that the step reads.
    let batch (batch: Batch) (input: float[]) : Batch =
        let inputs = input.Length / (batch.Size * batch.Steps)
        Batch(batch.Size, batch.Steps, inputs, batch.Outputs, input, batch.Target, batch.Weight, batch.Lengths)

    /// The part of the input's gradient that belongs to the features.
    let featureBars (encoder: Encoder) (batch: Batch) (inputBar: float[]) : float[] =
        let width = encoder.Features
        let inputs = inputBar.Length / (batch.Size * batch.Steps)
        let bars = Array.zeroCreate (batch.Size * batch.Steps * width)
        each batch (fun row -> Array.blit inputBar (row * inputs) bars (row * width) width)
        bars
