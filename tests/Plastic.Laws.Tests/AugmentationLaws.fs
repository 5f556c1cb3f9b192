/// Changes of training images, with the bytes that Pillow gives.
module Plastic.Laws.AugmentationLaws

open System
open System.Security.Cryptography
open Expecto
open Plastic.Core
open Plastic.Tasks

[<Literal>]
let private Side = 8

/// Byte k is (37 k² + 11 k) mod 256.
let private made =
    Array.init (3 * Side * Side) (fun k -> byte ((37 * k * k + 11 * k) % 256))

let private hash (image: byte[]) =
    Convert.ToHexStringLower(SHA256.HashData image)

let private changed (change: byte[] -> unit) =
    let image = Array.copy made
    change image
    image

let private changes =
    [
        "brightness", (fun factor (image: byte[]) -> Augmentation.Brightness(Span image, factor))
        "contrast", (fun factor (image: byte[]) -> Augmentation.Contrast(Span image, factor))
        "saturation", (fun factor (image: byte[]) -> Augmentation.Saturation(Span image, factor))
    ]

let private cropped top left =
    let image: byte[] = Array.zeroCreate made.Length
    Augmentation.Crop(ReadOnlySpan made, Side, 4, top, left, Span image)
    image

let private mirrored = changed (fun image -> Augmentation.Mirror(Span image, Side))

/// SHA-256 of what Pillow 9.4 gives for the image above: ImageEnhance.Brightness, Contrast and Color at each factor.
let private enhanced =
    [
        0.6f,
        [
            "f2a73739f3368c3a9b1cc57060a8249e929ae653ed5b9d7ff22a0d5d63dc240f"
            "b2e76c3204e4a72ce0e273fe72c3737a00bdff8e9edd68c861d94d1bab409156"
            "75c532f73472f1e74e97e5240283962931b6591b04ae07fe2be2a560bb9b71e2"
        ]
        0.83f,
        [
            "573efb117152b84897246f456887d9655f056ffcf2d509e20fab250dc4131bcf"
            "2931a8f21992cdca5670c518e92e9c3d32bd200212f39dee5379f13fda30f0f8"
            "eb20631484fd713df8e2ee980f0d1a7c1565f29f6727c0ffb7269ee702bd3bd6"
        ]
        1.37f,
        [
            "04966dc37dd07e2bd7a3d8d6b6ee65f700043885b90a2e858b899b738da0bd86"
            "47d5b7ab9accdaf8604fbf960a8c6e5dbdbfa8323bb569933a029258f95faf0d"
            "dd5479e761474bbb9677780d4bb6be62f3519ef1141238fb6a79082cea4ec9e8"
        ]
    ]

/// The same of crops of the image with a border of four black pixels.
let private crops =
    [
        (0, 0), "c14ab3761e75b8055b5f34d172793a5977e6f16e42fe8a8937cb6d8a77c1aa8e"
        (3, 1), "9deea3d85f22cde2193e0812dc76eb77cfec5a6355794a729f3a7ac4e4519f88"
        (8, 8), "df3bd87144f015896700846e5170828765405f90cf721dd07ade0bf29bfb112f"
    ]

let private orders =
    [
        for first in 0..2 do
            for second in 0..2 do
                if second <> first then
                    [ first; second; 3 - first - second ]
    ]

[<Tests>]
let tests =
    testList
        "Augmentation"
        [
            testCase "brightness, contrast and saturation give Pillow's bytes" (fun () ->
                for factor, expected in enhanced do
                    for (name, change), hashed in List.zip changes expected do
                        Expect.equal (hash (changed (change factor))) hashed $"{name} {factor}"

                for name, change in changes do
                    Expect.sequenceEqual (changed (change 1.0f)) made $"{name} 1")

            testCase "crops and mirror images give Pillow's bytes" (fun () ->
                for (top, left), hashed in crops do
                    Expect.equal (hash (cropped top left)) hashed $"crop {top}, {left}"

                Expect.sequenceEqual (cropped 4 4) made "the middle"

                Expect.equal
                    (hash mirrored)
                    "10eae0031a205dd6c7a35eb09f4b81f19b4bcc5be83b57e9660fb058c6785439"
                    "mirror")

            testCase
                "a change is a crop, the three in one of six orders, and a mirror image or none, all equally often"
                (fun () ->
                    let trials = 3000
                    let byOrder: int[] = Array.zeroCreate 6
                    let tops, lefts: int[] * int[] = Array.zeroCreate 9, Array.zeroCreate 9
                    let mutable turned = 0
                    let mutable told = 0
                    let image: byte[] = Array.zeroCreate made.Length
                    let key = Philox.key 5L "augmentation laws"
                    let factors = Array.init 3 (fun _ -> ResizeArray<float>())

                    for step in 0 .. trials - 1 do
                        Augmentation.Apply(RandomStream(key, int64 step, 0), Side, ReadOnlySpan made, Span image)
                        let stream = RandomStream(key, int64 step, 0)
                        let top, left = stream.Below 9, stream.Below 9
                        tops[top] <- tops[top] + 1
                        lefts[left] <- lefts[left] + 1
                        let factor = Array.init 3 (fun _ -> stream.Uniform(0.6, 1.4))
                        factor |> Array.iteri (fun which value -> factors[which].Add value)

                        let results =
                            [
                                for order in orders do
                                    let result = cropped top left

                                    for which in order do
                                        (snd changes[which]) (float32 factor[which]) result

                                    result
                            ]

                        let flipped =
                            results
                            |> List.map (fun result ->
                                let copy = Array.copy result
                                Augmentation.Mirror(Span copy, Side)
                                copy)

                        let straight = results |> List.filter ((=) image)
                        let reversed = flipped |> List.filter ((=) image)
                        Expect.isGreaterThan (straight.Length + reversed.Length) 0 $"step {step} is one of the twelve"

                        if straight.IsEmpty then
                            turned <- turned + 1

                        // Orders that give the same bytes tell nothing.
                        if straight.Length + reversed.Length = 1 then
                            told <- told + 1

                            let at =
                                (if straight.IsEmpty then flipped else results) |> List.findIndex ((=) image)

                            byOrder[at] <- byOrder[at] + 1

                    let uniform (what: string) (counts: int[]) =
                        let total, p = float (Array.sum counts), 1.0 / float counts.Length

                        for count in counts do
                            Expect.isLessThan
                                (abs (float count - total * p))
                                (5.0 * sqrt (total * p * (1.0 - p)))
                                $"{what} %A{counts}"

                    Expect.isGreaterThan told (trials / 2) "most orders can be told"
                    uniform "orders" byOrder
                    uniform "rows" tops
                    uniform "columns" lefts
                    uniform "mirror images" [| turned; trials - turned |])

            testCase "episodes and changes allocate nothing" (fun () ->
                let stream = RandomStream(Philox.key 1L "allocation", 0L, 0)
                let into: byte[] = Array.zeroCreate made.Length
                let images, labels: int[] * int[] = Array.zeroCreate 10, Array.zeroCreate 10
                let classes = ImageClasses(0, ResizeArray(Seq.replicate 20 5))

                let once () =
                    FewShot.Draw(classes, 5, FewShotLabels.Shuffled, stream, Span images, Span labels)
                    Augmentation.Apply(stream, Side, ReadOnlySpan made, Span into)

                for _ in 1..200 do
                    once ()

                let before = GC.GetAllocatedBytesForCurrentThread()

                for _ in 1..200 do
                    once ()

                Expect.equal (GC.GetAllocatedBytesForCurrentThread() - before) 0L "bytes")
        ]
