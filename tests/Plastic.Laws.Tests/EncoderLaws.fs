/// Image encoders: the reference's gradients are those of its features, and the engine computes what the reference does, with the same bits
/// however it is run.
module Plastic.Laws.EncoderLaws

open System
open System.Threading
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine

type EncoderCase =
    {
        Options: EncoderOptions
        Episodes: int
        Steps: int
        Mode: EncoderMode
        Seed: int64
    }

let private cases widths =
    Arb.fromGen (
        gen {
            let! kind = Gen.elements [ Conv4; ResNet12 ]
            let! widths = Gen.arrayOfLength 4 widths
            let! side = Gen.choose (16, 21)
            let! projection = Gen.elements [ 0; 1; 5; 17 ]
            let! drops = Gen.elements [ true; false ]
            let! episodes = Gen.choose (2, 5)
            let! steps = Gen.choose (1, 3)
            let! mode = Gen.elements [ EncoderMode.Training; EncoderMode.Evaluation ]
            let! seed = Gen.choose (0, 1_000_000)

            return
                {
                    Options =
                        {
                            Kind = kind
                            Widths = widths
                            Side = side
                            Projection = projection
                            Drops = drops
                        }
                    Episodes = episodes
                    Steps = steps
                    Mode = mode
                    Seed = int64 seed
                }
        }
    )

let private narrow = Array.map (Array.map float32)
let private widen = Array.map (Array.map float)

/// Parameters (norms moved from where they start), buffers, images and cotangents that float32 holds exactly.
let private setUp (case: EncoderCase) =
    let encoder = Encoder case.Options
    let stream = RandomStream(Philox.key case.Seed "encoder law", 0L, 0)
    let rounded x = float (float32 x)

    let parameters =
        encoder.InitialValues case.Seed
        |> Array.map (Array.map (fun x -> rounded (x + stream.Uniform(-0.3, 0.3))))

    let buffers =
        encoder.InitialBuffers()
        |> Array.mapi (fun k b ->
            if encoder.Buffers[k].Name = "encoder.passes" then
                [| Math.Floor(stream.Uniform(1.0, 60000.0)) |]
            else
                b |> Array.map (fun x -> rounded (x + stream.Uniform(-0.5, 0.5))))

    let numbers count scale =
        Array.init count (fun _ -> rounded (scale * stream.Normal()))

    let side = case.Options.Side
    let count = case.Episodes * case.Steps
    encoder, parameters, buffers, numbers (count * 3 * side * side) 1.0, numbers (count * encoder.Features) 1.0

let private referenceOf (case: EncoderCase) parameters images =
    let encoder, _, buffers, _, cotangents = setUp case
    let drops = KeyedDrops case.Seed
    EncoderReference.Run(encoder, parameters, buffers, images, case.Steps, case.Mode, drops, (fun _ -> cotangents))

let private reference (case: EncoderCase) parameters =
    let _, _, _, images, _ = setUp case
    referenceOf case parameters images

/// Features, gradients and buffers of the engine.
let private engine (case: EncoderCase) threads kept (kernels: EncoderKernels) =
    let encoder, parameters, buffers, images, cotangents = setUp case
    use crew = new Crew(threads)
    use engine = new CpuEncoder(encoder, crew, KeyedDrops case.Seed, kept, kernels)
    let parameters, buffers = narrow parameters, narrow buffers
    let features = Array.zeroCreate cotangents.Length
    let gradients = parameters |> Array.map (fun p -> Array.create p.Length nanf)
    engine.Forward(parameters, buffers, Array.map float32 images, case.Steps, case.Mode, features)
    engine.Backward(Array.map float32 cotangents, gradients)
    let before = Array.map Array.copy buffers
    engine.Commit buffers
    before, features, gradients, buffers

let private isNear tolerance (expected: float[]) (found: float[]) =
    let largest = Array.fold (fun most x -> max most (abs x)) 1e-3 expected
    Array.forall2 (fun e f -> abs (e - f) <= tolerance * largest) expected found

let private agree (expected: EncoderResult) features gradients buffers =
    isNear 1e-4 expected.Features features
    && Array.forall2 (isNear 1e-3) expected.Gradients gradients
    && Array.forall2 (isNear 1e-5) expected.Buffers buffers

/// Whether relative errors in parameters and images, of 2⁻²¹ to 2⁻¹⁸, change the reference's result beyond the tolerances: a pool or an
/// activation is so near a tie that another order of sums picks the other side.
let private isNearTie (case: EncoderCase) expected =
    let _, parameters, _, images, _ = setUp case

    Seq.exists
        (fun trial ->
            let stream = RandomStream(Philox.key trial "encoder rounding", 0L, 0)
            let size = 2.0 ** (float (trial % 4L) - 21.0)
            let disturbed = Array.map (fun x -> x * (1.0 + stream.Uniform(-size, size)))
            let found = referenceOf case (Array.map disturbed parameters) (disturbed images)
            not (agree expected found.Features found.Gradients found.Buffers))
        [ 0L .. 19L ]

