/// Few-shot regression (Duan et al. 2023, section 4.4): a random function of several variables is shown at K points, then
/// its values at other points have to be predicted. Only the pairs tell which function it is.
module internal Plastic.Tasks.Regression

open System
open Plastic.Core

/// Number of points where the value is tested.
let queries = 20

/// Number of variables of a function.
let variables kind =
    match kind with
    | FunctionKind.Linear -> 12
    | FunctionKind.Mlp -> 6

/// Hidden units of the mlp.
let private units = 2

/// An affine map [from → to], weights and biases ~ U(±1/√from): row by row the weights of an output, then all biases.
[<Sealed>]
type private Affine(stream: RandomStream, inputs: int, outputs: int) =
    let bound = 1.0 / sqrt (float inputs)
    let draw _ = stream.Uniform(-bound, bound)
    let weights = Array.init (outputs * inputs) draw
    let biases = Array.init outputs draw

    /// One of its outputs.
    member _.Output(o: int, x: Span<float>) : float =
        let mutable sum = biases[o]

        for i in 0 .. inputs - 1 do
            sum <- sum + weights[o * inputs + i] * x[i]

        sum

/// A random function of a kind.
[<Sealed>]
type private Function(stream: RandomStream, kind: FunctionKind) =
    let hidden: float[] = Array.zeroCreate units

    let first =
        match kind with
        | FunctionKind.Linear -> Affine(stream, variables kind, 1)
        | FunctionKind.Mlp -> Affine(stream, variables kind, units)

    let second =
        match kind with
        | FunctionKind.Linear -> None
        | FunctionKind.Mlp -> Some(Affine(stream, units, 1))

    /// Its value at a point.
    member _.At(x: Span<float>) : float =
        match second with
        | None -> first.Output(0, x)
        | Some second ->
            for unit in 0 .. units - 1 do
                hidden[unit] <- tanh (first.Output(unit, x))

            second.Output(0, hidden.AsSpan())

/// Mean 0 and unbiased standard deviation 1; zeros when all values are equal.
let private standardise (values: float[]) =
    let mean = Array.average values

    let variance =
        Array.sumBy (fun v -> (v - mean) * (v - mean)) values
        / float (values.Length - 1)

    values
    |> Array.map (fun v -> if variance = 0.0 then 0.0 else (v - mean) / sqrt variance)

/// Draws an episode: the function, the points with variables ~ U(−1, 1), then the noise on the values shown.
/// input [K + 20, variables + 2] = variables, noisy value (0 when tested), flag (1 when shown); target [K + 20, 1]: the
/// value without noise, standardised over the episode.
let private draw kind pairs noise (stream: RandomStream) (input: ArraySegment<float>) (target: ArraySegment<float>) =
    let input = input.AsSpan()
    let target = target.AsSpan()
    let width = variables kind
    let drawn = Function(stream, kind)
    let found = Array.zeroCreate (pairs + queries)

    for t in 0 .. found.Length - 1 do
        let point = input.Slice(t * (width + 2), width)

        for k in 0 .. width - 1 do
            point[k] <- stream.Uniform(-1.0, 1.0)

        found[t] <- drawn.At point

    let values = standardise found
    let noises = stream.Room pairs
    stream.Normals noises

    for t in 0 .. values.Length - 1 do
        let last = t * (width + 2) + width
        let shown = t < pairs
        input[last] <- if shown then values[t] + noise * noises[t] else 0.0
        input[last + 1] <- if shown then 1.0 else 0.0
        target[t] <- values[t]

/// Mean squared error over all steps, including those that show the answer.
let task: Task =
    {
        Name = "regression"
        Summary = "K pairs of a random function's variables and value are shown; then predict 20 values"
        Floor = "guessing 0 when tested gives about 20/(K + 20)"
        Published = [ "max_batch", "10000" ]
        Loss = MeanSquaredError
        Measure = null
        Reads = [ "function"; "K"; "noise" ]
        Size = fun settings -> int64 (settings.Pairs + queries) * int64 (variables settings.Function + 2)
        Chance =
            fun settings ->
                let steps = float (settings.Pairs + queries)
                // Standardised values have variance (T − 1)/T; a value that is shown can be read off its noisy version.
                let variance = (steps - 1.0) / steps
                let noise = settings.Noise ** 2.0

                (float queries * variance
                 + float settings.Pairs * variance * noise / (variance + noise))
                / steps
        LeastLoss = fun _ -> 0.0
        Episodes =
            fun settings ->
                let steps = settings.Pairs + queries

                Episodes(
                    variables settings.Function + 2,
                    1,
                    steps,
                    (fun _ -> 1.0 / float steps),
                    draw settings.Function settings.Pairs settings.Noise
                )
    }
