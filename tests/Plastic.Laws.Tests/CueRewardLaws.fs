/// The laws of cue and reward.
module Plastic.Laws.CueRewardLaws

open Expecto
open FsCheck.FSharp
open Plastic.Laws.TaskLaws
open Plastic.Tasks

let private places =
    placesOf [ CueReward.task ]
    |> Arb.mapFilter
        (fun place ->
            { place with
                Place.Settings.Noise = EpisodeSettings.Default.Noise
            })
        (fun _ -> true)

/// A step of cue and reward: the input and the target.
type private Moment =
    {
        Cue: float[]
        Reward: float
        Flag: float
        Target: float
    }

let private moments place =
    let input, target = training place

    [|
        for t in 0..19 ->
            {
                Cue = input[t * 16 .. t * 16 + 13]
                Reward = input[t * 16 + 14]
                Flag = input[t * 16 + 15]
                Target = target[t]
            }
    |]

let private distance2 a b =
    Array.fold2 (fun sum x y -> sum + (x - y) ** 2.0) 0.0 a.Cue b.Cue

/// Two noisy looks at one cue differ by 0.02·χ² with 14 degrees of freedom: beyond this once in 10¹⁰ pairs.
let private sameCue2 = 1.5

/// All steps of many episodes, as (shown, tested).
let private many =
    lazy
        [|
            for step in 0L .. 2999L ->
                moments
                    {
                        Task = CueReward.task
                        Settings = EpisodeSettings.Default
                        Seed = 0L
                        Step = step
                        Sample = 0
                    }
                |> Array.splitAt 10
        |]

[<Tests>]
let tests =
    testList
        "CueReward"
        [
            testCase "ten steps show a cue and its reward, ten test it" (fun () ->
                Law.holds "cue-reward flags"
                <| Prop.forAll places (fun place ->
                    let shown, asked = moments place |> Array.splitAt 10

                    for m in shown do
                        Expect.equal (m.Flag, m.Reward) (0.0, m.Target) "m.Flag, m.Reward"

                    for m in asked do
                        Expect.equal (m.Flag, m.Reward) (1.0, 0.0) "m.Flag, m.Reward"

                    for m in Array.append shown asked do
                        Expect.inRange m.Target (-1.0) 1.0 "m.Target"
                        Expect.all m.Cue (fun x -> x >= -0.8 && x <= 1.8) "m.Cue"))

            testCase "there are at most five rewards, and each belongs to one cue" (fun () ->
                Law.holds "cue-reward cues"
                <| Prop.forAll places (fun place ->
                    let groups = moments place |> Array.groupBy _.Target |> Array.map snd
                    Expect.inRange groups.Length 1 5 "groups.Length"

                    for group in groups do
                        for a, b in Array.allPairs group group do
                            Expect.isTrue (distance2 a b < sameCue2) "two looks at one cue lie too far apart"))

            testCase "the target is the reward of the nearest cue shown, if the cue was shown" (fun () ->
                let verdicts =
                    [|
                        for shown, asked in many.Value do
                            for m in asked do
                                if shown |> Array.exists (fun s -> s.Target = m.Target) then
                                    (shown |> Array.minBy (distance2 m)).Reward = m.Target
                    |]

                let right = verdicts |> Array.averageBy (fun right -> if right then 1.0 else 0.0)
                Expect.inRange right 0.99 1.0 "right")

            testCase "guessing, and cues that were never shown, cost what the task states" (fun () ->
                let mean cost =
                    many.Value
                    |> Array.averageBy (fun (shown, asked) -> Array.sumBy (cost shown) asked / 20.0)

                let unseen shown m =
                    if shown |> Array.exists (fun s -> s.Target = m.Target) then
                        0.0
                    else
                        m.Target ** 2.0

                // Standard errors over 3,000 episodes: about 0.0015 and 0.0007.
                Expect.inRange
                    (mean (fun _ m -> m.Target ** 2.0))
                    (1.0 / 6.0 - 0.008)
                    (1.0 / 6.0 + 0.008)
                    "mean (fun _ m -> m.Target ** 2.0)"

                Expect.inRange (mean unseen) (0.0179 - 0.004) (0.0179 + 0.004) "mean unseen")

            testCase "each shown value of a cue has noise of one tenth" (fun () ->
                let squares =
                    [|
                        for shown, asked in many.Value |> Array.take 300 do
                            for _, group in Array.append shown asked |> Array.groupBy _.Target do
                                for a, b in Array.pairwise group do
                                    // The difference of two looks has twice the variance of one.
                                    distance2 a b / (2.0 * 14.0)
                    |]

                Expect.inRange (Array.average squares) 0.0097 0.0103 "Array.average squares")
        ]
