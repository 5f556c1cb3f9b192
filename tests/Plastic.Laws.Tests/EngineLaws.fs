/// The float32 engine computes what the float64 interpreter computes.
module Plastic.Laws.EngineLaws

open System
open System.Collections.Concurrent
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine

/// Networks of all kinds, sized for the engine.
let internal cases = ExecutorLaws.sized Networks.any

/// Keeps what it sees after the steps that it wants, by episode, step and name.
type private Watcher(wants: int -> int -> bool) =
    let seen = ConcurrentDictionary<struct (int * int * string), float32[]>()
    member _.Seen = seen

    interface IEpisodeWatcher with
        member _.Wants(sample, step) = wants sample step

        member _.SeeState(sample, step, name, values) =
            seen[struct (sample, step, "state " + name)] <- values.ToArray()

        member _.SeeFastWeights(sample, step, synapse, values) =
            seen[struct (sample, step, "F of " + synapse)] <- values.ToArray()

let private bits (values: float32 seq) =
    [| for x in values -> BitConverter.SingleToInt32Bits x |]

/// What float32 may be less precise with.
let private features (case: NetworkCase) =
    let o = case.Options

    [
        $"rule {o.Rule.Name}"
        $"cell {o.Cell.Name}"
        $"loss {o.Loss}"
        if o.LayerNorm then
            "layer norm"
        if o.Modulation then
            "modulation"
        if Networks.isNormClipped case then
            "a clipped norm"
        if case.Steps > 6 then
            "many steps"
    ]

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
                        let longest = Executors.longestChunk case.Seed

                        let precise =
                            Executors.isReference 0.0 longest program parameters (Networks.batch case)

                        tally.Note("float32 is precise enough", precise)

                        for feature in features case do
                            tally.NoteWithin(feature, precise)

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
                        let precise =
                            Executors.isReference 1.0 (Executors.longestChunk case.Seed)
                            <||| Steps.setUp case

                        tally.Note("float32 is precise enough", precise)

                        for feature, has in
                            [
                                "a bound on F", case.Bound <> Bound.Free && not case.Bound.IsOnTrace
                                "a bound on a trace", case.Bound.IsOnTrace
                                "a keep for each output", case.PerOutput
                                "an eligibility trace", case.Eligible
                                $"a second synapse {case.Wide}", true
                            ] do
                            if has then
                                tally.NoteWithin(feature, precise)))

            testCase "a watcher sees what an episode that ends there leaves, and changes no bit" (fun () ->
                Law.holdsOften 150 "watching" [ "chunks of any length agree", 0.95 ] Steps.any (fun tally case ->
                    let program, parameters, batch = Steps.setUp case
                    let wants sample step = (sample + step) % 3 <> 1
                    use crew = new Crew(2)

                    let watch longest =
                        use executor = Executors.chunked longest program crew
                        let watcher = Watcher wants
                        let watched = executor.Watch(parameters, batch, watcher)
                        let plain = executor.Run(parameters, batch, false)

                        for entry in plain.Outputs do
                            Expect.equal
                                (bits (Array.map float32 watched.Outputs[entry.Key]))
                                (bits (Array.map float32 entry.Value))
                                entry.Key

                        watcher.Seen

                    // With chunks of one step the same numbers are added in the same order, wherever an episode ends.
                    let one = watch 1
                    use executor = Executors.chunked 1 program crew
                    let mutable count = 0

                    for step in 0 .. batch.Steps - 1 do
                        let ended = executor.Run(parameters, batch.First(step + 1), false)

                        for kind, values in [ "state ", ended.States; "F of ", ended.FastWeights ] do
                            for entry in values do
                                let each = entry.Value |> Array.map float32 |> Array.splitInto batch.Size

                                for sample in Seq.filter (fun sample -> wants sample step) [ 0 .. batch.Size - 1 ] do
                                    let name = kind + entry.Key
                                    let found = one[struct (sample, step, name)]
                                    Expect.equal (bits found) (bits each[sample]) $"{name} after step {step}"
                                    count <- count + 1

                    Expect.equal one.Count count "nothing else is seen"
                    let many = watch (Executors.longestChunk case.Seed)
                    Expect.equal (Set many.Keys) (Set one.Keys) "seen with other chunks"
                    let ofReference = Watcher wants
                    use reference = new ReferenceExecutor(program)
                    reference.Watch(parameters, batch, ofReference) |> ignore
                    Expect.equal (Set ofReference.Seen.Keys) (Set one.Keys) "seen by the reference"

                    let isClose (x: float32) (y: float32) =
                        x = y
                        || not (Single.IsFinite x)
                        || abs (x - y) <= 1e-3f * max 1.0f (max (abs x) (abs y))

                    tally.Note(
                        "chunks of any length agree",
                        one
                        |> Seq.forall (fun entry -> Array.forall2 isClose entry.Value many[entry.Key])
                    )))

            testCase "Run, Gradient and Evaluate of one executor agree" (fun () ->
                Law.holdsFor 60 "three ways to run"
                <| Prop.forAll cases (fun case ->
                    let program = Networks.program case

                    let parameters, batch = Networks.parameters case program, Networks.batch case

                    let executors: (StepProgram -> IExecutor) list =
                        [
                            fun program -> Executors.chunked (Executors.longestChunk case.Seed) program (new Crew(2))
                            fun program -> new ReferenceExecutor(program)
                        ]

                    // An episode may explode: a NaN is the same as itself.
                    let same (a: float) (b: float) what =
                        Expect.isTrue (a.Equals b) $"{what}: {a:R}, {b:R}"

                    // A fresh executor that has never seen a gradient evaluates the same.
                    let executor = executors.Head program
                    let first = executor.Evaluate(Executors.narrow parameters, batch)
                    executor.Dispose()
                    let again = executors.Head program
                    same first (again.Run(parameters, batch, true).Loss) "first"
                    again.Dispose()

                    for make in executors do
                        use executor = make program
                        let episode = executor.Run(parameters, batch, true)
                        let loss, buffers = Executors.gradient executor (Executors.narrow parameters) batch
                        same loss episode.Loss "loss"

                        same (executor.Evaluate(Executors.narrow parameters, batch)) episode.Loss "Evaluate"

                        let still = executor.Run(parameters, batch, false)
                        same still.Loss episode.Loss "still.Loss"

                        for entry in episode.FastWeights do
                            Expect.sameBits
                                (Array.map float32 entry.Value)
                                (Array.map float32 still.FastWeights[entry.Key])

                        Expect.isEmpty
                            (executor.Run(parameters, batch, false).Gradients)
                            "executor.Run(parameters, batch, false).Gradients"

                        Array.iter2 Expect.sameBits (Executors.gradients program episode) buffers))

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
