/// Any number of ranks trains a network to the bits of one.
module Plastic.Laws.RankLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine

/// Batches with fewer shards than ranks, with as many, with a last shard that is smaller, and with more than sixteen.
let private cases =
    Arb.fromGenShrink (
        gen {
            let! case = Networks.any.Generator

            let! batch =
                Gen.frequency [ 2, Gen.choose (1, 5); 2, Gen.choose (6, 40); 1, Gen.choose (90, 110) ]

            return
                { case with
                    NetworkCase.Options.Batch = batch
                }
        },
        Networks.any.Shrinker
    )

/// Losses and norms of three updates, the gradients of the last one, and the weights after it.
let private train (program: StepProgram) (parameters: float[][]) (batch: Batch) threads (team: Team) =
    use crew = new Crew(threads)
    use executor = new CpuExecutor(program, crew, team)

    let settings: OptimiserSettings =
        if batch.Size % 2 = 0 then
            AdamWSettings()
        else
            RmsPropSettings()

    use learner = new Learner(executor, parameters, settings, 1.0, crew)

    let numbers =
        [|
            for _ in 1..3 do
                learner.Begin(batch, Nullable 0.01)
                let struct (loss, norm) = learner.End()
                loss
                norm
        |]

    let gradients = learner.Weights |> Array.map (Array.map (fun _ -> Single.NaN))
    executor.Gradient(learner.Weights, batch, gradients) |> ignore
    numbers, Array.append gradients learner.Weights

let private isSame what (numbers: float[], arrays) (numbers': float[], arrays') =
    let bits = Array.map BitConverter.DoubleToInt64Bits
    Expect.sequenceEqual (bits numbers') (bits numbers) $"{what}: losses and norms"
    Executors.sameBits what (0.0, arrays) (0.0, arrays')

[<Tests>]
let tests =
    testList
        "Ranks"
        [
            testCase "train to the bits of one" (fun () ->
                Law.holdsOften
                    60
                    "ranks"
                    [
                        "fewer shards than ranks", 0.1
                        "a smaller last shard", 0.1
                        "more than sixteen shards", 0.05
                    ]
                    cases
                    (fun tally case ->
                        let program, parameters, batch = Networks.setUp case
                        let alone = train program parameters batch 2 (new Team())
                        let ranks = 1 + abs case.Seed % 5
                        use shards = new Shards(Plan(program, 1L), new Team())
                        tally.Note("fewer shards than ranks", (shards.Count < ranks))
                        tally.Note("a smaller last shard", (batch.Size % shards.Size > 0 && shards.Count > 1))
                        tally.Note("more than sixteen shards", (shards.Count > 16))

                        for found in
                            Meeting.Of ranks (fun team -> train program parameters batch (1 + team.Rank % 2) team) do
                            isSame $"{ranks} ranks" alone found))

            testCase "pass on gradients of several blocks" (fun () ->
                let case =
                    {
                        Options =
                            { NetworkOptions.Default with
                                Hidden = 90
                                Batch = 33
                            }
                        Steps = 2
                        Seed = 1
                        Gain = 1.0
                        Through = []
                    }

                let program, parameters, batch = Networks.setUp case
                use shards = new Shards(Plan(program, 1L), new Team())
                Expect.isGreaterThan (Shards.Floats(Plan(program, 1L)) / int64 shards.Count) 16384L "floats of a shard"
                let alone = train program parameters batch 1 (new Team())

                for ranks in 2..5 do
                    for found in Meeting.Of ranks (train program parameters batch 1) do
                        isSame $"{ranks} ranks" alone found)

            testCase "have more shards to share where a batch is large" (fun () ->
                for batch, count in [ 1, 1; 8, 8; 16, 8; 64, 16; 70, 9; 256, 32; 1024, 64 ] do
                    let network =
                        PlasticNetwork
                            { NetworkOptions.Default with
                                Hidden = 3
                                Batch = batch
                            }

                    use shards = new Shards(Plan(network.Program, 1L), new Team())
                    Expect.equal shards.Count count $"shards of {batch} episodes")

            testCase "take parts that follow each other, the longest first" (fun () ->
                for ranks in 1..7 do
                    Meeting.Of ranks (fun team ->
                        for items in 0..40 do
                            let parts = [ for rank in 0 .. ranks - 1 -> team.Part(items, rank) ]
                            let firsts = parts |> List.map (fun struct (first, _) -> first)
                            let counts = parts |> List.map (fun struct (_, count) -> count)
                            Expect.equal firsts (List.scan (+) 0 counts |> List.take ranks) "firsts"
                            Expect.equal (List.sum counts) items "sum"
                            Expect.equal counts (List.sortDescending counts) "counts"
                            Expect.isLessThanOrEqual (List.head counts - List.last counts) 1 "difference")
                    |> ignore)

            testCase "share numbers and the wish of one at the same exchange" (fun () ->
                for ranks in 2..5 do
                    for wisher in 0 .. ranks - 1 do
                        let known =
                            Meeting.Of ranks (fun team ->
                                let mutable wish = 0
                                team.Wish <- fun () -> wish

                                [
                                    for exchange in 0..3 do
                                        if exchange = 2 && team.Rank = wisher then
                                            wish <- 75

                                        let values = Array.create 11 nan
                                        let items = 4
                                        let struct (first, count) = team.Part items

                                        for item in first .. first + count - 1 do
                                            for at in 3 * item .. min 10 (3 * item + 2) do
                                                values[at] <- float at

                                        team.Share(Span values, 3)
                                        Expect.sequenceEqual values [| 0.0 .. 10.0 |] "values"
                                        team.Agreed, team.Stop.IsCancellationRequested
                                ])

                        Expect.allEqual known [ 0, false; 0, false; 75, true; 75, true ] $"{ranks} ranks")
        ]
