namespace Plastic.Core

open System.Collections.Generic

/// What training drops of a block's output.
[<RequireQualifiedAccess>]
type Dropping =
    /// Nothing.
    | None
    /// Each value with this probability; the others are divided by what is left, 1 − rate (Srivastava et al., JMLR 2014).
    | Elements of rate: float
    /// Squares of so many values a side; the others are multiplied by count/kept, over the batch (Ghiasi et al., NeurIPS 2018).
    | Squares of side: int

/// A convolution without bias and the batch norm behind it: y = γ·(z − μ)/√(σ² + ε) + β, channel by channel.
[<NoComparison>]
type internal ConvolutionNorm =
    {
        Inputs: int
        Outputs: int
        /// 3 with a border of one zero, or 1 with none.
        Kernel: int
        /// Numbers of the parameters: kernel [outputs, inputs, k, k], γ and β [outputs].
        Weight: int
        Scale: int
        Shift: int
        /// Numbers of the buffers: running mean and variance [outputs].
        Mean: int
        Variance: int
    }

/// A block: convolutions with norms, activation after each; beside them a shortcut, which is added before the last activation; max-pool
/// 2 × 2 (an odd last row or column is left out); and dropping.
[<NoComparison>]
type internal EncoderBlock =
    {
        Path: ConvolutionNorm[]
        /// None, or one.
        Shortcut: ConvolutionNorm option
        /// Height and width of what comes in.
        Side: int
        Dropping: Dropping
    }

    /// Channels of what goes out.
    member b.Outputs = b.Path[0].Outputs
    /// Height and width of what goes out.
    member b.Pooled = b.Side / 2

/// A named array that forward passes change: running means and variances of batch norms, and the passes made.
type EncoderBuffer =
    {
        /// "encoder.block1.norm.mean" and so on.
        Name: string
        /// Its elements.
        Size: int
        /// The value of every element at the start.
        Initial: float
    }

/// An image encoder: parameters, buffers and blocks of Conv4 or ResNet-12, with or without a projection. The constructor raises
/// OptionsException if the options are invalid.
[<Sealed; AllowNullLiteral>]
type Encoder(options: EncoderOptions) =
    do
        if options.Faults.Count > 0 then
            raise (OptionsException options.Faults)

    let parameters = List<Parameter>()
    let buffers = List<EncoderBuffer>()

    let parameter name shape initial =
        parameters.Add
            {
                Name = name
                Shape = shape
                Trained = true
                Initial = initial
            }

        parameters.Count - 1

    let buffer name size initial =
        buffers.Add
            {
                Name = name
                Size = size
                Initial = initial
            }

        buffers.Count - 1

    let convolution block conv norm inputs outputs kernel =
        let conv, norm = $"encoder.block{block}.{conv}", $"encoder.block{block}.{norm}"
        let deviation = sqrt (2.0 / float (kernel * kernel * outputs))

        {
            Inputs = inputs
            Outputs = outputs
            Kernel = kernel
            Weight = parameter $"{conv}.weight" [| outputs; inputs; kernel; kernel |] (Initial.Normal deviation)
            Scale = parameter $"{norm}.weight" [| outputs |] (Initial.Fill 1.0)
            Shift = parameter $"{norm}.bias" [| outputs |] (Initial.Fill 0.0)
            Mean = buffer $"{norm}.mean" outputs 0.0
            Variance = buffer $"{norm}.variance" outputs 1.0
        }

    let blocks =
        [|
            for k in 0..3 do
                let inputs = if k = 0 then 3 else options.Widths[k - 1]
                let outputs = options.Widths[k]
                let side = options.Side >>> k

                match options.Kind with
                | Conv4 ->
                    {
                        Path = [| convolution (k + 1) "conv" "norm" inputs outputs 3 |]
                        Shortcut = None
                        Side = side
                        Dropping = Dropping.None
                    }
                | ResNet12 ->
                    {
                        Path =
                            [|
                                for at in 1..3 ->
                                    let inputs = if at = 1 then inputs else outputs
                                    convolution (k + 1) $"conv{at}" $"norm{at}" inputs outputs 3
                            |]
                        Shortcut = Some(convolution (k + 1) "shortcut.conv" "shortcut.norm" inputs outputs 1)
                        Side = side
                        Dropping =
                            if not options.Drops then
                                Dropping.None
                            elif k < 2 then
                                Dropping.Elements Encoder.DropRate
                            else
                                Dropping.Squares(min (side / 2) (Encoder.DropSide options.Side))
                    }
        |]

    let last = Array.last blocks
    let flat = last.Outputs * last.Pooled * last.Pooled

    let projection =
        if options.Projection = 0 then
            ValueNone
        else
            let bound = Initial.Uniform(1.0 / sqrt (float flat))
            let weight = parameter "projection.weight" [| flat; options.Projection |] bound
            ValueSome struct (weight, parameter "projection.bias" [| options.Projection |] bound)

    let passes =
        if blocks |> Array.exists (fun b -> b.Dropping.IsSquares) then
            // One pass was made at construction, as published.
            ValueSome(buffer "encoder.passes" 1 1.0)
        else
            ValueNone

    /// ε of the batch norms.
    static member Epsilon = 1e-5
    /// The share of a batch's statistics in the running ones.
    static member Momentum = 0.1

    /// The options it was built from.
    member _.Options = options
    /// Names, shapes and initial distributions of the parameters, in order.
    member _.Parameters: IReadOnlyList<Parameter> = parameters
    /// What forward passes change, in order: the running statistics, and where squares are dropped the number of passes made.
    member _.Buffers: IReadOnlyList<EncoderBuffer> = buffers
    /// The blocks, in order.
    member internal _.Blocks = blocks
    /// The number of values that the blocks make of an image.
    member internal _.Flat = flat
    /// Numbers of the projection's W [flat, projection] and b, if there is one.
    member internal _.Projection = projection
    /// The number of the buffer that counts the passes.
    member internal _.Passes = passes
    /// Slope of the activation below zero: 0 is ReLU.
    member _.Slope = if options.Kind = Conv4 then 0.0 else 0.1

    /// The probability with which training drops a value behind ResNet-12's first two blocks.
    static member DropRate = 0.1

    /// The side of the squares that training drops behind its other blocks, for images of a given side. A smaller map is dropped whole.
    static member DropSide(side: int) = if side < 64 then 2 else 5

    /// The number of values that it makes of an image.
    member _.Features = if options.Projection = 0 then flat else options.Projection

    /// Initial values, one array per parameter, row-major; the same seed gives the same values.
    member _.InitialValues(seed: int64) : float[][] = Initialise.all seed parameters

    /// The buffers at the start.
    member _.InitialBuffers() : float[][] =
        [| for b in buffers -> Array.create b.Size b.Initial |]

    /// Counts passes in buffers, if they are counted.
    member _.CountPasses(values: float32[][], more: int64) : unit =
        match passes with
        // Beyond 2²⁴ a float32 no longer counts; what is dropped no longer changes long before.
        | ValueSome at -> values[at][0] <- min (values[at][0] + float32 more) 16777216f
        | ValueNone -> ()

    /// The probability γ that a square of values is dropped at a place, at a pass (from 1): γ = (1 − keep)/b² · s²/(s − b + 1)²,
    /// keep = max(1 − 0.1·pass/40,000, 0.9), for squares of side b among s × s values (Ghiasi et al., NeurIPS 2018, equation 1).
    static member DropProbability(pass: int64, square: int, side: int) : float =
        let dropped = min (0.1 * float pass / 40000.0) 0.1
        let places = float (side - square + 1)
        dropped / float (square * square) * float (side * side) / (places * places)
