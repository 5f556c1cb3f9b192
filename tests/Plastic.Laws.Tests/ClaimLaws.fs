/// Claims: intervals over seeds, verdicts, and the catalogue.
module Plastic.Laws.ClaimLaws

open System
open System.Collections.Generic
open Expecto
open Plastic.Claims
open Plastic.Settings

/// Numbers from a normal distribution, by a seed.
let private normal (random: Random) =
    sqrt (-2.0 * log (1.0 - random.NextDouble()))
    * cos (2.0 * Math.PI * random.NextDouble())

/// A law over some seeds; a failure names the one.
let private forSeeds count law =
    for seed in 0 .. count - 1 do
        try
            law (Random seed)
        with :? AssertException as failed ->
            failtestf "seed %d: %s" seed failed.Message

let private samples (random: Random) n = Array.init n (fun _ -> normal random)

let private close expected actual what =
    Expect.floatClose Accuracy.veryHigh actual expected what

/// Values by seed, from 0.
let private bySeed (values: float[]) : IReadOnlyDictionary<int64, float> =
    Dictionary(values |> Seq.mapi (fun seed value -> KeyValuePair(int64 seed, value)))

let private group label = Group.published label "cuereward" []

/// A claim that one group's loss is less than another's.
let private less =
    {
        Name = "less"
        Paper = "none"
        Section = "none"
        Statement = "One is less than the other."
        Effect = Lead(group "one", [ group "other" ], TestLoss)
        Statistic = Mean
        Side = Below
        Bound = 0.0
        Figure = "less"
        Differs = ""
        IsOurs = false
        Premises = []
    }

let private verdict claim (values: float[] list) =
    (Finding.ofQuantities claim (List.head values).Length (values |> List.map bySeed |> Array.ofList)).Verdict

/// Runs of two groups that share what their seed brings, and of which the first is better.
let private pairs (random: Random) n =
    let shared = samples random n

    let shifted by =
        shared |> Array.map (fun x -> x + by + 0.01 * normal random)

    shifted 0.0, shifted 0.2

