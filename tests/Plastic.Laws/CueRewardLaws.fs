/// Tasks: whatever has a name in the catalogue keeps the common laws; cue and reward keeps its own.
module Plastic.Laws.CueRewardLaws

open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Tasks
open Xunit

/// A task, a seed, a step and a sample.
let private places =
    Arb.fromGen (
        gen {
            let! task = Gen.elements (Catalogue.tasks |> List.map _.Name)
            let! seed = Gen.choose (0, 1_000_000)
            let! step = Gen.choose (0, 1_000_000)
            let! sample = Gen.choose (0, 63)
            return task, int64 seed, int64 step, sample
        }
    )

let private find name = (Catalogue.tryFind name).Value
let private episodesOf (task: Task) = task.Episodes Settings.Default

/// One episode as (input, target), drawn alone.
let private episode task key step sample =
    let episodes = episodesOf task
    let batch = episodes.Allocate(sample + 1)
    episodes.Fill(batch, key, step, sample)
    let one = batch.Sample sample
    one.Input, one.Target

[<Fact>]
let ``every task's episodes have the shapes it names, finite numbers, and weights that sum to one`` () =
    for task in Catalogue.tasks do
        let episodes = episodesOf task
        let batch = episodes.Batch(task.TestKey, 0L, 8)
        Assert.Equal(8 * episodes.Steps * episodes.Inputs, batch.Input.Length)
        Assert.Equal(8 * episodes.Steps * episodes.Outputs, batch.Target.Length)
        Assert.All(Array.append batch.Input batch.Target, fun x -> Assert.True(System.Double.IsFinite x))
        Assert.All(episodes.Weight, fun w -> Assert.True(w >= 0.0))
        Assert.Equal(1.0, Array.sum episodes.Weight, 12)

[<Fact>]
let ``an episode is a function of key, step and sample, whatever else is in its batch`` () =
    Law.holds "episode"
    <| Prop.forAll places (fun (name, seed, step, sample) ->
        let task = find name
        let whole = (episodesOf task).Batch(task.TrainKey seed, step, 64).Sample sample
        (whole.Input, whole.Target) = episode task (task.TrainKey seed) step sample)

[<Fact>]
let ``another seed, purpose, step or sample is another episode`` () =
    Law.holds "other episodes"
    <| Prop.forAll places (fun (name, seed, step, sample) ->
        let task = find name
        let here = episode task (task.TrainKey seed) step sample

        for other in
            [
                episode task (task.TrainKey(seed + 1L)) step sample
                episode task (task.ValidationKey seed) step sample
                episode task task.TestKey step sample
                episode task (task.TrainKey seed) (step + 1L) sample
                episode task (task.TrainKey seed) step (sample + 1)
            ] do
            Assert.NotEqual(here, other))

[<Fact>]
let ``no two validations share a batch`` () =
    let place =
        Gen.zip (Gen.choose (0, 100)) (Gen.choose (0, Task.MostValidationBatches - 1))

    Law.holds "validation steps"
    <| Prop.forAll (Arb.fromGen (Gen.two place)) (fun ((a, i), (b, j)) ->
        let at step index = Task.ValidationStep(int64 step, index)

        (at a i = at b j) = ((a, i) = (b, j))
        && at a (Task.MostValidationBatches - 1) < at (a + 1) 0)

[<Fact>]
let ``training, validation and test data never share a key, even for the test set's own seed`` () =
    for task in Catalogue.tasks do
        for seed in 0L .. 99L do
            let keys = [ task.TrainKey seed; task.ValidationKey seed; task.TestKey ]
            Assert.Equal(3, keys |> List.distinct |> List.length)

[<Fact>]
let ``the test set is the same for every seed and every point of every experiment`` () =
    for experiment in Experiments.all do
        let plan = Plan(experiment, [], [ 0L; 1L; 7L ])

        let sets =
            plan.Runs
            |> Seq.groupBy _.Task.Name
            |> Seq.map (fun (_, runs) ->
                runs
                |> Seq.map (fun run -> run.Episodes.Batch(run.Task.TestKey, 3L, 4).Input)
                |> Seq.distinct
                |> Seq.length)

        Assert.All(sets, fun count -> Assert.Equal(1, count))

/// A step of cue and reward: what is seen, and what should be said.
type private Moment =
    {
        Cue: float[]
        Reward: float
        Flag: float
        Target: float
    }

let private moments (name, seed, step, sample) =
    let input, target = episode (find name) (CueReward.task.TrainKey seed) step sample

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
            for sample in 0..2999 -> moments ("cuereward", 0L, int64 sample, 0) |> Array.splitAt 10
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
