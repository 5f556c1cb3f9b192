/// Random numbers: the published test vectors, and the intended distributions.
module Plastic.Laws.PhiloxLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core

/// Known answers for Philox 4×32-10 that come with Random123 (Salmon et al., SC 2011): counter, key, block.
let private answers: (uint32[] * uint32[] * uint32[]) list =
    [
        [| 0u; 0u; 0u; 0u |], [| 0u; 0u |], [| 0x6627e8d5u; 0xe169c58du; 0xbc57ac4cu; 0x9b00dbd8u |]
        Array.create 4 UInt32.MaxValue,
        Array.create 2 UInt32.MaxValue,
        [| 0x408f276du; 0x41c83b0eu; 0xa20bc7c6u; 0x6d5451fdu |]
        [| 0x243f6a88u; 0x85a308d3u; 0x13198a2eu; 0x03707344u |],
        [| 0xa4093822u; 0x299f31d0u |],
        [| 0xd16cfe09u; 0x94fdccebu; 0x5001e420u; 0x24126ea1u |]
    ]

let private places =
    Arb.fromGen (
        gen {
            let! seed = Gen.choose (Int32.MinValue, Int32.MaxValue)
            let! high = Gen.choose (0, 3)
            let! step = Gen.choose (0, 1000)
            let! sample = Gen.choose (0, 63)
            return int64 seed + (int64 high <<< 40), int64 step + (int64 high <<< 33), sample
        }
    )

let private words count (stream: RandomStream) =
    Array.init count (fun _ -> stream.Word())

/// Mean, variance, skewness and kurtosis.
let private moments (x: float[]) =
    let mean = Array.average x

    let central k =
        x |> Array.averageBy (fun x -> (x - mean) ** float k)

    let variance = central 2
    mean, variance, central 3 / variance ** 1.5, central 4 / variance ** 2.0

let private sampleCount = 40_000

/// Five standard errors: a right generator fails a given seed once in two million.
let private within what expected deviation (found: float) =
    let allowed = 5.0 * deviation / sqrt (float sampleCount)
    Expect.isTrue (abs (found - expected) < allowed) $"{what} {found} is not {expected} ± {allowed}"

