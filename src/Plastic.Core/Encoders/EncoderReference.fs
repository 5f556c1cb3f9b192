namespace Plastic.Core

open System
open EncoderLayers

/// What an encoder makes of a batch.
[<NoComparison; NoEquality>]
type EncoderResult =
    {
        /// [images, features].
        Features: float[]
        /// The gradient of Σ cotangent·features with respect to each parameter.
        Gradients: float[][]
        /// The buffers afterwards.
        Buffers: float[][]
    }

/// One step of the encoder in float64.
[<RequireQualifiedAccess>]
module private EncoderStep =
    /// One step's images through blocks and projection.
    let run
        (encoder: Encoder)
        (parameters: float[][])
        (buffers: float[][])
        gradients
        mode
        drops
        pass
        (images: Maps)
        : Pass =
        let convolveNorm (conv: ConvolutionNorm) (x: Maps) : Pass =
            let y, adjoint =
                convolve conv parameters[conv.Weight] x
                |> norm mode conv parameters buffers gradients

            y,
            fun bar ->
                let zBar = adjoint bar
                let xBar = maps x.Count x.Channels x.Side

                let weight, weightBar: float[] * float[] =
                    parameters[conv.Weight], gradients[conv.Weight]

                products conv x (fun o i w ->
                    weightBar[w] <- weightBar[w] + zBar.Values[o] * x.Values[i]
                    xBar.Values[i] <- xBar.Values[i] + zBar.Values[o] * weight[w])

                xBar

        let add (a: Maps) (b: Maps) =
            { a with
                Values = Array.map2 (+) a.Values b.Values
            }

        let block at (b: EncoderBlock) (x: Maps) : Pass =
            let inner = b.Path[.. b.Path.Length - 2]

            let hidden, hiddenAdjoint =
                (((x, id): Pass), inner)
                ||> Array.fold (fun (value, back) conv ->
                    let y, normBack = convolveNorm conv value
                    let a, actBack = activate encoder.Slope y
                    a, actBack >> normBack >> back)

            let y, lastBack = convolveNorm (Array.last b.Path) hidden

            let sum, sumBack =
                match b.Shortcut with
                | None -> y, lastBack >> hiddenAdjoint
                | Some conv ->
                    let s, shortBack = convolveNorm conv x
                    add y s, fun bar -> add (hiddenAdjoint (lastBack bar)) (shortBack bar)

            let a, actBack = activate encoder.Slope sum
            let p, poolBack = pool a

            let d, dropBack =
                if mode = EncoderMode.Training then
                    drop drops pass at b.Dropping p
                else
                    p, id

            d, dropBack >> poolBack >> actBack >> sumBack

        let flat, flatBack =
            (((images, id): Pass), Array.indexed encoder.Blocks)
            ||> Array.fold (fun (value, back) (at, b) ->
                let out, blockBack = block at b value
                out, blockBack >> back)

        match encoder.Projection with
        | ValueNone -> flat, flatBack
        | ValueSome struct (weight, bias) ->
            let width = encoder.Features
            let linear = maps flat.Count width 1

            for n in 0 .. flat.Count - 1 do
                for j in 0 .. width - 1 do
                    let mutable sum = parameters[bias][j]

                    for k in 0 .. encoder.Flat - 1 do
                        sum <- sum + flat.Values[n * encoder.Flat + k] * parameters[weight][k * width + j]

                    linear.Values[n * width + j] <- sum

            let e, actBack = activate 0.0 linear

            e,
            fun bar ->
                let bar = actBack bar

                let flatBar =
                    { flat with
                        Values = Array.zeroCreate flat.Values.Length
                    }

                for n in 0 .. flat.Count - 1 do
                    for j in 0 .. width - 1 do
                        let b = bar.Values[n * width + j]
                        gradients[bias][j] <- gradients[bias][j] + b

                        for k in 0 .. encoder.Flat - 1 do
                            let w, v = k * width + j, n * encoder.Flat + k
                            gradients[weight][w] <- gradients[weight][w] + b * flat.Values[v]
                            flatBar.Values[v] <- flatBar.Values[v] + b * parameters[weight][w]

                flatBack flatBar

/// The encoder in float64, as its definition says: what fast encoders are checked against.
[<AbstractClass; Sealed>]
type EncoderReference =
    /// Runs `steps` steps of images [images, steps, 3, side, side], each step by itself and in order, and their adjoint for the cotangents
    /// [images, steps, features] that `cotangents` makes of the features.
    static member Run
        (
            encoder: Encoder,
            parameters: float[][],
            buffers: float[][],
            images: float[],
            steps: int,
            mode: EncoderMode,
            drops: IEncoderDrops,
            cotangents: Func<float[], float[]>
        ) : EncoderResult =
        let side, width = encoder.Options.Side, encoder.Features
        let size = 3 * side * side
        let count = images.Length / size / steps
        let buffers = Array.map Array.copy buffers
        let gradients = parameters |> Array.map (fun p -> Array.zeroCreate p.Length)
        let features = Array.zeroCreate (count * steps * width)

        let passes =
            [
                for t in 0 .. steps - 1 do
                    let input = maps count 3 side

                    for n in 0 .. count - 1 do
                        Array.blit images ((n * steps + t) * size) input.Values (n * size) size

                    let pass =
                        match encoder.Passes with
                        | ValueNone -> 0L
                        | ValueSome at ->
                            buffers[at][0] <- buffers[at][0] + 1.0
                            int64 (buffers[at][0])

                    let e, adjoint =
                        EncoderStep.run encoder parameters buffers gradients mode drops pass input

                    for n in 0 .. count - 1 do
                        Array.blit e.Values (n * width) features ((n * steps + t) * width) width

                    e, adjoint
            ]

        let cotangents = cotangents.Invoke features

        for t, (e, adjoint) in List.indexed passes do
            let bar =
                { e with
                    Values = Array.zeroCreate e.Values.Length
                }

            for n in 0 .. count - 1 do
                Array.blit cotangents ((n * steps + t) * width) bar.Values (n * width) width

            adjoint bar |> ignore

        {
            Features = features
            Gradients = gradients
            Buffers = buffers
        }
