/// The float32 engine computes what the float64 interpreter computes, and the same bits however it is run.
module Plastic.Laws.EngineLaws

open System
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine
open Xunit

/// Networks of all kinds with batches of 1 to 40, fewer samples than a shard and several shards, and episodes of 1 to 14
/// steps: none to three stored fast weights.
let private cases =
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

let private narrow (values: float[][]) = values |> Array.map (Array.map float32)

/// What a batch gave, in groups of tensors of one kind.
let private groups (program: Program) (episode: Episode) =
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
let private isIllConditioned least (program: Program) parameters batch expected =
    Seq.exists
        (fun trial ->
            let found =
                groups program (Interpreter.run (Rounding.noisy trial program) parameters batch true)

            try
                agree least Float32.rounding expected found
                false
            with :? Sdk.XunitException ->
                true)
        [ 1..6 ]

/// Whether float32 is precise enough for the case; fails when it is, and the engine still differs.
let private isReference least (program: Program) parameters batch =
    let expected = groups program (Interpreter.run program parameters batch true)
    use executor = new CpuExecutor(program, 2)
    let found = groups program (executor.Run(parameters, batch, true))

    try
        agree least Float32.engine expected found
        true
    with :? Sdk.XunitException when isIllConditioned least program parameters batch expected ->
        false

/// The engine's gradient, with the loss; the buffers hold rubbish before.
let private gradient (executor: IExecutor) parameters batch =
    let buffers = parameters |> Array.map (Array.map (fun _ -> Single.NaN))
    let loss = executor.Gradient(parameters, batch, buffers)
    loss, buffers

[<Fact>]
let ``the engine gives the reference's values and gradients, for every rule, cell and option`` () =
    Law.holdsOften
        200
        "engine against reference"
        [
            "float32 is precise enough", 0.95
            "there are several shards", 0.1
            "there is one step", 0.1
            "fast weights are stored twice", 0.1
            "there is one sample", 0.05
        ]
        cases
        (fun tally case ->
            let program = Networks.program case
            let parameters = Networks.parameters case program
            let precise = isReference 0.0 program parameters (Networks.batch case)
            tally.Note("float32 is precise enough", precise)
            tally.Note("there are several shards", (case.Options.Batch > 8))
            tally.Note("there is one step", (case.Steps = 1))
            tally.Note("fast weights are stored twice", (case.Steps > 2 * Panels.Depth))
            tally.Note("there is one sample", (case.Options.Batch = 1)))

[<Fact>]
let ``the engine gives the reference's values and gradients for any step`` () =
    Law.holdsOften
        300
        "engine against reference, any step"
        [ "float32 is precise enough", 0.9 ]
        Steps.any
        (fun tally case ->
            // These steps' tensors may be what numbers of size 1 left over.
            let precise = isReference 1.0 <||| Steps.setUp case
            tally.Note("float32 is precise enough", precise))

[<Fact>]
let ``1, 2 and 3 threads give identical bits, and so does a second run`` () =
    Law.holdsFor 60 "threads"
    <| Prop.forAll cases (fun case ->
        let program = Networks.program case

        let parameters, batch =
            Networks.parameters case program |> narrow, Networks.batch case

        let other =
            Networks.batch
                { case with
                    Seed = case.Seed + 1
                    Steps = case.Steps + 5
                }

        let results =
            [
                for threads in [ 1; 2; 3 ] do
                    use executor = new CpuExecutor(program, threads)
                    yield gradient executor parameters batch
                    // Another batch in between must leave nothing behind.
                    gradient executor parameters other |> ignore
                    yield gradient executor parameters batch
            ]

        for loss, buffers in results.Tail do
            Assert.Equal(fst results.Head, loss)
            Array.iter2 (fun (a: float32[]) b -> Assert.Equal<float32>(a, b)) (snd results.Head) buffers)

/// Episodes of 1 to 40 steps: several checkpoints, and several segments of them.
let private longCases =
    Arb.fromGenShrink (
        gen {
            let! case = Networks.any.Generator
            let! steps = Gen.choose (1, 40)
            return { case with Steps = steps }
        },
        Networks.any.Shrinker
    )

let private isSame (expected: float * float32[][]) (found: float * float32[][]) =
    Assert.Equal(fst expected, fst found)
    Array.iter2 (fun (a: float32[]) b -> Assert.Equal<float32>(a, b)) (snd expected) (snd found)

