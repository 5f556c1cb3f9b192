/// The float32 engine computes what the float64 interpreter computes.
module Plastic.Laws.EngineLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine

/// Networks of all kinds with batches of 1 to 40, fewer samples than run together and several shards, and episodes of 1 to
/// 14 steps.
let internal cases =
    Arb.fromGenShrink (
        gen {
            let! case = Networks.any.Generator
            let! count = Gen.frequency [ 3, Gen.choose (1, 9); 1, Gen.choose (10, 40) ]
            let! steps = Gen.frequency [ 3, Gen.constant case.Steps; 1, Gen.choose (7, 14) ]

            return
                { case with
                    NetworkCase.Options.Batch = count
                    Steps = steps
                }
        },
        Networks.any.Shrinker
    )

let internal narrow (values: float[][]) = values |> Array.map (Array.map float32)

/// What a batch gave, in groups of tensors of one kind.
let private groups (program: StepProgram) (episode: Episode) =
    let entries (values: Collections.Generic.IReadOnlyDictionary<string, float[]>) =
        [ for entry in values -> [ entry.Key, entry.Value ] ]

    [
        yield [ "sample loss", episode.SampleLoss ]
        yield! entries episode.Outputs
        yield List.concat (entries episode.FastWeights)
        yield List.concat (entries episode.States)
        // With the loss: a gradient that is tiny beside it is what much larger numbers left over.
        yield
            [
                yield "loss", [| episode.Loss |]
                for p, g in Seq.zip program.Parameters episode.Gradients do
                    yield "gradient of " + p.Name, g
            ]
    ]

/// The tolerance's absolute part counts in units of a group's largest magnitude, or of `least`.
let private agree least tolerance expected found =
    for expected, found in List.zip expected found do
        List.zip expected found
        |> List.map (fun ((name, x), (_, y)) -> name, x, y)
        |> Close.together tolerance least

/// Whether rounding alone moves the result so far that float32 cannot be held to it: a unit at the kink of relu, a norm
/// at its bound, an episode whose fast weights explode, a layer norm of one active unit, where all but ε cancels.
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

/// An engine whose chunks have at most so many steps, so that short episodes have several.
let internal chunked (longest: int) (program: StepProgram) crew =
    new CpuExecutor(program, crew, CpuExecutor.DefaultHistoryBytes, (fun plan -> GroupRunner.Create plan), longest)

/// Whether float32 is precise enough for the case; fails when it is, and the engine still differs.
let private isReference least longest (program: StepProgram) parameters batch =
    let expected = groups program (Interpreter.run program parameters batch true)
    use crew = new Crew(2)
    use executor = chunked longest program crew
    let found = groups program (executor.Run(parameters, batch, true))

    try
        agree least Float32.engine expected found
        true
    with :? NotClose when isIllConditioned least program parameters batch expected ->
        false

/// Chunks of one to five steps, or the engine's own.
let internal longestChunk seed =
    match (abs seed) % 7 with
    | 0
    | 6 -> Chunks.Longest
    | steps -> steps

/// The engine's gradient, with the loss; the buffers hold rubbish before.
let internal gradient (executor: IExecutor) parameters batch =
    let buffers = parameters |> Array.map (Array.map (fun _ -> Single.NaN))
    let loss = executor.Gradient(parameters, batch, buffers)
    loss, buffers

