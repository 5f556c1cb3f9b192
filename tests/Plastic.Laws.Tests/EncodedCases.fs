namespace Plastic.Laws

open System.Threading
open FsCheck
open FsCheck.FSharp
open Plastic.Core

/// A random network behind a random encoder, with parameters and a batch.
type EncodedCase =
    {
        /// The network; its inputs are those that go past the encoder.
        Network: NetworkCase
        Encoder: EncoderOptions
    }

/// Drops by keyed random numbers, which cancel a run when they are asked for the n-th time.
type CancellingDrops(seed: int64, source: CancellationTokenSource, calls: int) =
    let inner = KeyedDrops seed :> IEncoderDrops
    let mutable left = calls

    let count () =
        if Interlocked.Decrement &left = 0 then
            source.Cancel()

    interface IEncoderDrops with
        member _.Elements(pass, block, image, rate, into) =
            count ()
            inner.Elements(pass, block, image, rate, into)

        member _.Corners(pass, block, image, probability, into) =
            count ()
            inner.Corners(pass, block, image, probability, into)

/// Random networks behind encoders, and the numbers that go with them.
[<RequireQualifiedAccess>]
module EncodedCases =
    /// Every rule, cell and option; batches of 1 to 5 episodes of 1 to 4 steps; images of 16 to 18 pixels.
    let any: Arbitrary<EncodedCase> =
        let encoders =
            gen {
                let! kind = Gen.elements [ Conv4; ResNet12 ]
                let! widths = Gen.arrayOfLength 4 (Gen.choose (1, 4))
                let! side = Gen.choose (16, 18)
                let! projection = Gen.elements [ 0; 3; 6 ]
                let! drops = Gen.elements [ true; false ]

                return
                    {
                        Kind = kind
                        Widths = widths
                        Side = side
                        Projection = projection
                        Drops = drops
                    }
            }

        Arb.fromGenShrink (
            gen {
                let! network = Networks.small.Generator
                let! steps = Gen.choose (1, 4)
                let! encoder = encoders

                return
                    {
                        Network = { network with Steps = steps }
                        Encoder = encoder
                    }
            },
            fun case ->
                Networks.small.Shrinker case.Network
                |> Seq.map (fun n -> { case with Network = n })
        )

    /// The network, values of all its parameters somewhere on the way of training, and a batch; numbers of float32.
    let setUp (case: EncodedCase) : PlasticNetwork * float[][] * Batch =
        let c, encoder = case.Network, Encoder case.Encoder
        let past = c.Options.Inputs

        let network =
            PlasticNetwork(
                { c.Options with
                    Inputs = past + encoder.Features
                },
                encoder
            )

        let stream = RandomStream(Philox.key (int64 c.Seed) "encoded law", 0L, 0)

        let value (p: Parameter) =
            if p.Name = "encoder.passes" then
                [| floor (stream.Uniform(1.0, 60000.0)) |]
            else
                Networks.parameter c p

        let rows = c.Options.Batch * c.Steps
        let pixels = 3 * case.Encoder.Side * case.Encoder.Side
        let other = Networks.batch c
        let input = Array.zeroCreate (rows * (pixels + past))

        for row in 0 .. rows - 1 do
            for k in 0 .. pixels - 1 do
                input[row * (pixels + past) + k] <- float (float32 (stream.Normal()))

            Array.blit other.Input (row * past) input (row * (pixels + past) + pixels) past

        network,
        network.Parameters |> Seq.map value |> Array.ofSeq,
        Batch(other.Size, other.Steps, pixels + past, other.Outputs, input, other.Target, other.Weight)

    /// What training drops.
    let drops (case: EncodedCase) : IEncoderDrops = KeyedDrops(int64 case.Network.Seed)

    /// How many of the last parameters are the encoder's buffers.
    let buffers (network: PlasticNetwork) : int = network.Encoder.Buffers.Count
