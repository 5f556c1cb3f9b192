/// Episodes of few-shot classification, and what remembers pixels.
module Plastic.Laws.FewShotLaws

open System
open System.Collections.Generic
open Expecto
open FsCheck.FSharp
open Plastic.Core
open Plastic.Tasks

/// A place in the episodes of some classes.
type private Place =
    {
        First: int
        Counts: int list
        Way: int
        Seed: int64
        Step: int64
        Sample: int
    }

let private places =
    Arb.fromGen (
        gen {
            let! way = Gen.choose (1, 8)
            let! more = Gen.choose (0, 20)
            let! counts = Gen.listOfLength (way + more) (Gen.choose (2, 12))
            let! first = Gen.choose (0, 1000)
            let! seed = Gen.choose (0, Int32.MaxValue)
            let! step = Gen.choose (0, 100_000)
            let! sample = Gen.choose (0, 63)

            return
                {
                    First = first
                    Counts = counts
                    Way = way
                    Seed = int64 seed
                    Step = int64 step
                    Sample = sample
                }
        }
    )

let private keyOf seed = Philox.key seed "few-shot laws"

let private drawnFrom (stream: RandomStream) labelling (place: Place) =
    let images: int[] = Array.zeroCreate (2 * place.Way)
    let labels: int[] = Array.zeroCreate (2 * place.Way)

    FewShot.Draw(
        ImageClasses(place.First, ResizeArray place.Counts),
        place.Way,
        labelling,
        stream,
        Span images,
        Span labels
    )

    images, labels

let private drawn labelling place =
    drawnFrom (RandomStream(keyOf place.Seed, place.Step, place.Sample)) labelling place

/// The class of an image.
let private classOf (place: Place) image =
    let ends = place.Counts |> List.scan (+) place.First |> List.tail
    ends |> List.findIndex (fun last -> image < last)

/// Counts are those of events that all have the same probability: within five standard deviations.
let private expectUniform (what: string) trials (counts: int seq) =
    let p = 1.0 / float (Seq.length counts)
    let spread = 5.0 * sqrt (float trials * p * (1.0 - p))

    for count in counts do
        Expect.isLessThan (abs (float count - float trials * p)) spread $"{what}: {List.ofSeq counts}"

let private both = [ FewShotLabels.Sorted; FewShotLabels.Shuffled ]

/// Images whose bytes are random.
let private randomImages (side: int) (counts: int list) (seed: int) =
    let random = Random seed
    let bytes = 3 * side * side
    let all: byte[] = Array.zeroCreate (bytes * List.sum counts)
    random.NextBytes all

    all,
    { new IImages with
        member _.Side = side
        member _.Classes _ = ImageClasses(0, ResizeArray counts)

        member _.Read(image, into) =
            all.AsSpan(image * bytes, bytes).CopyTo into
    }

