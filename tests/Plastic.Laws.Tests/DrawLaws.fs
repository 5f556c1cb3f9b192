/// Numbers that are drawn together are those that are drawn one by one.
module Plastic.Laws.DrawLaws

open System
open System.Numerics
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core

/// What may be asked of a stream.
type private Draw =
    | Word
    | Uniform
    | Normal
    | Normals of count: int

let private plans =
    Arb.fromGen (
        gen {
            let! seed = Gen.choose (0, Int32.MaxValue)

            let one =
                Gen.oneof
                    [
                        Gen.elements [ Word; Uniform; Normal ]
                        Gen.map Normals (Gen.choose (0, 20))
                        Gen.map Normals (Gen.choose (30, 70))
                    ]

            let! draws = Gen.listOfLength 20 one
            return int64 seed, draws
        }
    )

let private bits (x: float) = BitConverter.DoubleToInt64Bits x

let private together (stream: RandomStream) draws =
    [
        for draw in draws do
            match draw with
            | Word -> float (stream.Word())
            | Uniform -> stream.Uniform()
            | Normal -> stream.Normal()
            | Normals count ->
                let numbers = Array.zeroCreate count
                stream.Normals(numbers.AsSpan())
                yield! numbers
    ]
    |> List.map bits

/// The words of the blocks in order, each block made alone, and every number from the words that come next.
let private oneByOne key step sample draws =
    let mutable next = 0
    let mutable spare = None

    let word () =
        let struct (a, b, c, d) =
            Philox.block key (struct (uint32 step, uint32 (step >>> 32), uint32 sample, uint32 (next / 4)))

        next <- next + 1
        [| a; b; c; d |][(next - 1) % 4]

    let uniform () = float (word ()) / 4294967296.0

    let rec normal () =
        match spare with
        | Some value ->
            spare <- None
            value
        | None ->
            let u = 2.0 * uniform () - 1.0
            let v = 2.0 * uniform () - 1.0
            let s = u * u + v * v

            if s > 0.0 && s < 1.0 then
                let factor = sqrt (-2.0 * Polar.ln s / s)
                spare <- Some(v * factor)
                u * factor
            else
                normal ()

    [
        for draw in draws do
            match draw with
            | Word -> float (word ())
            | Uniform -> uniform ()
            | Normal -> normal ()
            | Normals count ->
                for _ in 1..count do
                    normal ()
    ]
    |> List.map bits

[<Tests>]
let tests =
    testList
        "Draws"
        [
            testCase "a stream gives the numbers that its words, made one by one, say" (fun () ->
                Law.holds "draws"
                <| Prop.forAll plans (fun (seed, draws) ->
                    let key = Philox.key seed "draws"
                    let step, sample = seed * 7L, int (seed % 64L)

                    Expect.equal
                        (together (RandomStream(key, step, sample)) draws)
                        (oneByOne key step sample draws)
                        "together (RandomStream(key, step, sample)) draws"))

            testCase "a stream that starts anew gives the numbers of a new one, whatever was drawn before" (fun () ->
                Law.holds "restart"
                <| Prop.forAll plans (fun (seed, draws) ->
                    let key = Philox.key seed "draws"
                    let used = RandomStream(Philox.key seed "other", 1L, 1)
                    used.Room(3).Fill nan
                    together used draws |> ignore
                    used.Restart(key, seed, 2)
                    used.Room(5).Fill nan

                    Expect.equal
                        (together used draws)
                        (together (RandomStream(key, seed, 2)) draws)
                        "together used draws"))

            testCase "rooms of one draw share no number" (fun () ->
                let stream = RandomStream(Philox.key 0L "room", 0L, 0)

                for _ in 1..3 do
                    stream.Restart(Philox.key 0L "room", 0L, 0)
                    let first = stream.Room 4
                    let second = stream.Room 7
                    first.Fill 1.0
                    second.Fill 2.0
                    Expect.sequenceEqual (first.ToArray()) (Array.create 4 1.0) "first"
                    Expect.sequenceEqual (second.ToArray()) (Array.create 7 2.0) "second")

            testCase "the logarithms of a vector are those of its elements, bit for bit" (fun () ->
                let stream = RandomStream(Philox.key 0L "logarithms", 0L, 0)

                for exponent in 0..62 do
                    let x =
                        Array.init Vector<float>.Count (fun _ -> (stream.Uniform() + 1e-9) / 2.0 ** float exponent)

                    let found: float[] = Array.zeroCreate x.Length
                    (Polar.lnOfEach (Vector<float> x)).CopyTo found

                    Expect.sequenceEqual (Array.map bits found) (Array.map (Polar.ln >> bits) x) "Array.map bits found")
        ]
