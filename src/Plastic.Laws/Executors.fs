namespace Plastic.Laws

open System
open System.Collections.Generic
open Plastic.Core
open Plastic.Engine

/// Comparison of the float32 engine with the float64 interpreter.
[<RequireQualifiedAccess>]
module internal Executors =
    /// Numbers of float32.
    let narrow (values: float[][]) = values |> Array.map (Array.map float32)

    /// The results of a batch, in groups of tensors of one kind.
    let groups (program: StepProgram) (episode: Episode) : (string * float[]) list list =
        let entries (values: IReadOnlyDictionary<string, float[]>) =
            [ for entry in values -> [ entry.Key, entry.Value ] ]

        [
            yield [ "sample loss", episode.SampleLoss ]
            yield! entries episode.Outputs
            yield List.concat (entries episode.FastWeights)
            yield List.concat (entries episode.States)
            yield! entries episode.InputGradients
            // Grouped with the loss: a gradient that is tiny compared with it is the remainder of much larger numbers.
            yield
                [
                    yield "loss", [| episode.Loss |]
                    for p, g in Seq.zip program.Parameters episode.Gradients do
                        yield "gradient of " + p.Name, g
                ]
        ]

    /// The tolerance's absolute part is in units of a group's largest magnitude, or of `least`.
    let agree least tolerance expected found =
        let names = List.map (List.map fst)

        if names expected <> names found then
            raise (NotClose $"tensors {names expected} expected, {names found} found")

        for expected, found in List.zip expected found do
            List.map2 (fun (name, x) (_, y) -> name, x, y) expected found
            |> Close.together tolerance least

    /// Whether rounding alone changes the result by more than the tolerance of float32: a unit at the kink of relu, a norm at
    /// its bound, an episode whose fast weights explode, a layer norm of one active unit, where everything but ε cancels.
    let private isIllConditioned least (program: StepProgram) parameters batch expected =
        Seq.exists
            (fun trial ->
                let found =
                    groups program (Interpreter.run (Rounding.noisy trial program) parameters batch true)

                try
                    agree least Float32.rounding expected found
                    false
                with :? NotClose ->
                    true)
            [ 1..6 ]

    /// Whether some number is finite but beyond the range of float32, as fast weights that explode are before they overflow.
    let private explodes (groups: (string * float[]) list list) =
        let isBeyond x =
            Double.IsFinite x && abs x > float Single.MaxValue

        groups |> List.concat |> List.exists (snd >> Array.exists isBeyond)

    /// An engine with a given longest chunk, so that short episodes have several chunks.
    let chunked (longest: int) (program: StepProgram) crew =
        new CpuExecutor(program, crew, CpuExecutor.DefaultHistoryBytes, (fun plan -> GroupRunner.Create plan), longest)

    /// Whether float32 is precise enough for the case; fails when it is, and the executor still differs, and when a number of the
    /// interpreter's is not finite though none grew that large.
    let isReferenceIn (executor: IExecutor) least parameters batch =
        let program = executor.Program
        let expected = groups program (Interpreter.run program parameters batch true)

        if not (explodes expected) then
            for name, values in List.concat expected do
                Close.finite $"reference: {name}" values

        let found = groups program (executor.Run(parameters, batch, true))

        try
            agree least Float32.engine expected found
            true
        with :? NotClose when isIllConditioned least program parameters batch expected ->
            false

    /// The same of the engine, with a given longest chunk.
    let isReference least longest (program: StepProgram) parameters batch =
        use crew = new Crew(2)
        use executor = chunked longest program crew
        isReferenceIn executor least parameters batch

    /// Chunks of one to five steps, or the engine's own.
    let longestChunk (seed: int) =
        match abs seed % 7 with
        | 0
        | 6 -> Chunks.Longest
        | steps -> steps

    /// The engine's loss and gradients, of the parameters and then of the data; the buffers hold garbage before.
    let gradient (executor: IExecutor) (parameters: float32[][]) (batch: Batch) : float * float32[][] =
        let buffers = parameters |> Array.map (Array.map (fun _ -> Single.NaN))

        let inputs =
            [|
                for i in executor.Program.Inputs ->
                    i.Name, Array.create (batch.Size * batch.Steps * i.Length) Double.NaN
            |]

        let wanted: IReadOnlyDictionary<string, float[]> =
            if inputs.Length = 0 then null else Dictionary(dict inputs)

        let loss = executor.Gradient(parameters, batch, buffers, wanted)
        loss, Array.append buffers (inputs |> Array.map (snd >> Array.map float32))

    /// The gradients of a run in that order.
    let gradients (program: StepProgram) (episode: Episode) : float32[][] =
        narrow (Array.append episode.Gradients [| for i in program.Inputs -> episode.InputGradients[i.Name] |])

    /// Fails unless both losses and gradients have the same bits, NaN included.
    let sameBits what (expected: float * float32[][]) (found: float * float32[][]) =
        let bits (loss: float, gradients: float32[][]) =
            BitConverter.DoubleToInt64Bits loss, gradients |> Array.map (Array.map BitConverter.SingleToInt32Bits)

        let (loss, gradients), (loss', gradients') = bits expected, bits found

        if loss <> loss' then
            raise (NotClose $"{what}: loss {fst expected:R} expected, {fst found:R} found")

        if gradients <> gradients' then
            let place = Array.zip gradients gradients' |> Array.findIndex (fun (a, b) -> a <> b)

            raise (NotClose $"{what}: the gradients of parameter {place} are not bit-identical")
