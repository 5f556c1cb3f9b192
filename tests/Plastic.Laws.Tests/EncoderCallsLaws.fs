/// What IEncoder promises of the order of its calls, and that executors keep to it with any engine.
module Plastic.Laws.EncoderCallsLaws

open System
open System.Threading
open Expecto
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine

/// An engine that notes its calls and leaves the work to another.
type private Noting(inner: IEncoder, calls: ResizeArray<string>) =
    interface IEncoder with
        member _.Encoder = inner.Encoder

        member _.Forward(parameters, buffers, images, steps, mode, features, stop) =
            calls.Add $"forward, {mode}"
            inner.Forward(parameters, buffers, images, steps, mode, features, stop)

        member _.Backward(cotangents, gradients, stop) =
            calls.Add "backward"
            inner.Backward(cotangents, gradients, stop)

        member _.Commit buffers =
            calls.Add "commit"
            inner.Commit buffers

        member _.Dispose() =
            calls.Add "dispose"
            inner.Dispose()

let private normal seed count : float32[] =
    let stream = RandomStream(Philox.key seed "encoder calls", 0L, 0)
    Array.init count (fun _ -> float32 (stream.Normal()))

let private refused run =
    Expect.throwsT<InvalidOperationException> run

[<Tests>]
let tests =
    testList
        "EncoderCalls"
        [
            testCase "a backward pass needs a completed forward pass of its own, whatever is kept" (fun () ->
                Law.holdsFor 30 "encoder backward"
                <| Prop.forAll EncodedCases.any (fun case ->
                    let encoder = Encoder case.Encoder
                    let seed, episodes, steps = int64 case.Network.Seed, 2, case.Network.Steps
                    use crew = new Crew 2
                    let kept = if seed % 2L = 0L then 1L else CpuEncoder.DefaultKeptBytes
                    use engine = new CpuEncoder(encoder, crew, KeyedDrops seed, kept)
                    let parameters = Executors.narrow (encoder.InitialValues seed)
                    let buffers = Executors.narrow (encoder.InitialBuffers())
                    let side = case.Encoder.Side
                    let images = normal seed (episodes * steps * 3 * side * side)
                    let cotangents = normal (seed + 1L) (episodes * steps * encoder.Features)
                    let stopped = CancellationToken true

                    let forward stop =
                        let features = Array.zeroCreate cotangents.Length
                        engine.Forward(parameters, buffers, images, steps, EncoderMode.Training, features, stop)

                    let backward stop =
                        let gradients = parameters |> Array.map (fun p -> Array.create p.Length nanf)
                        engine.Backward(cotangents, gradients, stop)
                        gradients |> Array.concat |> Array.map BitConverter.SingleToInt32Bits

                    let go = CancellationToken.None
                    refused (fun () -> backward go |> ignore) "before a forward pass"
                    forward go
                    let first = backward go
                    refused (fun () -> backward go |> ignore) "a second time"
                    forward go
                    Expect.throwsT<OperationCanceledException> (fun () -> forward stopped) "forward, stopped"
                    refused (fun () -> backward go |> ignore) "after a forward pass that was stopped"
                    forward go

                    Expect.throwsT<OperationCanceledException>
                        (fun () -> backward stopped |> ignore)
                        "backward, stopped"

                    refused (fun () -> backward go |> ignore) "after a backward pass that was stopped"
                    forward go
                    Expect.equal (backward go) first "the gradients"))

            testCase "an executor drives an encoder of one's own as it does the CPU's, and disposes of it" (fun () ->
                Law.holdsFor 20 "encoder of one's own"
                <| Prop.forAll EncodedCases.any (fun case ->
                    let network, parameters, batch = EncodedCases.setUp case
                    use crew = new Crew 2
                    let calls = ResizeArray()

                    let everything (executor: IExecutor) =
                        use executor = executor
                        let values = Executors.narrow parameters
                        let gradients = values |> Array.map (fun p -> Array.create p.Length nanf)
                        let loss = executor.Gradient(values, batch, gradients)
                        executor.Commit values
                        let evaluated = executor.Evaluate(values, batch)

                        Array.concat [ yield! gradients; yield! values; [| float32 loss; float32 evaluated |] ]
                        |> Array.map BitConverter.SingleToInt32Bits

                    let cpu () =
                        new CpuEncoder(network.Encoder, crew, EncodedCases.drops case)

                    let own = new EncodedExecutor(network, crew, new Noting(cpu (), calls))
                    let found = everything own

                    Expect.equal
                        (List.ofSeq calls)
                        [ "forward, Training"; "backward"; "commit"; "forward, Evaluation"; "dispose" ]
                        "calls"

                    Expect.equal found (everything (new EncodedExecutor(network, crew, cpu ()))) "bits"

                    let other =
                        Encoder
                            { case.Encoder with
                                Side = case.Encoder.Side + 1
                            }

                    use another = new CpuEncoder(other, crew, EncodedCases.drops case)

                    Expect.throwsT<ArgumentException>
                        (fun () -> new EncodedExecutor(network, crew, another) |> ignore)
                        "an encoder with other options"))
        ]
