/// What the engine takes of a machine: memory that is known before it is taken, and no more time than it is given.
module Plastic.Laws.EngineLimitsLaws

open System
open System.Threading
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine
open Plastic.Laws.EngineLaws

/// Asks a run to stop once one of its groups has taken a given step forward, and sees what is done afterwards.
type private Stop(at: int, source: CancellationTokenSource) =
    let profiles = ResizeArray<StepProfile>()
    let mutable stepsAfter = 0

    /// Steps forward that ended after the stop.
    member _.StepsAfter = stepsAfter
    /// The time that went into backward passes, which begin after every such step.
    member _.BackwardSeconds = profiles |> Seq.sumBy _.Seconds(StepPart.Backward)

    /// A worker with its time measured.
    member _.Watch(worker: GroupRunner) =
        worker.Profile <- StepProfile()
        profiles.Add worker.Profile
        worker

    interface IObserver with
        member _.StepBack(_, _) = ()
        member _.ReadsUpdates = false
        member _.Reads(_, _) = false
        member _.After(_, _) = ()

        member _.Step(_, t) =
            if source.IsCancellationRequested then
                Interlocked.Increment &stepsAfter |> ignore
            elif t = at then
                source.Cancel()

/// A worker that is observed in training too.
type private Observed(worker: GroupRunner, observer: IObserver) =
    inherit GroupRunner()
    override _.Bytes = worker.Bytes
    override _.Dispose() = worker.Dispose()

    override _.Run(batch, first, count, wantGradient, parameters, gradients, sampleLoss, _, stop) =
        worker.Run(batch, first, count, wantGradient, &parameters, &gradients, sampleLoss, observer, stop)

/// A network and a batch that take long.
let private long hidden steps =
    let options =
        { NetworkOptions.Default with
            Hidden = hidden
            Batch = 32
        }

    let network = PlasticNetwork options

    let batch =
        let values width =
            Array.init (options.Batch * steps * width) (fun i -> float (i % 7) / 7.0)

        Batch(
            options.Batch,
            steps,
            options.Inputs,
            options.Outputs,
            values options.Inputs,
            values options.Outputs,
            Array.create steps (1.0 / float steps)
        )

    network, network.InitialValues 0L |> Executors.narrow, batch

[<Tests>]
let tests =
    testList
        "EngineLimits"
        [
            testCase "the memory an engine takes is the memory it said it would take" (fun () ->
                Law.holdsOften 100 "memory" [ "a gradient takes more", 0.5 ] Networks.any (fun tally case ->
                    let program, parameters, batch = Networks.setUp case
                    let parameters = Executors.narrow parameters
                    // From too little for one F to room for all.
                    let history = 1L <<< (abs case.Seed % 24)

                    let said withGradient =
                        CpuExecutor.MemoryFor(program, 1, batch.Steps, withGradient, history)

                    // One worker, who does all.
                    use executor = new CpuExecutor(program, 1, history)
                    executor.Evaluate(parameters, batch) |> ignore
                    Expect.equal executor.Bytes (said false) "executor.Bytes"
                    Executors.gradient executor parameters batch |> ignore
                    Expect.equal executor.Bytes (said true) "executor.Bytes"
                    tally.Note("a gradient takes more", (said true > said false))))

            testCase "an engine that is stopped at any moment computes the same bits afterwards" (fun () ->
                let network, parameters, batch = long 64 100
                use crew = new Crew(2)
                use executor = Executors.chunked 7 network.Program crew
                let expected = Executors.gradient executor parameters batch

                // The time without compilation, which the first runs wait for.
                for _ in 1..20 do
                    Executors.gradient executor parameters batch |> ignore

                let clock = Diagnostics.Stopwatch.StartNew()
                Executors.gradient executor parameters batch |> ignore
                let whole = clock.Elapsed
                let random = System.Random 3
                let mutable stopped = 0

                for _ in 1..40 do
                    // Forward, backward, and when all is done.
                    use source = new CancellationTokenSource(whole * random.NextDouble())

                    try
                        executor.Gradient(parameters, batch, parameters |> Array.map Array.copy, stop = source.Token)
                        |> ignore

                        executor.Evaluate(parameters, batch, stop = source.Token) |> ignore
                    with :? OperationCanceledException ->
                        stopped <- stopped + 1

                    Executors.gradient executor parameters batch
                    |> Executors.sameBits "after a stop" expected

                Expect.inRange stopped 5 40 "stopped")

            testCase "a batch that is stopped takes no further step, forward or backward" (fun () ->
                let steps = 40
                let network, parameters, batch = long 32 steps

                // After the last step the backward pass comes next.
                for at in [ 0; steps / 2; steps - 1 ] do
                    use crew = new Crew(2)
                    use source = new CancellationTokenSource()
                    let stop = Stop(at, source)

                    use executor =
                        new CpuExecutor(
                            network.Program,
                            crew,
                            CpuExecutor.DefaultHistoryBytes,
                            fun plan -> new Observed(stop.Watch(GroupRunner.Create plan), stop) :> GroupRunner
                        )

                    Expect.raises<OperationCanceledException>(fun () ->
                        executor.Gradient(parameters, batch, parameters |> Array.map Array.copy, stop = source.Token)
                        |> ignore)
                    |> ignore

                    // The other thread may be within a step.
                    Expect.inRange stop.StepsAfter 0 1 $"steps after the stop at step {at}"
                    Expect.equal stop.BackwardSeconds 0.0 $"stop.BackwardSeconds after the stop at step {at}")
        ]
