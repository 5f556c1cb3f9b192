/// The laws that every task of the catalogue keeps, with any of its settings.
module Plastic.Laws.TaskLaws

open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Settings
open Plastic.Tasks

/// The settings that tasks read, small.
let internal episodeSettings =
    gen {
        let! n = Gen.choose (1, 25)
        let! delay = Gen.choose (0, 40)
        let! pairs = Gen.choose (0, 25)
        let! noise = Gen.elements [ 0.0; 0.1; 2.0 ]
        let! kind = Gen.elements [ FunctionKind.Linear; FunctionKind.Mlp ]
        let! bits = Gen.choose (40, 60)
        let! patterns = Gen.choose (1, 4)
        let! cycles = Gen.choose (1, 3)
        let! shown = Gen.choose (1, 3)
        let! pause = Gen.choose (0, 2)

        return
            { EpisodeSettings.Default with
                SequenceLength = n
                Delay = delay
                Pairs = pairs
                Noise = noise
                Function = kind
                Bits = bits
                Patterns = patterns
                Cycles = cycles
                Shown = shown
                Pause = pause
            }
    }

/// A task and an episode of it: settings, seed, step and sample.
type internal Place =
    {
        Task: Task
        Settings: EpisodeSettings
        Seed: int64
        Step: int64
        Sample: int
    }

    override p.ToString() =
        $"{p.Task.Name} n {p.Settings.SequenceLength} delay {p.Settings.Delay} K {p.Settings.Pairs} "
        + $"{p.Settings.Function} noise {p.Settings.Noise} seed {p.Seed} step {p.Step} sample {p.Sample}"

let internal placesOf tasks =
    Arb.fromGen (
        gen {
            let! task = Gen.elements tasks
            let! settings = episodeSettings
            let! seed = Gen.choose (0, 1_000_000)
            let! step = Gen.choose (0, 1_000_000)
            let! sample = Gen.choose (0, 63)

            return
                {
                    Task = task
                    Settings = settings
                    Seed = int64 seed
                    Step = int64 step
                    Sample = sample
                }
        }
    )

let private places = placesOf Catalogue.tasks

/// One episode as (input, target), drawn alone.
let internal episode (place: Place) key =
    let episodes = place.Task.Episodes place.Settings
    let batch = episodes.Allocate(place.Sample + 1)
    episodes.Fill(batch, key, place.Step, place.Sample)
    let one = batch.Sample place.Sample
    one.Input, one.Target

/// The training episode.
let internal training (place: Place) =
    episode place (place.Task.TrainKey place.Seed)