[<Tests>]
let tests =
    testList
        "Encoder"
        [
            testCase "the reference's gradients are those of its features" (fun () ->
                Law.holdsOften
                    60
                    "encoder gradients"
                    [ "no activation or pool changes within the difference", 0.9 ]
                    (cases (Gen.choose (1, 4)))
                    (fun tally case ->
                        let _, parameters, _, _, cotangents = setUp case
                        let stream = RandomStream(Philox.key case.Seed "direction", 0L, 0)
                        let direction = parameters |> Array.map (Array.map (fun _ -> stream.Normal()))

                        let value h =
                            let moved = Array.map2 (Array.map2 (fun p d -> p + h * d)) parameters direction

                            Array.map2 (*) (reference case moved).Features cotangents |> Array.sum

                        let h = 1e-6
                        let slope = (value h - value -h) / (2.0 * h)

                        let terms =
                            Array.map2 (Array.map2 (*)) (reference case parameters).Gradients direction
                            |> Array.concat

                        let error = abs (slope - Array.sum terms) / (1e-3 + Array.sumBy abs terms)
                        tally.Note("no activation or pool changes within the difference", (error < 1e-6))))

            testCase "the engine gives the reference's features, gradients and buffers" (fun () ->
                Law.holdsOften
                    100
                    "encoder engine against reference"
                    [
                        "float32 is precise enough", 0.9
                        "float32 is precise enough, or a tie is near", 0.97
                        "channels fill several vectors", 0.1
                        "values are dropped", 0.1
                        "an odd row is left out", 0.3
                    ]
                    (cases (Gen.frequency [ 4, Gen.choose (1, 6); 1, Gen.choose (15, 35) ]))
                    (fun tally case ->
                        let _, parameters, _, _, _ = setUp case
                        let expected = reference case parameters
                        let _, features, gradients, buffers = engine case 2 1L (EncoderKernels.Create())

                        let isPrecise =
                            agree expected (Array.map float features) (widen gradients) (widen buffers)

                        let isDropping =
                            case.Options.Kind = ResNet12
                            && case.Options.Drops
                            && case.Mode = EncoderMode.Training

                        let isOdd = case.Options.Side % 2 = 1
                        let isExplained = isPrecise || isNearTie case expected
                        tally.Note("float32 is precise enough", isPrecise)
                        tally.Note("float32 is precise enough, or a tie is near", isExplained)

                        if isDropping then
                            tally.NoteWithin("dropped values", isExplained)

                        if isOdd then
                            tally.NoteWithin("an odd side", isExplained)

                        tally.Note(
                            "channels fill several vectors",
                            Array.exists (fun w -> w > 16) case.Options.Widths
                        )

                        tally.Note("values are dropped", isDropping)
                        tally.Note("an odd row is left out", isOdd)))

            testCase
                "the engine's bits do not depend on threads, lanes or memory, and no buffer changes before Commit"
                (fun () ->
                    Law.holdsFor 40 "encoder bits"
                    <| Prop.forAll
                        (cases (Gen.frequency [ 4, Gen.choose (1, 6); 1, Gen.choose (15, 70) ]))
                        (fun case ->
                            let _, _, buffers, _, _ = setUp case

                            let bits (arrays: float32[][]) =
                                arrays |> Array.concat |> Array.map BitConverter.SingleToInt32Bits

                            let found threads kept kernels =
                                let before, features, gradients, after = engine case threads kept kernels
                                Expect.equal (bits before) (bits (narrow buffers)) "buffers before Commit"
                                bits (Array.concat [ [| features |]; gradients; after ])

                            let one = found 1 Int64.MaxValue (EncoderKernels<WideLanes>())

                            for threads, kept, kernels in
                                [
                                    2, 1L, EncoderKernels<PairLanes>() :> EncoderKernels
                                    3, 500_000L, EncoderKernels<QuadLanes>()
                                    3, Int64.MaxValue, EncoderKernels.Create()
                                ] do
                                Expect.equal (found threads kept kernels) one $"{threads} threads, {kept} bytes kept"))

            testCase "a pass that was cancelled can be made again, and gives the same bits" (fun () ->
                Law.holdsFor 20 "encoder cancelled"
                <| Prop.forAll (cases (Gen.choose (1, 6))) (fun case ->
                    let encoder, parameters, buffers, images, cotangents = setUp case
                    use crew = new Crew 2
                    use engine = new CpuEncoder(encoder, crew, KeyedDrops case.Seed)
                    let parameters, buffers = narrow parameters, narrow buffers
                    let images = Array.map float32 images
                    let features () = Array.zeroCreate cotangents.Length

                    let forward features stop =
                        engine.Forward(parameters, buffers, images, case.Steps, case.Mode, features, stop)

                    let first, second = features (), features ()
                    forward first CancellationToken.None
                    let stopped = CancellationToken true
                    Expect.throwsT<OperationCanceledException> (fun () -> forward (features ()) stopped) "stopped"
                    Expect.throwsT<InvalidOperationException> (fun () -> engine.Commit buffers) "nothing to commit"
                    forward second CancellationToken.None
                    Expect.equal second first "features"))
        ]
