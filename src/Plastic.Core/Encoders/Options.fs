namespace Plastic.Core

open System
open System.Collections.Generic

/// The published image encoders.
type EncoderKind =
    /// Four blocks of convolution, batch norm, ReLU and max-pool (Vinyals et al., NIPS 2016, section 4.1).
    | Conv4
    /// Four residual blocks of three convolutions, with dropout (Lee et al., CVPR 2019, section 4.1).
    | ResNet12

    /// All of them, in the order in which they are listed.
    static member All: IReadOnlyList<EncoderKind> = [ Conv4; ResNet12 ]

    /// The name in settings and messages.
    member kind.Name =
        match kind with
        | Conv4 -> "conv4"
        | ResNet12 -> "resnet12"

/// What an encoder is built from. From C#, start from EncoderOptions.Default and set what differs.
[<CLIMutable>]
type EncoderOptions =
    {
        /// Which encoder.
        Kind: EncoderKind
        /// Channels that each of the four blocks gives.
        Widths: int[]
        /// Height and width of an image, at least 16: four times halved, it keeps a pixel.
        Side: int
        /// Values of the linear layer with ReLU behind the blocks; 0 for none, and the features are the blocks'.
        Projection: int
        /// Whether training drops values of ResNet-12's blocks: one by one behind the first two, in squares behind the others.
        Drops: bool
    }

    /// Conv4-64 on images of 32 × 32 pixels, without a projection.
    static member Default =
        {
            Kind = Conv4
            Widths = [| 64; 64; 64; 64 |]
            Side = 32
            Projection = 0
            Drops = true
        }

    /// The widths of an encoder from that of its first block: Conv4's are all the same; ResNet-12's are as 1, 2.5, 5 and 10, which is 64,
    /// 160, 320 and 640 as published.
    static member WidthsOf(kind: EncoderKind, width: int) : int[] =
        match kind with
        | Conv4 -> Array.create 4 width
        | ResNet12 -> [| width; width * 5 / 2; width * 5; width * 10 |]

    /// What is wrong with the options, one line each; empty when they describe an encoder.
    member o.Faults: IReadOnlyList<string> =
        [
            if o.Widths.Length <> 4 || Array.exists (fun width -> width < 1) o.Widths then
                yield "an encoder has four widths of at least 1"

            if o.Side < 16 then
                yield $"the side of an image must be at least 16 pixels, not {o.Side}"

            if o.Projection < 0 then
                yield $"the projection must have at least 0 values, not {o.Projection}"
        ]

/// How a forward pass goes.
[<RequireQualifiedAccess>]
type EncoderMode =
    /// With the statistics of the batch, and dropping.
    | Training
    /// With the running statistics, and nothing dropped.
    | Evaluation
