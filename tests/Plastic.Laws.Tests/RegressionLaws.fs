/// The laws of few-shot regression.
module Plastic.Laws.RegressionLaws

open Expecto
open FsCheck.FSharp
open Plastic.Core
open Plastic.Laws.TaskLaws
open Plastic.Tasks

let private places = placesOf [ Regression.task ]

/// A step of regression.
type private Moment =
    {
        Variables: float[]
        Value: float
        Flag: float
        Target: float
    }

let private moments (place: Place) =
    let input, target = training place
    let width = Regression.variables place.Settings.Function

    input
    |> Array.chunkBySize (width + 2)
    |> Array.mapi (fun t row ->
        {
            Variables = row[.. width - 1]
            Value = row[width]
            Flag = row[width + 1]
            Target = target[t]
        })

/// The function of an episode as documented, drawn again and computed in another way: scores before standardisation, one
/// per step.
let private scores (place: Place) (points: float[][]) =
    let stream = RandomStream(place.Task.TrainKey place.Seed, place.Step, place.Sample)

    let draws count bound =
        [| for _ in 1..count -> -bound + 2.0 * bound * stream.Uniform() |]

    match place.Settings.Function with
    | FunctionKind.Linear ->
        let bound = 1.0 / sqrt 12.0
        let weights = draws 12 bound
        let bias = (draws 1 bound)[0]
        points |> Array.map (fun x -> bias + Seq.sum (Seq.map2 (*) weights x))
    | FunctionKind.Mlp ->
        let first = draws 12 (1.0 / sqrt 6.0)
        let firstBias = draws 2 (1.0 / sqrt 6.0)
        let second = draws 2 (1.0 / sqrt 2.0)
        let secondBias = (draws 1 (1.0 / sqrt 2.0))[0]

        let unit k x =
            tanh (firstBias[k] + Seq.sum (Seq.map2 (*) first[6 * k .. 6 * k + 5] x))

        points
        |> Array.map (fun x -> secondBias + second[0] * unit 0 x + second[1] * unit 1 x)

[<Tests>]
let tests =
    testList
        "Regression"
        [
            testCase "K pairs are shown, then twenty values are tested" (fun () ->
                Law.holds "regression flags"
                <| Prop.forAll places (fun place ->
                    let shown, asked = moments place |> Array.splitAt place.Settings.Pairs
                    Expect.equal asked.Length 20 "asked.Length"

                    for m in shown do
                        Expect.equal m.Flag 1.0 "m.Flag"

                        if place.Settings.Noise = 0.0 then
                            Expect.equal m.Value m.Target "m.Value"

                    for m in asked do
                        Expect.equal (m.Flag, m.Value) (0.0, 0.0) "m.Flag, m.Value"

                    for m in Array.append shown asked do
                        Expect.all m.Variables (fun x -> x >= -1.0 && x <= 1.0) "m.Variables"))

            testCase "targets have mean 0 and unbiased standard deviation 1 in every episode" (fun () ->
                Law.holds "standardised"
                <| Prop.forAll places (fun place ->
                    let targets = moments place |> Array.map _.Target

                    Expect.floatClose
                        { absolute = 1e-10; relative = 0.0 }
                        (Array.average targets)
                        0.0
                        "Array.average targets"

                    Expect.floatClose
                        { absolute = 1e-10; relative = 0.0 }
                        (Array.sumBy (fun y -> y * y) targets / float (targets.Length - 1))
                        1.0
                        "Array.sumBy (fun y -> y * y) targets / float (targets.Length - 1)"))

            testCase "targets are the function's values, standardised" (fun () ->
                Law.holds "regression targets"
                <| Prop.forAll places (fun place ->
                    let moments = moments place
                    let scores = scores place (moments |> Array.map _.Variables)
                    let mean = Array.average scores

                    let deviation =
                        sqrt ((scores |> Array.sumBy (fun s -> (s - mean) ** 2.0)) / float (scores.Length - 1))

                    for m, score in Seq.zip moments scores do
                        Expect.floatClose
                            { absolute = 1e-9; relative = 0.0 }
                            m.Target
                            ((score - mean) / deviation)
                            "m.Target"))

            testCase "the noise on shown values has the given standard deviation" (fun () ->
                for noise in [ 0.1; 2.0 ] do
                    let settings =
                        { EpisodeSettings.Default with
                            Noise = noise
                            Pairs = 20
                        }

                    let batch =
                        (Regression.task.Episodes settings).Batch(Regression.task.TestKey, 0L, 500)

                    let errors =
                        [|
                            for at in 0 .. batch.Target.Length - 1 do
                                if batch.Input[14 * at + 13] = 1.0 then
                                    (batch.Input[14 * at + 12] - batch.Target[at]) / noise
                        |]

                    Expect.equal errors.Length 10000 "errors.Length"
                    Expect.inRange (Array.average errors) (-0.05) 0.05 "Array.average errors"

                    Expect.inRange
                        (errors |> Array.averageBy (fun e -> e * e))
                        0.93
                        1.07
                        "errors |> Array.averageBy (fun e -> e * e)")
        ]
