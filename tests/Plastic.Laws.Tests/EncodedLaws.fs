/// Networks behind encoders: the engine gives the reference's values and gradients, with the same bits however it is run, and only what
/// commits a batch changes running statistics.
module Plastic.Laws.EncodedLaws

open System
open System.Collections.Generic
open System.Threading
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine

let private training (network: PlasticNetwork) case parameters batch =
    network.RunReference(parameters, batch, true, EncodedCases.drops case)

/// All that a batch gives, in groups of tensors of one kind.
let private groups (network: PlasticNetwork) (episode: Episode) : (string * float[]) list list =
    // The last group is the loss with the gradients of the network's own parameters.
    let own = Executors.groups network.Program episode

    [
        yield! List.take (own.Length - 1) own
        yield
            [
                yield "loss", [| episode.Loss |]
                for p, g in Seq.zip network.Parameters episode.Gradients do
                    yield $"gradient of {p.Name}", g
            ]
        for b, values in Seq.zip network.Encoder.Buffers episode.Buffers do
            yield [ b.Name, values ]
    ]

/// The numbers, each with a random relative error of a few roundings.
let private disturbed trial (values: float[]) =
    let stream = RandomStream(Philox.key trial "encoded rounding", 0L, 0)

    values
    |> Array.map (fun x -> x * (1.0 + stream.Uniform(-1.0, 1.0) * 2.0 ** -21.0))

let private disturbedBatch trial (b: Batch) =
    Batch(b.Size, b.Steps, b.Inputs, b.Outputs, disturbed trial b.Input, b.Target, b.Weight)

/// Whether rounding alone changes the result by more than the tolerance of float32: an activation or pool near a tie, or a network that is
/// itself sensitive.
let private isIllConditioned (network: PlasticNetwork) case (parameters: float[][]) batch expected =
    Seq.exists
        (fun trial ->
            let moved =
                parameters
                |> Array.mapi (fun k p ->
                    if network.Parameters[k].Name = "encoder.passes" then
                        p
                    else
                        disturbed (100L * trial + int64 k) p)

            try
                training network case moved (disturbedBatch trial batch)
                |> groups network
                |> Executors.agree 1.0 Float32.rounding expected

                false
            with :? NotClose ->
                true)
        [ 1L .. 6L ]

let private bits (arrays: float32[][]) =
    arrays |> Array.concat |> Array.map BitConverter.SingleToInt32Bits

/// Loss, gradients and committed parameters of an executor, and a batch's output in evaluation afterwards.
let private everything (executor: EncodedExecutor) (parameters: float[][]) (batch: Batch) =
    let values = Executors.narrow parameters
    let gradients = values |> Array.map (fun p -> Array.create p.Length nanf)
    let loss = executor.Gradient(values, batch, gradients)
    (executor :> IExecutor).Commit values
    let evaluated = executor.Evaluate(values, batch)
    bits [| yield! gradients; yield! values; [| float32 loss; float32 evaluated |] |]