[<Tests>]
let tests =
    testList
        "Engine"
        [
            testCase "the engine gives the reference's values and gradients, for every rule, cell and option" (fun () ->
                Law.holdsOften
                    200
                    "engine against reference"
                    [
                        "float32 is precise enough", 0.95
                        "there are several shards", 0.1
                        "there is one step", 0.1
                        "there are three chunks", 0.1
                        "there is one sample", 0.05
                        "nothing recurs, or units are outputs", 0.1
                        "fast weights are dense", 0.2
                    ]
                    cases
                    (fun tally case ->
                        let program = Networks.program case
                        let parameters = Networks.parameters case program
                        let longest = longestChunk case.Seed
                        let precise = isReference 0.0 longest program parameters (Networks.batch case)
                        tally.Note("float32 is precise enough", precise)
                        tally.Note("there are several shards", (case.Options.Batch > 8))
                        tally.Note("there is one step", (case.Steps = 1))
                        tally.Note("there are three chunks", (Chunks(case.Steps, longest).Count > 2))
                        tally.Note("there is one sample", (case.Options.Batch = 1))
                        let cell = case.Options.Cell
                        tally.Note("nothing recurs, or units are outputs", (cell <> Rnn && cell <> Lstm))

                        tally.Note(
                            "fast weights are dense",
                            program.Synapses
                            |> Array.exists (fun s ->
                                match s.Update with
                                | ValueSome u ->
                                    u.Bound <> Bound.Free
                                    || s.HasEligibility
                                    || program.Slots[u.Operands.Keep].Length > 1
                                | ValueNone -> false)
                        )))

            testCase "the engine gives the reference's values and gradients for any step" (fun () ->
                Law.holdsOften
                    300
                    "engine against reference, any step"
                    [
                        "float32 is precise enough", 0.9
                        "F is bounded", 0.05
                        "a trace is bounded", 0.05
                        "outputs keep shares of their own", 0.15
                        "there is an eligibility trace", 0.15
                        "factored and dense fast weights are in one step", 0.1
                    ]
                    Steps.any
                    (fun tally case ->
                        let isFirstFactored =
                            case.Bound = Bound.Free && not case.PerOutput && not case.Eligible

                        let isWideDense = case.Wide = BoundedWeights || case.Wide = Everything
                        tally.Note("F is bounded", (case.Bound.Limit < 1.0 && not case.Bound.IsOnTrace))
                        tally.Note("a trace is bounded", case.Bound.IsOnTrace)
                        tally.Note("outputs keep shares of their own", case.PerOutput)
                        tally.Note("there is an eligibility trace", case.Eligible)

                        tally.Note(
                            "factored and dense fast weights are in one step",
                            (case.Wide <> Absent && isFirstFactored = isWideDense)
                        )

                        // These steps' tensors may be what numbers of size 1 left over.
                        let precise = isReference 1.0 (longestChunk case.Seed) <||| Steps.setUp case
                        tally.Note("float32 is precise enough", precise)))

            testCase "Run, Gradient and Evaluate of one executor agree" (fun () ->
                Law.holdsFor 60 "three ways to run"
                <| Prop.forAll cases (fun case ->
                    let program = Networks.program case

                    let parameters, batch = Networks.parameters case program, Networks.batch case

                    let executors: (StepProgram -> IExecutor) list =
                        [
                            fun program -> chunked (longestChunk case.Seed) program (new Crew(2))
                            fun program -> new ReferenceExecutor(program)
                        ]

                    // A fresh executor that has never seen a gradient evaluates the same.
                    let executor = executors.Head program
                    let first = executor.Evaluate(narrow parameters, batch)
                    executor.Dispose()
                    let again = executors.Head program
                    Expect.equal first (again.Run(parameters, batch, true).Loss) "first"
                    again.Dispose()

                    for make in executors do
                        use executor = make program
                        let episode = executor.Run(parameters, batch, true)
                        let loss, buffers = gradient executor (narrow parameters) batch
                        Expect.equal loss episode.Loss "loss"

                        Expect.equal
                            (executor.Evaluate(narrow parameters, batch))
                            episode.Loss
                            "executor.Evaluate(narrow parameters, batch)"

                        let still = executor.Run(parameters, batch, false)
                        Expect.equal still.Loss episode.Loss "still.Loss"

                        for entry in episode.FastWeights do
                            Expect.sequenceEqual
                                still.FastWeights[entry.Key]
                                entry.Value
                                "still.FastWeights[entry.Key]"

                        Expect.isEmpty
                            (executor.Run(parameters, batch, false).Gradients)
                            "executor.Run(parameters, batch, false).Gradients"

                        Array.iter2 Expect.sameBits (narrow episode.Gradients) buffers))

            testCase "with inputs and weights all zero the engine is finite too" (fun () ->
                Law.holdsFor 60 "engine, zero directions"
                <| Prop.forAll Networks.any (fun case ->
                    let program, parameters, batch = Networks.setUp case
                    let nothing = Array.map (fun (x: float) -> 0.0 * x)

                    let still =
                        Batch(
                            batch.Size,
                            batch.Steps,
                            batch.Inputs,
                            batch.Outputs,
                            nothing batch.Input,
                            batch.Target,
                            batch.Weight
                        )

                    use executor = new CpuExecutor(program, 1)

                    for group in groups program (executor.Run(Array.map nothing parameters, still, true)) do
                        for name, values in group do
                            Close.finite name values))

            testCase "parameters and batches that do not fit the Program raise ShapeException" (fun () ->
                Law.holdsFor 30 "engine shapes"
                <| Prop.forAll Networks.any (fun case ->
                    let program, parameters, batch = Networks.setUp case
                    let last = parameters.Length - 1
                    let shorter = parameters |> Array.updateAt last (Array.tail parameters[last])

                    let wider =
                        { case with
                            NetworkCase.Options.Inputs = case.Options.Inputs + 1
                        }
                        |> Networks.batch

                    let longer =
                        { case with
                            NetworkCase.Options.Batch = case.Options.Batch + 1
                        }
                        |> Networks.batch

                    let executors: IExecutor list =
                        [ new CpuExecutor(program, 1); new ReferenceExecutor(program) ]

                    for executor in executors do
                        Expect.raises<ShapeException>(fun () -> executor.Run(shorter, batch, false) |> ignore)
                        |> ignore

                        Expect.raises<ShapeException>(fun () ->
                            executor.Run(parameters[.. last - 1], batch, false) |> ignore)
                        |> ignore

                        for unfit in [ wider; longer ] do
                            Expect.raises<ShapeException>(fun () -> executor.Run(parameters, unfit, false) |> ignore)
                            |> ignore

                        executor.Dispose()))
        ]