[<Tests>]
let tests =
    testList
        "Claim"
        [
            testCase "an interval holds its estimate, and moves and stretches with the values"
            <| fun () ->
                forSeeds 30 (fun random ->
                    let values = samples random (2 + random.Next 8)
                    let interval = Bootstrap.interval Array.average values
                    let moved = values |> Array.map (fun x -> 3.0 * x - 7.0)
                    let other = Bootstrap.interval Array.average moved
                    Expect.isTrue (interval.Low <= interval.Estimate) "low"
                    Expect.isTrue (interval.Estimate <= interval.High) "high"
                    close (3.0 * interval.Low - 7.0) other.Low "moved low"
                    close (3.0 * interval.High - 7.0) other.High "moved high")

            testCase "where all resamples are enumerated, the order of the values does not matter"
            <| fun () ->
                forSeeds 20 (fun random ->
                    let values = samples random (2 + random.Next 5)
                    let one = Bootstrap.interval Bootstrap.median values
                    let other = Bootstrap.interval Bootstrap.median (Array.rev values)
                    close one.Low other.Low "low"
                    close one.High other.High "high")

            testCase "of 2,000 samples of five, about one interval in twenty misses the mean"
            <| fun () ->
                let random = Random 5

                let misses =
                    Seq.init 2000 (fun _ -> Bootstrap.interval Array.average (samples random 5))
                    |> Seq.filter (fun interval -> interval.Low > 0.0 || interval.High < 0.0)
                    |> Seq.length

                // A resample cannot leave the range of five values, so the interval is a little short.
                Expect.isLessThan (float misses / 2000.0) 0.10 "misses"
                Expect.isGreaterThan (float misses / 2000.0) 0.03 "misses"

            testCase
                "what is better by far is supported, a false claim is refuted, and two or three seeds decide nothing"
            <| fun () ->
                forSeeds 20 (fun random ->
                    let n = 5 + random.Next 16
                    let better, worse = pairs random n
                    Expect.equal (verdict less [ better; worse ]) Verdict.Supported "supported"
                    Expect.equal (verdict less [ worse; better ]) Verdict.Refuted "groups swapped"

                    let shifted = { less with Bound = -0.5 }
                    Expect.equal (verdict shifted [ better; worse ]) Verdict.Refuted "bound shifted"

                    let above = { less with Side = Above }
                    Expect.equal (verdict above [ better; worse ]) Verdict.Refuted "side swapped"

                    for few in 0..3 do
                        Expect.equal
                            (verdict less [ Array.truncate few better; Array.truncate few worse ])
                            Verdict.Undecided
                            $"{few} seeds")

            testCase "a bound within the interval decides nothing"
            <| fun () ->
                forSeeds 20 (fun random ->
                    let values = samples random 8
                    let mean = Array.average values

                    let claim =
                        { less with
                            Effect = Level(group "one", TestLoss)
                            Bound = mean
                        }

                    Expect.equal (verdict claim [ values ]) Verdict.Undecided "bound at the mean")

            testCase "seeds are paired: those that one group lacks are left out"
            <| fun () ->
                let better, worse = pairs (Random 1) 8
                let some = bySeed worse :?> Dictionary<int64, float>
                some.Remove 3L |> ignore
                let finding = Finding.ofQuantities less 8 [| bySeed better; some |]
                Expect.equal finding.Seeds 7 "seeds"
                Expect.equal finding.Verdict Verdict.Undecided "a seed is missing"

            testCase "of several others the best counts"
            <| fun () ->
                let better, worse = pairs (Random 2) 6

                let claim =
                    { less with
                        Effect = Lead(group "one", [ group "a"; group "b" ], TestLoss)
                    }

                Expect.equal (verdict claim [ better; worse; worse ]) Verdict.Supported "best of all"
                Expect.equal (verdict claim [ worse; better; worse ]) Verdict.Refuted "one is better"

            testCase "the best of several is that of the means, not of every seed: equal groups decide nothing"
            <| fun () ->
                forSeeds 20 (fun random ->
                    let claim =
                        { less with
                            Effect = Lead(group "one", [ group "a"; group "b"; group "c" ], TestLoss)
                        }

                    let shared = samples random 6
                    Expect.equal (verdict claim [ shared; shared; shared; shared ]) Verdict.Undecided "equal groups")

            testCase "a spread is the ratio of geometric means"
            <| fun () ->
                let spread =
                    { less with
                        Effect = Spread([ group "a"; group "b" ], TestLoss)
                    }

                let finding =
                    Finding.ofQuantities spread 2 [| bySeed [| 2.0; 8.0 |]; bySeed [| 1.0; 1.0 |] |]

                close 4.0 finding.Interval.Value.Estimate "√(2·8)"

            testCase
                "every claim has runs at both scales, five seeds or more at small scale, four at the published size"
            <| fun () ->
                for scale, least in [ Scale.Small, 5; Scale.Paper, 4 ] do
                    for planned in Claims.Plan(Library.BuiltIn, scale, [||], Claims.All) do
                        for plan in planned.Plans do
                            Expect.isGreaterThanOrEqual plan.Runs.Count least planned.Claim.Name

            testCase
                "at small scale no network is wider and none is trained longer, and what is unlike the paper is said"
            <| fun () ->
                let planned scale =
                    Claims.Plan(Library.BuiltIn, scale, [||], Claims.All)

                for small, paper in Seq.zip (planned Scale.Small) (planned Scale.Paper) do
                    let name = small.Claim.Name
                    Expect.equal paper.Reduced small.Claim.Differs $"{name}: as published"

                    for one, other in Seq.zip small.Plans paper.Plans do
                        let one, other = one.Runs[0], other.Runs[0]
                        Expect.isLessThanOrEqual one.Units other.Units name
                        Expect.isLessThanOrEqual one.Settings.MaxBatch other.Settings.MaxBatch name

                        for setting, now, published in
                            [
                                "units", one.Units, other.Units
                                "max_batch", one.Settings.MaxBatch, other.Settings.MaxBatch
                                "validation_batches", one.Settings.ValidationBatches, other.Settings.ValidationBatches
                            ] do
                            let isSaid = small.Reduced.Contains $"{setting} {now} ({published})"
                            Expect.equal isSaid (now <> published) $"{name}: {setting}"

            testCase "a premise is a claim about the same runs, and unless it is supported nothing is decided"
            <| fun () ->
                for claim in Claims.All do
                    for premise in claim.Premises do
                        Expect.exists Claims.All (fun other -> other.Name = premise.Name) claim.Name

                        for group in premise.Groups do
                            Expect.exists claim.Groups (fun other -> other = group) claim.Name

                let better, worse = pairs (Random 3) 6
                let finding = Finding.ofQuantities less 6 [| bySeed better; bySeed worse |]

                for verdict in [ Verdict.Supported; Verdict.Refuted; Verdict.Undecided ] do
                    let given = Finding.given [ finding; { finding with Verdict = verdict } ] finding

                    let expected =
                        if verdict.IsSupported then
                            finding.Verdict
                        else
                            Verdict.Undecided

                    Expect.equal given.Verdict expected verdict.Name

            testCase "names of claims are one word each, differ, and belong to papers; a figure shows one quantity"
            <| fun () ->
                let names = Claims.Words |> List.ofSeq
                Expect.equal (List.distinct names) names "names"
                Expect.isGreaterThanOrEqual Claims.All.Count 24 "claims"

                for claim in Claims.All do
                    Expect.all
                        claim.Name
                        (fun c -> Char.IsAsciiLetterLower c || Char.IsAsciiDigit c || c = '_')
                        claim.Name

                    Expect.exists Claims.Papers (fun paper -> paper.Key = claim.Paper) claim.Name
                    Expect.isTrue (claim.Statement.EndsWith '.') claim.Name

                for figure, claims in Claims.All |> Seq.groupBy _.Figure do
                    Expect.hasLength (claims |> Seq.map _.Quantity |> Seq.distinct) 1 figure

            testCase "words select claims by their names and papers"
            <| fun () ->
                let all = Claims.Named [] |> List.ofSeq
                Expect.hasLength all Claims.All.Count "no words"

                for paper in Claims.Papers do
                    let some = Claims.Named [ paper.Key ]
                    Expect.all some (fun claim -> claim.Paper = paper.Key) paper.Key
                    Expect.isNonEmpty some paper.Key
        ]