[<Tests>]
let tests =
    testList
        "Philox"
        [
            for counter, key, expected in answers do
                testCase $"Philox gives the published blocks: key %A{key}" (fun () ->
                    let struct (a, b, c, d) =
                        Philox.block
                            { Low = key[0]; High = key[1] }
                            (struct (counter[0], counter[1], counter[2], counter[3]))

                    Expect.sequenceEqual [| a; b; c; d |] expected "[| a; b; c; d |]")

            testCase "a stream's words are the blocks of its counter in order" (fun () ->
                Law.holds "stream"
                <| Prop.forAll places (fun (seed, step, sample) ->
                    let key = Philox.key seed "law"

                    let blocks =
                        [|
                            for n in 0u .. 2u do
                                let struct (a, b, c, d) =
                                    Philox.block key (struct (uint32 step, uint32 (step >>> 32), uint32 sample, n))

                                yield! [ a; b; c; d ]
                        |]

                    Expect.sequenceEqual
                        (words 12 (RandomStream(key, step, sample)))
                        blocks
                        "words 12 (RandomStream(key, step, sample))"))

            testCase "the same key, step and sample give the same stream; others give another" (fun () ->
                Law.holds "keys"
                <| Prop.forAll places (fun (seed, step, sample) ->
                    let first purpose seed step sample =
                        words 4 (RandomStream(Philox.key seed purpose, step, sample))

                    let here = first "episodes" seed step sample
                    Expect.sequenceEqual (first "episodes" seed step sample) here "first 'episodes' seed step sample"

                    for other in
                        [
                            first "episode" seed step sample
                            first "episodes " seed step sample
                            first "sepisode" seed step sample
                            first "" seed step sample
                            first "episodes" (seed + 1L) step sample
                            first "episodes" (seed + (1L <<< 32)) step sample
                            first "episodes" seed (step + 1L) sample
                            first "episodes" seed (step + (1L <<< 32)) sample
                            first "episodes" seed step (sample + 1)
                        ] do
                        Expect.isFalse (here = other) "two streams begin alike"))

            testCase "uniform numbers stay in their range and have the moments of U(0, 1)" (fun () ->
                Law.holdsFor 10 "uniform"
                <| Prop.forAll places (fun (seed, step, sample) ->
                    let stream = RandomStream(Philox.key seed "uniform", step, sample)
                    let x = Array.init sampleCount (fun _ -> stream.Uniform())
                    Expect.all x (fun x -> x >= 0.0 && x < 1.0) "x"
                    let mean, variance, skewness, kurtosis = moments x
                    within "mean" 0.5 (sqrt (1.0 / 12.0)) mean
                    within "variance" (1.0 / 12.0) (sqrt (1.0 / 180.0)) variance
                    within "skewness" 0.0 2.0 skewness
                    within "kurtosis" 1.8 2.0 kurtosis
                    // Ten bins: chi-square with 9 degrees of freedom exceeds 40 once in a hundred thousand.
                    let expected = float sampleCount / 10.0

                    let bins =
                        Array.init 10 (fun k -> x |> Array.filter (fun x -> int (10.0 * x) = k) |> Array.length)

                    let chi2 = bins |> Array.sumBy (fun n -> (float n - expected) ** 2.0 / expected)
                    Expect.isTrue (chi2 < 40.0) $"chi-square {chi2}"))

            testCase "uniform numbers of a range and counts below a bound stay in range and cover it" (fun () ->
                Law.holds "ranges"
                <| Prop.forAll places (fun (seed, step, sample) ->
                    let stream = RandomStream(Philox.key seed "ranges", step, sample)
                    let x = Array.init 400 (fun _ -> stream.Uniform(-3.0, 5.0))
                    Expect.all x (fun x -> x >= -3.0 && x < 5.0) "x"
                    Expect.isTrue (Array.min x < -2.5 && Array.max x > 4.5) "Array.min x < -2.5 && Array.max x > 4.5"
                    let n = Array.init 400 (fun _ -> stream.Below 7)

                    Expect.sequenceEqual
                        (n |> Array.distinct |> Array.sort)
                        [| 0..6 |]
                        "n |> Array.distinct |> Array.sort"))

            testCase "normal numbers have the moments of N(0, 1)" (fun () ->
                Law.holdsFor 10 "normal"
                <| Prop.forAll places (fun (seed, step, sample) ->
                    let stream = RandomStream(Philox.key seed "normal", step, sample)
                    let x = Array.init sampleCount (fun _ -> stream.Normal())
                    let mean, variance, skewness, kurtosis = moments x
                    within "mean" 0.0 1.0 mean
                    within "variance" 1.0 (sqrt 2.0) variance
                    within "skewness" 0.0 (sqrt 6.0) skewness
                    within "kurtosis" 3.0 (sqrt 24.0) kurtosis
                    // The polar method gives numbers in pairs; the two of a pair are uncorrelated too.
                    let product =
                        Array.chunkBySize 2 x |> Array.averageBy (fun pair -> pair[0] * pair[1])

                    within "correlation of a pair" 0.0 (sqrt 2.0) product))

            testCase "neighbouring steps, samples and seeds are uncorrelated" (fun () ->
                Law.holdsFor 10 "independence"
                <| Prop.forAll places (fun (seed, step, sample) ->
                    let draw seed step sample =
                        let stream = RandomStream(Philox.key seed "pair", step, sample)
                        Array.init sampleCount (fun _ -> stream.Uniform() - 0.5)

                    let here = draw seed step sample

                    for other in
                        [
                            draw (seed + 1L) step sample
                            draw seed (step + 1L) sample
                            draw seed step (sample + 1)
                        ] do
                        within "correlation" 0.0 1.0 (12.0 * Array.average (Array.map2 (*) here other))

                    within
                        "serial correlation"
                        0.0
                        1.0
                        (12.0 * Array.average (Array.map2 (*) here[1..] here[.. sampleCount - 2]))))

            testCase "the logarithm agrees with that of float64 to a relative 1e-15" (fun () ->
                let positive =
                    gen {
                        let! bits = Gen.choose (0, Int32.MaxValue)
                        let! exponent = Gen.frequency [ 3, Gen.choose (-3, 3); 1, Gen.choose (-1000, 1000) ]
                        return (1.0 + float bits / 2147483648.0) * 2.0 ** float exponent
                    }

                Law.holdsFor 5000 "logarithm"
                <| Prop.forAll (Arb.fromGen positive) (fun x ->
                    let expected = Math.Log x
                    // Near 1 the logarithm is a difference of nearly equal numbers: allow one ulp of ln 2.
                    Expect.isTrue (abs (Polar.ln x - expected) <= 1e-15 * max (abs expected) 0.25) $"ln {x}"))
        ]