[<Tests>]
let tests =
    testList
        "Encoded"
        [
            testCase "the gradient through encoder and network is the slope of the loss" (fun () ->
                Law.holdsOften
                    60
                    "encoded slope"
                    [ "no kink is near", 0.8; "values are dropped", 0.2 ]
                    EncodedCases.any
                    (fun tally case ->
                        let network, parameters, batch = EncodedCases.setUp case

                        let along =
                            network.Parameters
                            |> Seq.map (fun p ->
                                Numbers.uniform case.Network.Seed ("along " + p.Name) p.Size
                                |> Array.map ((*) (if p.Trained then 1.0 else 0.0)))
                            |> Array.ofSeq

                        let loss h =
                            let moved = Array.map2 (Array.map2 (fun p d -> p + h * d)) parameters along
                            (training network case moved batch).Loss

                        let h = 1e-6
                        let slope = (loss h - loss -h) / (2.0 * h)

                        let terms =
                            Array.map2 (Array.map2 (*)) (training network case parameters batch).Gradients along
                            |> Array.concat

                        let error = abs (slope - Array.sum terms)
                        let isClose = error < 1e-6 * (1e-3 + Array.sumBy abs terms)
                        tally.Note("no kink is near", isClose)
                        tally.NoteWithin($"cell {case.Network.Options.Cell}", isClose)
                        tally.NoteWithin($"encoder {case.Encoder.Kind}", isClose)
                        tally.Note("values are dropped", (case.Encoder.Kind = ResNet12 && case.Encoder.Drops))))

            testCase
                "the engine gives the reference's values, gradients and buffers, for every rule, cell and encoder"
                (fun () ->
                    Law.holdsOften
                        120
                        "encoded engine against reference"
                        [
                            "float32 is precise enough", 0.7
                            "values are dropped", 0.2
                            "there is a projection", 0.4
                            "inputs go past the encoder", 0.5
                        ]
                        EncodedCases.any
                        (fun tally case ->
                            let network, parameters, batch = EncodedCases.setUp case
                            let expected = training network case parameters batch |> groups network
                            use crew = new Crew(2)
                            use executor = new EncodedExecutor(network, crew, EncodedCases.drops case)
                            let found = executor.Run(parameters, batch, true) |> groups network

                            let isPrecise =
                                try
                                    // Features may be what numbers of size 1 left over.
                                    Executors.agree 1.0 Float32.engine expected found
                                    true
                                with :? NotClose when isIllConditioned network case parameters batch expected ->
                                    false

                            tally.Note("float32 is precise enough", isPrecise)
                            tally.Note("values are dropped", (case.Encoder.Kind = ResNet12 && case.Encoder.Drops))
                            tally.Note("there is a projection", (case.Encoder.Projection > 0))
                            tally.Note("inputs go past the encoder", (case.Network.Options.Inputs > 0))))

            testCase "in evaluation only passes are counted, and Run, Evaluate and EvaluateEach agree" (fun () ->
                Law.holdsFor 40 "encoded evaluation"
                <| Prop.forAll EncodedCases.any (fun case ->
                    let network, parameters, batch = EncodedCases.setUp case
                    use crew = new Crew(2)
                    use executor = new EncodedExecutor(network, crew, EncodedCases.drops case)
                    let values = Executors.narrow parameters
                    let before = bits values
                    let run = executor.Run(parameters, batch, false)

                    let outputs () : IReadOnlyDictionary<string, float[]> =
                        Dictionary(dict [ "output", Array.zeroCreate run.Outputs["output"].Length ])

                    let first, each = outputs (), [| outputs (); outputs () |]
                    let losses = Array.zeroCreate 2
                    let loss = executor.Evaluate(values, batch, first)
                    executor.EvaluateEach(values, ReadOnlySpan [| batch; batch |], Span losses, ReadOnlySpan each)
                    Expect.equal (bits values) before "parameters and buffers"

                    for other in losses do
                        Expect.isTrue (other.Equals loss && run.Loss.Equals loss) "losses"

                    for output in [ first; each[0]; each[1] ] do
                        Expect.sameBits (Array.map float32 run.Outputs["output"]) (Array.map float32 output["output"])

                    let start = parameters[parameters.Length - run.Buffers.Length ..]

                    for k, b in Seq.indexed network.Encoder.Buffers do
                        let more = if b.Name = "encoder.passes" then float batch.Steps else 0.0
                        Expect.equal run.Buffers[k] (start[k] |> Array.map ((+) more)) b.Name))

            testCase "the bits do not depend on threads, lanes, memory, or the batch before" (fun () ->
                Law.holdsFor 40 "encoded bits"
                <| Prop.forAll EncodedCases.any (fun case ->
                    let network, parameters, batch = EncodedCases.setUp case

                    let other =
                        EncodedCases.setUp
                            { case with
                                EncodedCase.Network.Steps = case.Network.Steps + 1
                            }

                    let found threads history kept (runner: Plan -> GroupRunner) kernels isSecond =
                        use crew = new Crew(threads)

                        let encoder =
                            new CpuEncoder(network.Encoder, crew, EncodedCases.drops case, kept, kernels)

                        use executor =
                            new EncodedExecutor(network, crew, encoder, history, (fun plan -> runner plan))

                        if isSecond then
                            let _, values, batch = other
                            everything executor values batch |> ignore

                        everything executor parameters batch

                    let one =
                        found
                            1
                            CpuExecutor.DefaultHistoryBytes
                            Int64.MaxValue
                            (fun plan -> new GroupRunner<WideLanes>(plan))
                            (EncoderKernels<WideLanes>())
                            false

                    let two =
                        found
                            2
                            1L
                            1L
                            (fun plan -> new GroupRunner<PairLanes>(plan))
                            (EncoderKernels<PairLanes>())
                            false

                    let three =
                        found
                            3
                            CpuExecutor.DefaultHistoryBytes
                            100_000L
                            (fun plan -> new GroupRunner<QuadLanes>(plan))
                            (EncoderKernels<QuadLanes>())
                            true

                    Expect.equal two one "two threads, pairs"
                    Expect.equal three one "three threads, quads, a second batch"))

            testCase "a gradient that was cancelled anywhere has changed no parameter and no buffer" (fun () ->
                Law.holdsOften
                    60
                    "encoded cancelled"
                    [ "it was cancelled on the way", 0.1 ]
                    EncodedCases.any
                    (fun tally case ->
                        let network, parameters, batch = EncodedCases.setUp case
                        use crew = new Crew(2)
                        use source = new CancellationTokenSource()
                        // Half-way through the drops, if there are any; else before it begins.
                        let isDropping = case.Encoder.Kind = ResNet12 && case.Encoder.Drops

                        if not isDropping then
                            source.Cancel()

                        let calls = 1 + case.Network.Seed % (20 * batch.Size * batch.Steps)
                        let drops = CancellingDrops(int64 case.Network.Seed, source, calls)
                        use executor = new EncodedExecutor(network, crew, drops)
                        let values = Executors.narrow parameters
                        let before = bits values
                        let gradients = values |> Array.map (fun p -> Array.create p.Length nanf)

                        let isCancelled =
                            try
                                executor.Gradient(values, batch, gradients, null, source.Token) |> ignore
                                false
                            with :? OperationCanceledException ->
                                true

                        Expect.equal (bits values) before "parameters and buffers"
                        use fresh = new EncodedExecutor(network, crew, EncodedCases.drops case)
                        // And the executor goes on as if nothing had been.
                        Expect.equal
                            (everything executor parameters batch)
                            (everything fresh parameters batch)
                            "again"

                        tally.Note("it was cancelled on the way", (isCancelled && isDropping))))

            testCase "a learner's Measure changes nothing, and its Update the statistics as the batch says" (fun () ->
                Law.holdsFor 30 "encoded learner"
                <| Prop.forAll EncodedCases.any (fun case ->
                    let network, parameters, batch = EncodedCases.setUp case
                    use crew = new Crew(2)
                    use executor = new EncodedExecutor(network, crew, EncodedCases.drops case)
                    let learner = new Learner(executor, parameters, AdamWSettings(), 5.0, crew)
                    let before = bits learner.Weights
                    learner.Measure batch
                    learner.Measure batch
                    Expect.equal (bits learner.Weights) before "after Measure"
                    let expected = executor.Run(parameters, batch, true).Buffers |> Executors.narrow
                    learner.Measure batch
                    learner.Update 1e-3
                    let first = learner.Weights.Length - expected.Length
                    // Weight decay is not for them.
                    Expect.equal (bits learner.Weights[first..]) (bits expected) "buffers after Update"

                    Expect.notEqual
                        (bits learner.Weights[first..])
                        (bits (Executors.narrow parameters[first..]))
                        "buffers before"))
        ]