[<Fact>]
let ``the bound on stored fast weights changes no bit`` () =
    let cases =
        Arb.fromGenShrink (
            gen {
                let! case = Networks.any.Generator
                let! steps = Gen.choose (1, 150)

                return
                    { case with
                        NetworkCase.Options.Hidden = min case.Options.Hidden 5
                        NetworkCase.Options.Batch = min case.Options.Batch 3
                        Steps = steps
                    }
            },
            Networks.any.Shrinker
        )

    Law.holdsOften 100 "history" [ "one checkpoint in three or more is kept", 0.3 ] cases (fun tally case ->
        let program = Networks.program case

        let parameters, batch =
            Networks.parameters case program |> narrow, Networks.batch case

        let under bound =
            use executor = new CpuExecutor(program, 2, bound)
            gradient executor parameters batch

        let plan = Plan(program, 1L)
        let checkpoint = int64 (plan.FastSize * sizeof<float32>)
        let free = under CpuExecutor.DefaultHistoryBytes

        for bound in [ 1L; 6L * checkpoint; 15L * checkpoint ] do
            isSame free (under (max 1L bound))

        let tightest = History(case.Steps, plan.FastSize, 1L)
        tally.Note("one checkpoint in three or more is kept", (plan.FastSize > 0 && tightest.Spread > 2)))

[<Fact>]
let ``checkpoints that are needed together never share a slot`` () =
    for steps in 1..300 do
        for bound in [ 1L; 5L; 12L; 40L; 1000L ] do
            let history = History(steps, 1L, bound)
            let last = (steps - 1) / Panels.Depth
            let slots = [ for k in 1..last -> k, history.Slot k ]
            Assert.All(slots, fun (_, slot) -> Assert.InRange(slot, 0, history.Slots - 1))
            // Those kept to the end of the forward pass, and those of one segment.
            let kept = slots |> List.filter (fun (k, _) -> k % history.Spread = 0)

            for segment in 0 .. last / history.Spread do
                let inside =
                    slots
                    |> List.filter (fun (k, _) -> k / history.Spread = segment && k % history.Spread > 0)

                let needed = kept @ inside |> List.map snd
                Assert.Equal(needed.Length, (List.distinct needed).Length)

[<Fact>]
let ``vectors of 512 bits, 256 bits and 128 bits give identical bits`` () =
    Law.holdsFor 60 "lanes"
    <| Prop.forAll longCases (fun case ->
        let program = Networks.program case

        let parameters, batch =
            Networks.parameters case program |> narrow, Networks.batch case

        let on (runner: Plan -> GroupRunner) =
            use crew = new Crew(1)

            use executor =
                new CpuExecutor(program, crew, CpuExecutor.DefaultHistoryBytes, runner)

            gradient executor parameters batch

        let four = on (fun plan -> new GroupRunner<QuadLanes>(plan))
        isSame four (on (fun plan -> new GroupRunner<PairLanes>(plan)))
        isSame four (on (fun plan -> new GroupRunner<WideLanes>(plan))))

[<Fact>]
let ``a second step allocates nothing`` () =
    Law.holdsFor 20 "allocation"
    <| Prop.forAll longCases (fun case ->
        let program = Networks.program case

        let parameters, batch =
            Networks.parameters case program |> narrow, Networks.batch case

        // One thread: the caller does all that the others would.
        use crew = new Crew(1)
        use executor = new CpuExecutor(program, crew)

        let learner =
            Learner(executor, Networks.parameters case program, AdamWSettings(), 5.0, crew)

        let step () =
            learner.Measure batch
            learner.Update 1e-3
            executor.Evaluate(parameters, batch) |> ignore

        step ()
        step ()
        let before = GC.GetAllocatedBytesForCurrentThread()
        step ()
        Assert.Equal(0L, GC.GetAllocatedBytesForCurrentThread() - before))

[<Fact>]
let ``Run, Gradient and Evaluate of one executor agree`` () =
    let executors: (Program -> IExecutor) list =
        [
            fun program -> new CpuExecutor(program, 2)
            fun program -> new ReferenceExecutor(program)
        ]

    Law.holdsFor 40 "three ways to run"
    <| Prop.forAll cases (fun case ->
        let program = Networks.program case

        let parameters, batch = Networks.parameters case program, Networks.batch case

        for make in executors do
            use executor = make program
            let episode = executor.Run(parameters, batch, true)
            let loss, buffers = gradient executor (narrow parameters) batch
            Assert.Equal(episode.Loss, loss)
            Assert.Equal(episode.Loss, executor.Evaluate(narrow parameters, batch))
            Assert.Equal(episode.Loss, executor.Run(parameters, batch, false).Loss)
            Assert.Empty(executor.Run(parameters, batch, false).Gradients)
            Array.iter2 (fun (a: float32[]) b -> Assert.Equal<float32>(a, b)) (narrow episode.Gradients) buffers)

[<Fact>]
let ``with inputs and weights all zero the engine is finite too`` () =
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
                Close.finite name values)

[<Fact>]
let ``parameters and batches that do not fit the Program raise ShapeException`` () =
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
            Assert.Throws<ShapeException>(fun () -> executor.Run(shorter, batch, false) |> ignore)
            |> ignore

            Assert.Throws<ShapeException>(fun () -> executor.Run(parameters[.. last - 1], batch, false) |> ignore)
            |> ignore

            for unfit in [ wider; longer ] do
                Assert.Throws<ShapeException>(fun () -> executor.Run(parameters, unfit, false) |> ignore)
                |> ignore

            executor.Dispose())
