/// What holds of every network, whatever its rule, cell and options.
module Plastic.Laws.NetworkLaws

open Expecto
open FsCheck.FSharp
open Plastic.Core

[<Tests>]
let tests =
    testList
        "Network"
        [
            testCase "with η = 0 and λ = 0 every fast bias stays as it is, within its bound" (fun () ->
                let still (o: NetworkOptions) =
                    o.With(Descent.learningRate, 0.0).With(Descent.weightDecay, 0.0)

                Law.holdsFor 60 "no learning"
                <| Prop.forAll
                    (Networks.any |> Networks.directed |> Networks.recurrent |> Networks.where still)
                    (fun case ->
                        let step, given = Point.ofStep case
                        let biases = step.States |> List.filter (fun s -> Episodes.isFast s.Name)
                        Expect.equal biases.Length (if case.Options.InputLayer then 4 else 3) "fast biases"

                        for s in biases do
                            let bound = case.Options.Value Descent.weightBound
                            let before = given.Vectors[s.Name] |> Array.map (fun f -> max -bound (min f bound))
                            Expect.sequenceEqual (Evaluate.one given s.Next) before s.Name))

            testCase
                "with η = 0 a network equals the one without plasticity, in values and gradients, whatever λ"
                (fun () ->
                    let unlearning (o: NetworkOptions) = o.With(Descent.learningRate, 0.0)

                    Law.holdsFor 60 "F = 0"
                    <| Prop.forAll (Networks.any |> Networks.directed |> Networks.where unlearning) (fun case ->
                        let plain =
                            { case with
                                NetworkCase.Options.Rule = Rules.None.rule
                            }

                        let ofPlasticity, others =
                            Episodes.ofCase case
                            |> List.partition (fun (name, _) -> Episodes.isFast name || name.EndsWith ".alpha")

                        Episodes.agree Float64.derived (Episodes.ofCase plain) others

                        for name, values in ofPlasticity do
                            Expect.all values (fun x -> x = 0.0) name))

            testCase "with inputs and weights all zero every fast weight stays zero" (fun () ->
                Law.holdsFor 60 "zero directions"
                <| Prop.forAll Networks.any (fun case ->
                    for alphasToo in [ false; true ] do
                        let program, parameters, batch = TrajectoryLaws.atZero case alphasToo

                        let found =
                            Interpreter.run program parameters batch true |> Episodes.everything program

                        for name, values in found |> List.filter (fst >> Episodes.isFast) do
                            Expect.all values (fun f -> f = 0.0) name))

            testCase "rule none is the plain network, and any rule's first step is too" (fun () ->
                let measured (o: NetworkOptions) = { o with Loss = MeanSquaredError }

                Law.holdsFor 60 "plain network"
                <| Prop.forAll (Networks.any |> Networks.recurrent |> Networks.where measured) (fun case ->
                    let o = case.Options
                    let steps = if o.Rule.IsPlastic then 1 else case.Steps
                    let case = { case with Steps = steps }
                    let program, parameters, batch = Networks.setUp case

                    let vector name =
                        parameters[program.Parameters |> Array.findIndex (fun p -> p.Name = name)]

                    let all = List.init batch.Size (Plain.outputs o vector batch) |> List.concat
                    let episode = Networks.run case false

                    let modulation (all: float[]) =
                        if o.Modulation then
                            2.0 / (1.0 + exp -(Array.last all))
                        else
                            1.0

                    let collect f = all |> List.map f |> Array.concat
                    let scale = vector "inner_loss.scale"
                    let over = if o.InnerLoss = OverBatch then float o.Batch else 1.0

                    [
                        "output", collect (Array.take o.Outputs)
                        if o.Rule.LearnsBiases || not o.Rule.IsPlastic then
                            "eta", collect (fun all -> [| o.Value Descent.learningRate * modulation all |])
                            "decay", collect (fun all -> [| o.Value Descent.weightDecay * modulation all |])
                        "innerLoss",
                        collect (fun all ->
                            [| (Array.map2 (fun s x -> (s * x) ** 2.0) scale all |> Array.average) / over |])
                    ]
                    |> List.iter (fun (name, expected) ->
                        Close.arrays Float64.reordered name expected episode.Outputs[name])

                    let losses =
                        Array.init batch.Size (fun b ->
                            Seq.sum (
                                seq {
                                    for t in 0 .. steps - 1 do
                                        let target, y = batch.Read("target", b, t), all[b * steps + t]

                                        for k in 0 .. o.Outputs - 1 do
                                            batch.Weight[t] * (y[k] - target[k]) ** 2.0 / float (o.Outputs * o.Batch)
                                }
                            ))

                    Close.arrays Float64.reordered "loss" losses episode.SampleLoss))

            testCase "frozen weights and biases receive no gradient, and the others receive theirs" (fun () ->
                let frozen (o: NetworkOptions) = { o with FrozenWeights = true }

                Law.holdsFor 60 "frozen weights"
                <| Prop.forAll (Networks.any |> Networks.where frozen) (fun case ->
                    let free =
                        { case with
                            NetworkCase.Options.FrozenWeights = false
                        }

                    let program = Networks.program case
                    let found = Episodes.ofCase case

                    let isTrained name =
                        program.Parameters
                        |> Array.exists (fun p -> p.Trained && "gradient of " + p.Name = name)

                    for p in program.Parameters do
                        let isSlow = p.Name.EndsWith ".weight" || p.Name.EndsWith ".bias"

                        Expect.equal
                            (not isSlow || p.Name.StartsWith "layernorm")
                            p.Trained
                            "not isSlow || p.Name.StartsWith 'layernorm'"

                    for name, values in found do
                        if name.StartsWith "gradient of" && not (isTrained name) then
                            Expect.all values (fun g -> g = 0.0) "values"

                    let compared =
                        List.filter (fun (name: string, _) -> not (name.StartsWith "gradient of") || isTrained name)

                    Episodes.agree Float64.derived (compared (Episodes.ofCase free)) (compared found)))
        ]
