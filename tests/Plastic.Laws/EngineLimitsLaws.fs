/// What the engine takes of a machine: memory that is known before it is taken, and no more time than it is given.
module Plastic.Laws.EngineLimitsLaws

open System
open System.Threading
open FsCheck
open FsCheck.FSharp
open Xunit
open Plastic.Core
open Plastic.Engine
open Plastic.Laws.EngineLaws



[<Fact>]
let ``the memory an engine takes is the memory it said it would take`` () =
    Law.holdsOften 100 "memory" [ "a gradient takes more", 0.5 ] Networks.any (fun tally case ->
        let program, parameters, batch = Networks.setUp case
        let parameters = narrow parameters
        // From too little for one F to room for all.
        let history = 1L <<< (abs case.Seed % 24)

        let said withGradient =
            CpuExecutor.MemoryFor(program, 1, batch.Steps, withGradient, history)

        // One worker, who does all.
        use executor = new CpuExecutor(program, 1, history)
        executor.Evaluate(parameters, batch) |> ignore
        Assert.Equal(said false, executor.Taken)
        gradient executor parameters batch |> ignore
        Assert.Equal(said true, executor.Taken)
        tally.Note("a gradient takes more", (said true > said false)))

[<Fact>]
let ``an engine that is stopped says so, and computes the same bits afterwards`` () =
    Law.holdsFor 60 "stopping"
    <| Prop.forAll Networks.any (fun case ->
        let program, parameters, batch = Networks.setUp case
        let parameters = narrow parameters
        use crew = new Crew(2)
        use executor = chunked (longestChunk case.Seed) program crew
        let expected = gradient executor parameters batch
        use source = new CancellationTokenSource()
        source.Cancel()
        let buffers = parameters |> Array.map Array.copy

        let stopped (work: unit -> float) =
            Assert.Throws<OperationCanceledException>(fun () -> work () |> ignore) |> ignore

        stopped (fun () -> executor.Gradient(parameters, batch, buffers, source.Token))
        stopped (fun () -> executor.Evaluate(parameters, batch, stop = source.Token))
        let loss, gradients = gradient executor parameters batch
        Assert.Equal(fst expected, loss)
        Array.iter2 (fun (a: float32[]) b -> Assert.Equal<float32>(a, b)) (snd expected) gradients)

[<Fact>]
let ``a batch that takes many seconds stops on the way`` () =
    let options =
        { NetworkOptions.Default with
            Hidden = 256
            Batch = 32
        }

    let network = PlasticNetwork options
    let steps = 4000

    let batch =
        let zeros width =
            Array.zeroCreate (options.Batch * steps * width)

        Batch(
            options.Batch,
            steps,
            options.Inputs,
            options.Outputs,
            zeros options.Inputs,
            zeros options.Outputs,
            Array.create steps 1.0
        )

    let parameters = network.InitialValues 0L |> narrow
    use crew = new Crew(2)
    use executor = new CpuExecutor(network.Program, crew)
    use source = new CancellationTokenSource(200)
    let clock = Diagnostics.Stopwatch.StartNew()

    Assert.Throws<OperationCanceledException>(fun () ->
        executor.Gradient(parameters, batch, parameters |> Array.map Array.copy, source.Token)
        |> ignore)
    |> ignore

    // Without the token it is half a minute.
    Assert.InRange(clock.Elapsed.TotalSeconds, 0.1, 10.0)