[<Tests>]
let tests =
    testList
        "Task"
        [
            testCase
                "every task's episodes have the shapes it names, finite numbers, and weights that sum to one"
                (fun () ->
                    Law.holds "shapes"
                    <| Prop.forAll places (fun place ->
                        let episodes = place.Task.Episodes place.Settings
                        let batch = episodes.Batch(place.Task.TestKey, place.Step, 3)
                        Expect.equal batch.Input.Length (3 * episodes.Steps * episodes.Inputs) "batch.Input.Length"
                        Expect.equal batch.Target.Length (3 * episodes.Steps * episodes.Outputs) "batch.Target.Length"

                        Expect.all
                            (Array.append batch.Input batch.Target)
                            (fun x -> System.Double.IsFinite x)
                            "Array.append batch.Input batch.Target"

                        Expect.all episodes.Weight (fun w -> w >= 0.0) "episodes.Weight"

                        Expect.floatClose
                            { absolute = 1e-12; relative = 0.0 }
                            (Array.sum episodes.Weight)
                            1.0
                            "Array.sum episodes.Weight"))

            testCase "an episode is a function of key, step and sample, independent of the rest of its batch" (fun () ->
                Law.holds "episode"
                <| Prop.forAll places (fun place ->
                    let key = place.Task.TrainKey place.Seed

                    let whole =
                        ((place.Task.Episodes place.Settings).Batch(key, place.Step, 64)).Sample place.Sample

                    (whole.Input, whole.Target) = training place))

            testCase "an episode is the same when drawn by a thread that has drawn others" (fun () ->
                Law.holds "used stream"
                <| Prop.forAll places (fun place ->
                    let key = place.Task.TrainKey place.Seed
                    let episodes = place.Task.Episodes place.Settings
                    let batch = episodes.Allocate 1
                    let stream = RandomStream(place.Task.TestKey, 5L, 5)
                    stream.Room(7).Fill nan
                    stream.Normal() |> ignore
                    episodes.Fill(batch, stream, key, place.Step + 1L, 0)
                    episodes.Fill(batch, stream, key, place.Step, 0)

                    (batch.Input, batch.Target) = episode { place with Sample = 0 } key))

            testCase "an episode overwrites all of the previous content" (fun () ->
                Law.holds "filled"
                <| Prop.forAll places (fun place ->
                    let episodes = place.Task.Episodes place.Settings
                    let key = place.Task.TrainKey place.Seed
                    let batch = episodes.Allocate 1
                    System.Array.Fill(batch.Input, nan)
                    System.Array.Fill(batch.Target, nan)
                    episodes.Fill(batch, key, place.Step, 0)

                    (batch.Input, batch.Target) = episode { place with Sample = 0 } key))

            testCase "another seed, purpose, step or sample gives another episode" (fun () ->
                Law.holds "other episodes"
                <| Prop.forAll places (fun place ->
                    let task = place.Task

                    // Only a few: some tasks have no more than a few thousand different episodes.
                    let several key place =
                        [ for k in 0..3 -> episode { place with Sample = place.Sample + k } key ]

                    let train (place: Place) =
                        several (task.TrainKey place.Seed) place

                    let here = train place

                    for other in
                        [
                            train { place with Seed = place.Seed + 1L }
                            several (task.ValidationKey place.Seed) place
                            several task.TestKey place
                            train { place with Step = place.Step + 1L }
                            train { place with Sample = place.Sample + 1 }
                        ] do
                        Expect.isFalse (here = other) "here = other"))

            testCase "guessing costs what the task states" (fun () ->
                // A guess without memory: the value shown at this step, otherwise 0.
                let copied (task: Task) (settings: EpisodeSettings) (input: float[]) t inputs output =
                    let row = t * inputs

                    match task.Name with
                    | "cuereward" -> input[row + 14]
                    | "regression" ->
                        let steps = float (settings.Pairs + 20)
                        input[row + inputs - 2] / (1.0 + settings.Noise ** 2.0 * steps / (steps - 1.0))
                    | "bohp_completion" -> input[row + output]
                    | "patterns" -> input[row + output] / Patterns.drive
                    | _ -> 0.0

                // The cost of guessing `guess` at one step.
                let cost (task: Task) (guess: float[]) (target: float[]) =
                    let errors = Array.map2 (fun g t -> (g - t) ** 2.0) guess target

                    match task.Loss with
                    | MeanSquaredError -> Array.average errors
                    | SquaredError -> Array.sum errors
                    | CrossEntropy ->
                        let total = guess |> Array.sumBy exp |> log
                        Array.map2 (fun g t -> t * (total - g)) guess target |> Array.sum

                for task in Catalogue.tasks do
                    for settings in Gen.sampleWithSeed (Rnd(7UL, 9UL)) 10 6 episodeSettings do
                        let episodes = task.Episodes settings
                        let count = 1000
                        let batch = episodes.Batch(task.TestKey, 5L, count)

                        let losses =
                            [|
                                for sample in 0 .. count - 1 do
                                    let one = batch.Sample sample

                                    Seq.sum (
                                        seq {
                                            for t in 0 .. episodes.Steps - 1 ->
                                                let width = episodes.Outputs

                                                let guess =
                                                    Array.init width (copied task settings one.Input t episodes.Inputs)

                                                episodes.Weight[t]
                                                * cost task guess one.Target[t * width .. (t + 1) * width - 1]
                                        }
                                    )
                            |]

                        let mean = Array.average losses

                        let error =
                            sqrt (losses |> Array.averageBy (fun loss -> (loss - mean) ** 2.0))
                            / sqrt (float count)

                        let chance = task.Chance settings
                        Expect.inRange mean (chance - 5.0 * error - 1e-9) (chance + 5.0 * error + 1e-9) "mean")

            testCase "no two validations share a batch" (fun () ->
                let place =
                    Gen.zip (Gen.choose (0, 100)) (Gen.choose (0, Task.MostValidationBatches - 1))

                Law.holds "validation steps"
                <| Prop.forAll (Arb.fromGen (Gen.two place)) (fun ((a, i), (b, j)) ->
                    let at step index = Task.ValidationStep(int64 step, index)

                    (at a i = at b j) = ((a, i) = (b, j))
                    && at a (Task.MostValidationBatches - 1) < at (a + 1) 0))

            testCase "training, validation and test data never share a key, even for the test set's own seed" (fun () ->
                for task in Catalogue.tasks do
                    for seed in 0L .. 99L do
                        let keys = [ task.TrainKey seed; task.ValidationKey seed; task.TestKey ]
                        Expect.equal (keys |> List.distinct |> List.length) 3 "keys |> List.distinct |> List.length")

            testCase
                "the test set is the same for every seed and every point of every experiment with its task"
                (fun () ->
                    // The episodes of image sets, which may not be at hand, are drawn by the same keys.
                    for experiment in Experiments.all |> List.filter (fun e -> Experiments.imageSets(e.Name).IsEmpty) do
                        let plan = Plan(experiment, [], [ 0L; 1L; 7L ])

                        let sets =
                            plan.Runs
                            |> Seq.groupBy (fun run ->
                                run.Task.Name,
                                run.Settings.Episode.SequenceLength,
                                run.Settings.Episode.Delay,
                                run.Settings.Episode.Pairs,
                                run.Settings.Episode.Function)
                            |> Seq.map (fun (_, runs) ->
                                runs
                                |> Seq.map (fun run -> run.Episodes.Batch(run.Task.TestKey, 3L, 4).Input)
                                |> Seq.distinct
                                |> Seq.length)

                        Expect.all sets (fun count -> count = 1) "sets")
        ]
