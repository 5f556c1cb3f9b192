/// The float32 engine computes the same bits however it is run, and allocates nothing.
module Plastic.Laws.EngineBitsLaws

open System
open System.Collections.Generic
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine
open Plastic.Laws.EngineLaws

/// Episodes of 1 to 40 steps in chunks of one to five or twenty, batches of 1 to 40: several checkpoints, several segments of
/// them, and samples by ones, twos and fours.
let private longCases =
    Arb.fromGenShrink (
        gen {
            let! case = Networks.any.Generator
            let! steps = Gen.choose (1, 40)

            let! batch =
                Gen.frequency [ 2, Gen.choose (1, 5); 1, Gen.choose (16, 20); 2, Gen.choose (32, 40) ]

            return
                { case with
                    NetworkCase.Options.Batch = batch
                    Steps = steps
                }
        },
        Networks.any.Shrinker
    )

let private isSame = Executors.sameBits "gradient"

[<Tests>]
let tests =
    testList
        "EngineBits"
        [
            testCase "batches evaluated side by side have the losses and outputs of each alone" (fun () ->
                Law.holdsFor 40 "side by side"
                <| Prop.forAll longCases (fun case ->
                    let program, parameters, batch = Networks.setUp case
                    let parameters = Executors.narrow parameters

                    let batches =
                        [| for k in 0..4 -> Networks.batch { case with Seed = case.Seed + k } |]

                    use crew = new Crew(1 + abs case.Seed % 3)
                    use executor = Executors.chunked (Executors.longestChunk case.Seed) program crew
                    let name = program.Outputs[0].Name

                    let size =
                        executor.Run(Array.map (Array.map float) parameters, batch, false).Outputs[name].Length

                    let outputs () : IReadOnlyDictionary<string, float[]> =
                        Dictionary(dict [ name, Array.zeroCreate size ])

                    let alone = [| for _ in batches -> outputs () |]

                    let losses =
                        Array.map2 (fun batch outputs -> executor.Evaluate(parameters, batch, outputs)) batches alone

                    let together = [| for _ in batches -> outputs () |]
                    let found = Array.zeroCreate batches.Length
                    executor.EvaluateEach(parameters, ReadOnlySpan batches, Span found, ReadOnlySpan together)
                    let bits = Array.map BitConverter.DoubleToInt64Bits
                    Expect.sequenceEqual (bits found) (bits losses) "bits found"

                    for a, b in Array.zip together alone do
                        Expect.sequenceEqual (bits a[name]) (bits b[name]) "bits a[name]"))

            testCase
                "gradients with respect to data leave the forward list and the bits of the loss as they are"
                (fun () ->
                    Law.holdsOften
                        60
                        "data asked for"
                        [ "there is no input layer", 0.1; "data were asked for", 0.5 ]
                        longCases
                        (fun tally case ->
                            let asked = Networks.program case
                            let plain = Networks.program { case with Through = [] }
                            let parameters, batch = Networks.parameters case plain, Networks.batch case

                            let forward (program: StepProgram) =
                                program.Forward |> Array.map (fun i -> i.Target, i.Operation)

                            let loss (program: StepProgram) =
                                use crew = new Crew(2)
                                use executor = Executors.chunked (Executors.longestChunk case.Seed) program crew
                                Executors.gradient executor (Executors.narrow parameters) batch |> fst, [||]

                            Expect.isEmpty plain.Inputs "plain.Inputs"
                            Expect.isTrue (forward plain = forward asked) "forward"
                            isSame (loss plain) (loss asked)
                            tally.Note("there is no input layer", not case.Options.InputLayer)
                            tally.Note("data were asked for", (asked.Inputs.Length > 0))))

            testCase "the bound on stored fast weights changes no bit" (fun () ->
                let cases =
                    Arb.fromGenShrink (
                        gen {
                            let! case = Networks.any.Generator
                            let! steps = Gen.choose (1, 150)
                            let! batch = Gen.elements [ 1; 3; 17; 34 ]

                            return
                                { case with
                                    NetworkCase.Options.Hidden = min case.Options.Hidden 5
                                    NetworkCase.Options.Batch = batch
                                    Steps = steps
                                }
                        },
                        Networks.any.Shrinker
                    )

                Law.holdsOften
                    100
                    "history"
                    [ "one checkpoint in three or more is kept", 0.3 ]
                    cases
                    (fun tally case ->
                        let program = Networks.program case

                        let parameters, batch =
                            Networks.parameters case program |> Executors.narrow, Networks.batch case

                        let under bound =
                            use crew = new Crew(2)

                            use executor =
                                new CpuExecutor(program, crew, bound, (fun plan -> GroupRunner.Create plan), 4)

                            Executors.gradient executor parameters batch

                        let plan = Plan(program, 1L, 4)
                        let checkpoint = int64 (plan.FastSize * sizeof<float32>)
                        let free = under CpuExecutor.DefaultHistoryBytes

                        for bound in [ 1L; 6L * checkpoint; 15L * checkpoint ] do
                            isSame free (under (max 1L bound))

                        let tightest = CheckpointHistory(Chunks(case.Steps, 4), plan.FastSize, 1L)

                        tally.Note(
                            "one checkpoint in three or more is kept",
                            (plan.FastSize > 0 && tightest.Interval > 2)
                        )))

            testCase "checkpoints that are needed together never share a slot" (fun () ->
                for steps in 1..300 do
                    for bound in [ 1L; 5L; 12L; 40L; 1000L ] do
                        let chunks = Chunks(steps, 4)
                        let history = CheckpointHistory(chunks, 1L, bound)
                        let last = chunks.Count - 1
                        let slots = [ for k in 1..last -> k, history.Slot k ]
                        Expect.all slots (fun (_, slot) -> slot >= 0 && slot <= history.Slots - 1) "slots"
                        // Those kept to the end of the forward pass, and those of one segment.
                        let kept = slots |> List.filter (fun (k, _) -> k % history.Interval = 0)

                        for segment in 0 .. last / history.Interval do
                            let inside =
                                slots
                                |> List.filter (fun (k, _) ->
                                    k / history.Interval = segment && k % history.Interval > 0)

                            let needed = kept @ inside |> List.map snd
                            Expect.equal ((List.distinct needed).Length) needed.Length "(List.distinct needed).Length")

            testCase "vectors of 512 bits, 256 bits and 128 bits give identical bits" (fun () ->
                Law.holdsFor 60 "lanes"
                <| Prop.forAll longCases (fun case ->
                    let program = Networks.program case

                    let parameters, batch =
                        Networks.parameters case program |> Executors.narrow, Networks.batch case

                    let on (runner: Plan -> GroupRunner) =
                        use crew = new Crew(1)

                        use executor =
                            new CpuExecutor(
                                program,
                                crew,
                                CpuExecutor.DefaultHistoryBytes,
                                runner,
                                Executors.longestChunk case.Seed
                            )

                        Executors.gradient executor parameters batch

                    let four = on (fun plan -> new GroupRunner<QuadLanes>(plan))
                    isSame four (on (fun plan -> new GroupRunner<PairLanes>(plan)))
                    isSame four (on (fun plan -> new GroupRunner<WideLanes>(plan)))))

            testCase "a second step allocates nothing" (fun () ->
                Law.holdsFor 20 "allocation"
                <| Prop.forAll longCases (fun case ->
                    let program = Networks.program case

                    let parameters, batch =
                        Networks.parameters case program |> Executors.narrow, Networks.batch case

                    // One thread: the caller does all that the others would.
                    use crew = new Crew(1)
                    use executor = Executors.chunked (Executors.longestChunk case.Seed) program crew

                    let learner =
                        new Learner(executor, Networks.parameters case program, AdamWSettings(), 5.0, crew)

                    let step () =
                        learner.Measure batch
                        learner.Update 1e-3
                        executor.Evaluate(parameters, batch) |> ignore

                    step ()
                    step ()
                    let before = GC.GetAllocatedBytesForCurrentThread()
                    step ()

                    Expect.equal
                        (GC.GetAllocatedBytesForCurrentThread() - before)
                        0L
                        "GC.GetAllocatedBytesForCurrentThread() - before"))
        ]
