/// Cue and reward keeps its own laws.
module Plastic.Laws.CueRewardLaws

open FsCheck.FSharp
open Plastic.Tasks
open Plastic.Laws.TaskLaws
open Xunit

let private places =
    placesOf [ CueReward.task ]
    |> Arb.mapFilter
        (fun place ->
            { place with
                Place.Settings.Noise = EpisodeSettings.Default.Noise
            })
        (fun _ -> true)

/// A step of cue and reward: what is seen, and what should be said.
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

[<Fact>]
let ``ten steps show a cue and its reward, ten ask for it`` () =
    Law.holds "cue-reward flags"
    <| Prop.forAll places (fun place ->
        let shown, asked = moments place |> Array.splitAt 10

        for m in shown do
            Assert.Equal((0.0, m.Target), (m.Flag, m.Reward))

        for m in asked do
            Assert.Equal((1.0, 0.0), (m.Flag, m.Reward))

        for m in Array.append shown asked do
            Assert.InRange(m.Target, -1.0, 1.0)
            Assert.All(m.Cue, fun x -> Assert.InRange(x, -0.8, 1.8)))

[<Fact>]
let ``there are at most five rewards, and each belongs to one cue`` () =
    Law.holds "cue-reward cues"
    <| Prop.forAll places (fun place ->
        let groups = moments place |> Array.groupBy _.Target |> Array.map snd
        Assert.InRange(groups.Length, 1, 5)

        for group in groups do
            for a, b in Array.allPairs group group do
                Assert.True(distance2 a b < sameCue2, "two looks at one cue lie too far apart"))

/// All steps of many episodes, as (shown, asked).
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

[<Fact>]
let ``the reward of the nearest cue that was shown is the target, where the cue was shown`` () =
    let verdicts =
        [|
            for shown, asked in many.Value do
                for m in asked do
                    if shown |> Array.exists (fun s -> s.Target = m.Target) then
                        (shown |> Array.minBy (distance2 m)).Reward = m.Target
        |]

    let right = verdicts |> Array.averageBy (fun right -> if right then 1.0 else 0.0)
    Assert.InRange(right, 0.99, 1.0)

[<Fact>]
let ``guessing costs what the task says, and so do cues that were never shown`` () =
    let mean cost =
        many.Value
        |> Array.averageBy (fun (shown, asked) -> Array.sumBy (cost shown) asked / 20.0)

    let unseen shown m =
        if shown |> Array.exists (fun s -> s.Target = m.Target) then
            0.0
        else
            m.Target ** 2.0

    // Standard errors over 3,000 episodes: about 0.0015 and 0.0007.
    Assert.InRange(mean (fun _ m -> m.Target ** 2.0), 1.0 / 6.0 - 0.008, 1.0 / 6.0 + 0.008)
    Assert.InRange(mean unseen, 0.0179 - 0.004, 0.0179 + 0.004)

[<Fact>]
let ``each shown value of a cue carries noise of one tenth`` () =
    let squares =
        [|
            for shown, asked in many.Value |> Array.take 300 do
                for _, group in Array.append shown asked |> Array.groupBy _.Target do
                    for a, b in Array.pairwise group do
                        // The difference of two looks has twice the variance of one.
                        distance2 a b / (2.0 * 14.0)
        |]

    Assert.InRange(Array.average squares, 0.0097, 0.0103)