[<Tests>]
let tests =
    testList
        "FewShot"
        [
            testCase
                "each class of an episode has one support and another image as its query, with one label"
                (fun () ->
                    for labelling in both do
                        Law.holds $"structure {labelling}"
                        <| Prop.forAll places (fun place ->
                            let images, labels = drawn labelling place
                            let way = place.Way
                            let classes = images |> Array.map (classOf place)
                            let shown, asked = Array.zip classes labels |> Array.splitAt way
                            Expect.equal (Array.distinct images).Length (2 * way) "no image comes twice"
                            Expect.equal (Array.distinctBy fst shown).Length way "no class comes twice"

                            Expect.sequenceEqual
                                (Array.sort asked)
                                (Array.sort shown)
                                "queries are of the supports' classes"

                            Expect.sequenceEqual (shown |> Array.map snd |> Array.sort) [| 0 .. way - 1 |] "labels"

                            if labelling = FewShotLabels.Sorted then
                                Expect.sequenceEqual
                                    (shown |> Array.sortBy fst |> Array.map snd)
                                    [| 0 .. way - 1 |]
                                    "a label is a rank"))

            testCase "an episode is a function of its key, step and sample" (fun () ->
                Law.holds "purity"
                <| Prop.forAll places (fun place ->
                    let stream = RandomStream(keyOf 3L, 7L, 1)
                    stream.Uniform() |> ignore
                    stream.Restart(keyOf place.Seed, place.Step, place.Sample)

                    Expect.equal
                        (drawnFrom stream FewShotLabels.Shuffled place)
                        (drawn FewShotLabels.Shuffled place)
                        "the same place"))

            testCase "classes, images, labels and places are uniform" (fun () ->
                let trials = 20_000

                let place =
                    {
                        First = 0
                        Counts = List.replicate 9 4
                        Way = 3
                        Seed = 1L
                        Step = 0L
                        Sample = 0
                    }

                let supports: int[] = Array.zeroCreate 36
                let queries: int[] = Array.zeroCreate 36
                let labelOf: int[] = Array.zeroCreate 3
                let firstRank: int[] = Array.zeroCreate 3
                let sets = Dictionary<int list, int>()

                for step in 0 .. trials - 1 do
                    let images, labels = drawn FewShotLabels.Shuffled { place with Step = int64 step }

                    for at in 0..2 do
                        supports[images[at]] <- supports[images[at]] + 1
                        queries[images[3 + at]] <- queries[images[3 + at]] + 1

                    let classes = images[..2] |> Array.map (classOf place)
                    let least = Array.min classes
                    let set = classes |> Array.sort |> List.ofArray
                    sets[set] <- sets.GetValueOrDefault set + 1
                    let at = Array.IndexOf(classes, least)
                    firstRank[at] <- firstRank[at] + 1
                    labelOf[labels[at]] <- labelOf[labels[at]] + 1

                expectUniform "a support" (3 * trials) supports
                expectUniform "a query" (3 * trials) queries
                Expect.equal sets.Count 84 "every set of three of nine classes"
                expectUniform "a set of classes" trials sets.Values
                expectUniform "the place of the first class" trials firstRank
                expectUniform "the label of the first class" trials labelOf)

            testCase "what makes no episode is refused" (fun () ->
                let place =
                    {
                        First = 0
                        Counts = [ 2; 1; 2 ]
                        Way = 3
                        Seed = 0L
                        Step = 0L
                        Sample = 0
                    }

                Expect.throwsT<ArgumentException> (fun () -> drawn FewShotLabels.Sorted place |> ignore) "one image"

                Expect.throwsT<ArgumentException>
                    (fun () -> drawn FewShotLabels.Sorted { place with Counts = [ 2; 2 ] } |> ignore)
                    "two classes")

            testCase "the nearest support is the one of the least sum of squares" (fun () ->
                // 3·5² bytes are not a whole number of vectors.
                for seed in 1..30 do
                    let all, images = randomImages 5 [ 4; 4; 4; 4; 4; 4 ] seed

                    let image at =
                        all[75 * at .. 75 * at + 74] |> Array.map float

                    let place =
                        {
                            First = 0
                            Counts = [ 4; 4; 4; 4; 4; 4 ]
                            Way = 4
                            Seed = int64 seed
                            Step = 0L
                            Sample = 0
                        }

                    let episode, labels = drawn FewShotLabels.Shuffled place

                    let expected =
                        episode[4..]
                        |> Array.map (fun query ->
                            let nearest =
                                [ 0..3 ]
                                |> List.minBy (fun support ->
                                    Array.fold2
                                        (fun sum x y -> sum + (x - y) * (x - y))
                                        0.0
                                        (image query)
                                        (image episode[support]))

                            labels[nearest])

                    Expect.sequenceEqual
                        [
                            for query in 0..3 ->
                                labels[PixelNeighbours.Nearest(images, ReadOnlySpan.op_Implicit episode, query)]
                        ]
                        expected
                        $"seed {seed}")

            testCase "random pixels give no better than chance, and equal images of a class all" (fun () ->
                let all, images = randomImages 4 (List.replicate 100 6) 5

                let accuracy episodes =
                    [
                        for sample in 0 .. episodes - 1 ->
                            PixelNeighbours.FirstIsRight(
                                images,
                                Part.Test,
                                FewShotLabels.Shuffled,
                                RandomStream(keyOf 0L, 0L, sample)
                            )
                    ]
                    |> List.averageBy (fun right -> if right then 1.0 else 0.0)

                Expect.isLessThan (abs (accuracy 8000 - 0.2)) 0.02 "chance"

                for image in 0..599 do
                    Array.blit all (48 * (image / 6 * 6)) all (48 * image) 48

                Expect.equal (accuracy 500) 1.0 "equal images")
        ]
