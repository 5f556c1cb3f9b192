/// A data set is a task: what its episodes are, how they are weighed, and what is refused.
module Plastic.Laws.DataLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine
open Plastic.Tasks
open Plastic.Laws.DataCases

[<Tests>]
let tests =
    testList
        "Data"
        [
            testCase "a permutation names every place once, and differs between numbers" (fun () ->
                Law.holds "permutation"
                <| Prop.forAll (Gen.choose (1, 700) |> Arb.fromGen) (fun n ->
                    let order number =
                        [|
                            for place in 0 .. n - 1 -> Permutation.at (Philox.key 3L "p") number n place
                        |]

                    Expect.equal (Array.sort (order 0L)) [| 0 .. n - 1 |] "sorted"

                    if n > 20 then
                        Expect.notEqual (order 0L) (order 1L) "orders"))

            testCase "an episode counts 1 in all, and nothing beyond its end" (fun () ->
                Law.holds "weights"
                <| Prop.forAll cases (fun c ->
                    let _, lengths = arrays c
                    let episodes = episodesOf (task c)
                    let batch = episodes.Batch(Philox.key 0L "x", 0L, 7)
                    Expect.equal episodes.Steps c.Steps "steps"

                    for sample in 0..6 do
                        let weights = [ for t in 0 .. c.Steps - 1 -> batch.WeightOf(sample, t) ]
                        Close.numbers Float64.reordered "sum" 1.0 (List.sum weights)
                        Expect.contains lengths batch.Lengths[sample] "length"

                        for t in batch.Lengths[sample] .. c.Steps - 1 do
                            Expect.equal (batch.WeightOf(sample, t)) 0.0 "weight beyond the end"

                    Expect.all batch.Input Double.IsFinite "inputs"
                    Expect.all batch.Target Double.IsFinite "targets"))

            testCase "training sees every episode once in each epoch" (fun () ->
                Law.holds "epochs"
                <| Prop.forAll cases (fun c ->
                    let task = task c
                    let episodes = episodesOf task
                    let trained = c.Count - 2 * max 1 (c.Count / 10)

                    let seen epoch =
                        [
                            for place in 0 .. trained - 1 ->
                                episodes.Batch(task.TrainKey 1L, int64 (epoch * trained + place), 1).Input[0]
                        ]

                    Expect.equal (List.sort (seen 0)) (List.sort (seen 1)) "episodes"
                    Expect.equal (List.distinct (seen 0)).Length trained "different episodes"))

            testCase "the parts have no episode in common, and together all" (fun () ->
                Law.holds "parts"
                <| Prop.forAll cases (fun c ->
                    let episodes = episodesOf (task c)

                    let all part =
                        let some = episodes.Of(part, 64, 100)
                        firsts (some.Batch(Philox.key 0L "k", 0L, 64))

                    let evaluated = all Part.Validation @ all Part.Test
                    Expect.equal evaluated.Length (2 * max 1 (c.Count / 10)) "count"

                    let trained =
                        [
                            for place in 0 .. c.Count - evaluated.Length - 1 ->
                                episodes.Batch(Philox.key 0L "k", int64 place, 1).Input[0]
                        ]

                    Expect.equal (List.distinct (trained @ evaluated)).Length c.Count "all episodes"))

            testCase
                "the mean of a part's batch losses is the mean of its episodes' losses, whatever the batch"
                (fun () ->
                    Law.holdsFor 30 "means"
                    <| Prop.forAll (Arb.zip (cases, Gen.choose (1, 9) |> Arb.fromGen)) (fun (c, size) ->
                        let split = [| for n in 0 .. c.Count - 1 -> min n 2 |]
                        let arrays = fst (arrays c) @ [ whole "split" split ]
                        let task = DataSet.Task("d", arrays)
                        let episodes = episodesOf task

                        let loss size =
                            let network =
                                PlasticNetwork
                                    { NetworkOptions.Default with
                                        Inputs = episodes.Inputs
                                        Outputs = episodes.Outputs
                                        Hidden = 3
                                        Loss = task.Loss
                                        InnerLoss = PerSample
                                        Batch = size
                                    }

                            use executor = new CpuExecutor(network.Program, 1)
                            let parameters = network.InitialValues 0L |> Array.map (Array.map float32)
                            let some = episodes.Of(Part.Test, size, 1000)
                            let batches = episodes.Batches(Part.Test, size, 1000)

                            Seq.average
                                [
                                    for k in 0 .. batches - 1 ->
                                        executor.Evaluate(parameters, some.Batch(task.TestKey, int64 k, size))
                                ]

                        Close.numbers Float32.engine "mean" (loss 1) (loss size)))

            testCase "weights of one row for all episodes, and the same row for each, give the same bits" (fun () ->
                Law.holdsFor 30 "alike"
                <| Prop.forAll Networks.any (fun case ->
                    let program, parameters, batch = Networks.setUp case

                    let own =
                        Batch(
                            batch.Size,
                            batch.Steps,
                            batch.Inputs,
                            batch.Outputs,
                            batch.Input,
                            batch.Target,
                            Array.replicate batch.Size batch.Weight |> Array.concat
                        )

                    use executor = new CpuExecutor(program, 2)

                    let one, each =
                        executor.Run(parameters, batch, true), executor.Run(parameters, own, true)

                    Expect.equal each.Loss one.Loss "loss"
                    Expect.equal each.Gradients one.Gradients "gradients"
                    let reference = Interpreter.run program parameters own false
                    Expect.equal reference.Loss (Interpreter.run program parameters batch false).Loss "reference"
                    Expect.equal (own.Sample(batch.Size - 1).Weight) batch.Weight "sample"
                    Expect.equal (own.First 1).Weight (Array.create batch.Size batch.Weight[0]) "first"))

            testCase "an episode is as long as the data say, whatever counts of it" (fun () ->
                let labels =
                    DataArray("targets", [| 3; 3 |], [| 0.0; 1.0; -1.0; 0.0; -1.0; -1.0; 1.0; 1.0; 1.0 |], true)

                let weights = DataArray("weights", [| 3 |], [| 1.0; 0.0; 0.0 |], false)

                let batch given =
                    let arrays =
                        [
                            for a in floats "inputs" [| 3; 3; 1 |] :: whole "lengths" [| 3; 2; 3 |] :: given do
                                for part in [ "train"; "validation"; "test" ] ->
                                    DataArray($"{part}_{a.Name}", a.Shape, a.Numbers, a.IsWhole)
                        ]

                    (episodesOf (DataSet.Task("d", arrays))).Of(Part.Test, 4, 1).Batch(Philox.key 0L "x", 0L, 4)

                for given in [ [ labels ]; [ floats "targets" [| 3; 3; 1 |]; weights ] ] do
                    let batch = batch given
                    Expect.equal batch.Lengths [| 3; 2; 3; 0 |] "lengths"
                    Expect.equal (batch.Sample 1).Lengths [| 2 |] "of one"
                    Expect.equal (batch.First 2).Lengths [| 2; 2; 2; 0 |] "of the first steps"
                    let counted = [ for sample in 0..3 -> batch.CountedSteps sample ]

                    Expect.equal
                        counted
                        (if given.Tail.IsEmpty then
                             [ 2; 1; 3; 0 ]
                         else
                             [ 1; 1; 1; 0 ])
                        "counted")

            testCase "numbers are read as they are, wherever the episodes lie" (fun () ->
                Law.holds "packed"
                <| Prop.forAll cases (fun c ->
                    let given, lengths =
                        arrays
                            { c with
                                HasLabels = false
                                HasWeights = false
                            }

                    let packed (array: DataArray) =
                        let width = array.Shape[2]

                        let rows =
                            [|
                                for n in 0 .. c.Count - 1 do
                                    for t in 0 .. lengths[n] - 1 do
                                        for k in 0 .. width - 1 -> array[(n * c.Steps + t) * width + k]
                            |]

                        DataArray(array.Name, [| rows.Length / width; width |], rows, false)

                    let ofArrays arrays =
                        let episodes = episodesOf (DataSet.Task("d", arrays))
                        let batch = episodes.Batch(Philox.key 0L "x", 3L, 5)

                        [
                            for sample in 0..4 ->
                                let used = batch.Lengths[sample]
                                (batch.Sample sample).First(used).Input, (batch.Sample sample).First(used).Target
                        ]

                    Expect.equal
                        (ofArrays [ packed given[0]; packed given[1]; given[2] ])
                        (ofArrays given)
                        "packed and padded"))

            testCase "chance is the loss of the best constant: a variance, or an entropy" (fun () ->
                let inputs = floats "inputs" [| 4; 1; 1 |]
                let split = whole "split" [| 0; 1; 2; 2 |]
                let chance (task: Task) = task.Chance EpisodeSettings.Default
                let targets = DataArray("targets", [| 4; 1; 1 |], [| 9.0; 9.0; 1.0; 3.0 |], false)
                Close.numbers Float64.reordered "variance" 1.0 (chance (DataSet.Task("d", [ inputs; targets; split ])))
                let labels = DataArray("targets", [| 4; 1 |], [| 2.0; 2.0; 0.0; 1.0 |], true)

                Close.numbers
                    Float64.reordered
                    "entropy"
                    (log 2.0)
                    (chance (DataSet.Task("d", [ inputs; labels; split ]))))

            testCase "an episode of a part is found again in the arrays" (fun () ->
                let inputs =
                    DataArray("inputs", [| 5; 1; 1 |], [| for n in 0..4 -> float n |], false)

                let targets, split =
                    floats "targets" [| 5; 1; 1 |], whole "split" [| 2; 0; 1; 0; 2 |]

                let episodes = episodesOf (DataSet.Task("d", [ inputs; targets; split ]))

                for part, places in [ Part.Training, [ 1; 3 ]; Part.Validation, [ 2 ]; Part.Test, [ 0; 4 ] ] do
                    Expect.equal [ for k in 0 .. places.Length - 1 -> episodes.Index(part, k) ] places "places"

                let batch = episodes.Of(Part.Test, 2, 1).Batch(Philox.key 0L "x", 0L, 2)
                Expect.equal batch.Input [| 0.0; 4.0 |] "test episodes in order")

            testCase "the name of a task tells files of one stem apart, and is one that a task may have" (fun () ->
                let endings = [ ".npz"; ".csv"; ".safetensors"; "" ]

                for stem in [ "lab"; String('x', 200) ] do
                    let names = [ for ending in endings -> DataSet.NameOf(stem + ending) ]
                    Expect.equal (List.distinct names) names "names"
                    Expect.all names (fun name -> name.Length <= 64) "lengths")

            testCase "whole numbers without an axis of outputs are class labels, and -1 is none" (fun () ->
                let inputs = floats "inputs" [| 3; 2; 1 |]

                let labels =
                    DataArray("targets", [| 3; 2 |], [| 0.0; -1.0; 3.0; 1.0; 1.0; 1.0 |], true)

                let task = DataSet.Task("a b.npz", [ inputs; labels; whole "split" [| 0; 1; 2 |] ])
                Expect.equal (task.Name, task.Loss) ("data_a_b_npz", CrossEntropy) "name and loss"
                let batch = (episodesOf task).Batch(Philox.key 0L "x", 0L, 1)
                Expect.equal batch.Target [| 1.0; 0.0; 0.0; 0.0; 0.0; 0.0; 0.0; 0.0 |] "one-hot"
                Expect.equal batch.Weight [| 1.0; 0.0 |] "weights"
                let likely = [| 1.0; 0.0; 0.0; 0.0; 9.0; 0.0; 0.0; 0.0 |]
                Expect.equal (task.Measure.Of(batch, likely)) 0.0 "right"
                Expect.equal (task.Measure.Of(batch, Array.rev likely)) 1.0 "wrong")

            testCase "whole numbers with an axis of outputs are numbers" (fun () ->
                let targets = DataArray("targets", [| 3; 2; 1 |], Array.create 6 1.0, true)

                let task =
                    DataSet.Task("d.npz", [ floats "inputs" [| 3; 2; 1 |]; targets; whole "split" [| 0; 1; 2 |] ])

                Expect.equal task.Loss MeanSquaredError "loss")

            testCase "what is no data set is refused with the array, its shape and the place" (fun () ->
                let inputs, targets = floats "inputs" [| 4; 3; 2 |], floats "targets" [| 4; 3; 1 |]
                refused [ "targets is missing"; "inputs" ] [ inputs ]
                refused [ "target [4, 3, 1]: unknown"; "targets" ] [ inputs; floats "target" [| 4; 3; 1 |] ]
                refused [ "inputs [4]"; "[episodes, steps, inputs]" ] [ floats "inputs" [| 4 |]; targets ]

                refused
                    [ "targets [4, 2, 1]"; "[4, 3]"; "inputs [4, 3, 2]" ]
                    [ inputs; floats "targets" [| 4; 2; 1 |] ]

                refused [ "weights [3, 4]"; "[4, 3]" ] [ inputs; targets; floats "weights" [| 3; 4 |] ]
                refused [ "lengths[1] is 4"; "1 to 3" ] [ inputs; targets; whole "lengths" [| 3; 4; 1; 1 |] ]
                refused [ "split [4]: no episode has 1" ] [ inputs; targets; whole "split" [| 0; 0; 2; 2 |] ]
                refused [ "train_inputs is missing" ] [ floats "test_inputs" [| 4; 3; 2 |] ]
                refused [ "inputs [4, 3, 2]: unknown"; "train_inputs" ] [ inputs; floats "test_inputs" [| 4; 3; 2 |] ]
                let bad = Array.create 24 0.5f
                bad[13] <- nanf

                refused
                    [ "inputs[2, 0, 1] is NaN"; "[4, 3, 2]" ]
                    [ DataArray("inputs", [| 4; 3; 2 |], bad, false); targets ]

                let negative = DataArray("weights", [| 3 |], [| 1.0; -1.0; 1.0 |], false)
                refused [ "weights[1] is -1" ] [ inputs; targets; negative ]
                let none = DataArray("weights", [| 3 |], Array.zeroCreate<float> 3, false)
                refused [ "weights: no step of episode 0 counts" ] [ inputs; targets; none ]
                refused [ "at least 3 episodes" ] [ floats "inputs" [| 2; 3; 2 |]; floats "targets" [| 2; 3; 1 |] ])
        ]
