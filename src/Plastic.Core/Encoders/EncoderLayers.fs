namespace Plastic.Core

open System

/// The parts of an encoder in float64, as their definitions say and in plain loops, each with its adjoint. Arrays are [images, channels,
/// rows, columns].
module internal EncoderLayers =
    /// Images, channels and side of an array.
    type Maps =
        {
            Count: int
            Channels: int
            Side: int
            Values: float[]
        }

    let maps count channels side =
        {
            Count = count
            Channels = channels
            Side = side
            Values = Array.zeroCreate (count * channels * side * side)
        }

    let at (m: Maps) n c y x =
        ((n * m.Channels + c) * m.Side + y) * m.Side + x

    /// Calls f with the places of output, input and kernel of every product of a convolution.
    let products (conv: ConvolutionNorm) (x: Maps) f =
        let border = conv.Kernel / 2
        let output = { x with Channels = conv.Outputs }

        for n in 0 .. x.Count - 1 do
            for o in 0 .. conv.Outputs - 1 do
                for c in 0 .. conv.Inputs - 1 do
                    for i in 0 .. conv.Kernel - 1 do
                        for j in 0 .. conv.Kernel - 1 do
                            let w = ((o * conv.Inputs + c) * conv.Kernel + i) * conv.Kernel + j

                            for row in max 0 (border - i) .. min x.Side (x.Side + border - i) - 1 do
                                for column in max 0 (border - j) .. min x.Side (x.Side + border - j) - 1 do
                                    f (at output n o row column) (at x n c (row + i - border) (column + j - border)) w

    let convolve (conv: ConvolutionNorm) (weight: float[]) x =
        let z = maps x.Count conv.Outputs x.Side
        products conv x (fun o i w -> z.Values[o] <- z.Values[o] + weight[w] * x.Values[i])
        z

    /// The places of each channel.
    let channel (m: Maps) c =
        [|
            for n in 0 .. m.Count - 1 do
                for k in 0 .. m.Side * m.Side - 1 -> at m n c 0 0 + k
        |]

    let mapi f (m: Maps) =
        { m with
            Values = Array.mapi f m.Values
        }

    /// A forward pass of one block or of all, with what its adjoint needs: values, buffers, and from cotangents of the values the gradients
    /// (added to what is there) and the cotangents of what came in.
    type Pass = Maps * (Maps -> Maps)

    let norm
        mode
        (conv: ConvolutionNorm)
        (parameters: float[][])
        (buffers: float[][])
        (gradients: float[][])
        (z: Maps)
        : Pass =
        let y = maps z.Count z.Channels z.Side
        let scale, shift = parameters[conv.Scale], parameters[conv.Shift]
        let hats = Array.zeroCreate z.Values.Length
        let deviations = Array.zeroCreate z.Channels

        for c in 0 .. z.Channels - 1 do
            let places = channel z c
            let count = float places.Length

            let mean, variance =
                if mode = EncoderMode.Training then
                    let mean = (places |> Array.sumBy (fun k -> z.Values[k])) / count
                    let squares = places |> Array.sumBy (fun k -> (z.Values[k] - mean) ** 2.0)

                    let fold (running: float[]) value =
                        running[c] <- (1.0 - Encoder.Momentum) * running[c] + Encoder.Momentum * value

                    fold buffers[conv.Mean] mean
                    fold buffers[conv.Variance] (squares / (count - 1.0))
                    mean, squares / count
                else
                    buffers[conv.Mean][c], buffers[conv.Variance][c]

            deviations[c] <- sqrt (variance + Encoder.Epsilon)

            for k in places do
                hats[k] <- (z.Values[k] - mean) / deviations[c]
                y.Values[k] <- scale[c] * hats[k] + shift[c]

        let adjoint (bar: Maps) =
            let zBar = maps z.Count z.Channels z.Side

            for c in 0 .. z.Channels - 1 do
                let places = channel z c
                let sum = places |> Array.sumBy (fun k -> bar.Values[k])
                let product = places |> Array.sumBy (fun k -> bar.Values[k] * hats[k])
                gradients[conv.Scale][c] <- gradients[conv.Scale][c] + product
                gradients[conv.Shift][c] <- gradients[conv.Shift][c] + sum

                for k in places do
                    let through =
                        if mode = EncoderMode.Training then
                            (sum + hats[k] * product) / float places.Length
                        else
                            0.0

                    zBar.Values[k] <- scale[c] / deviations[c] * (bar.Values[k] - through)

            zBar

        y, adjoint

    let activate slope (y: Maps) : Pass =
        let slopes = y.Values |> Array.map (fun v -> if v > 0.0 then 1.0 else slope)
        mapi (fun k v -> slopes[k] * v) y, mapi (fun k bar -> slopes[k] * bar)

    /// The largest of each 2 × 2 values, the first of equals row by row.
    let pool (y: Maps) : Pass =
        let p = maps y.Count y.Channels (y.Side / 2)
        let winners = Array.zeroCreate p.Values.Length

        for n in 0 .. p.Count - 1 do
            for c in 0 .. p.Channels - 1 do
                for i in 0 .. p.Side - 1 do
                    for j in 0 .. p.Side - 1 do
                        let winner =
                            [
                                for a in 0..1 do
                                    for b in 0..1 -> at y n c (2 * i + a) (2 * j + b)
                            ]
                            |> List.maxBy (fun k -> y.Values[k])

                        winners[at p n c i j] <- winner
                        p.Values[at p n c i j] <- y.Values[winner]

        let adjoint (bar: Maps) =
            let yBar = maps y.Count y.Channels y.Side
            bar.Values |> Array.iteri (fun k b -> yBar.Values[winners[k]] <- b)
            yBar

        p, adjoint

    let drop (drops: IEncoderDrops) pass block (dropping: Dropping) (p: Maps) : Pass =
        let size = p.Channels * p.Side * p.Side
        let left: byte[] = Array.create p.Values.Length 1uy

        for n in 0 .. p.Count - 1 do
            let image = Span(left, n * size, size)

            match dropping with
            | Dropping.None -> ()
            | Dropping.Elements rate -> drops.Elements(pass, block, n, rate, image)
            | Dropping.Squares square ->
                let places = p.Side - square + 1
                let corners = Array.zeroCreate (p.Channels * places * places)
                drops.Corners(pass, block, n, Encoder.DropProbability(pass, square, p.Side), Span corners)
                DropSquares.left (ReadOnlySpan corners) p.Channels p.Side square image

        let factor =
            match dropping with
            | Dropping.None -> 1.0
            | Dropping.Elements rate -> 1.0 / (1.0 - rate)
            | Dropping.Squares _ -> float left.Length / float (left |> Array.sumBy int)

        let through = mapi (fun k v -> if left[k] = 0uy then 0.0 else factor * v)
        through p, through
