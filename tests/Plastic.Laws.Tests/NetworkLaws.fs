/// What holds of every network, whatever its rule, cell and options.
module Plastic.Laws.NetworkLaws

open Expecto
open FsCheck.FSharp
open Plastic.Core

/// Everything that a batch gives, as tensors by name.
let private everything (program: StepProgram) (episode: Episode) =
    [
        yield "sample loss", episode.SampleLoss
        for o in episode.Outputs do
            yield o.Key, o.Value
        for f in episode.FastWeights do
            yield f.Key + " F", f.Value
        for s in episode.States do
            yield s.Key, s.Value
        for p, gradient in Seq.zip program.Parameters episode.Gradients do
            yield "gradient of " + p.Name, gradient
    ]

let private named (tensors: (string * float[]) list) name =
    tensors |> List.find (fst >> (=) name) |> snd

/// The tensors of `expected` that are in `found` too.
let private agree tolerance (expected: (string * float[]) list) (found: (string * float[]) list) =
    let there = found |> List.map fst |> set

    Close.together
        tolerance
        1.0
        [
            for name, x in expected do
                if there.Contains name then
                    yield name, x, named found name
        ]

let private runAll (case: NetworkCase) =
    everything (Networks.program case) (Networks.run case true)

let private isFast (name: string) =
    name.EndsWith " F" || name.EndsWith ".fast"

[<Tests>]
let tests =
    testList
        "Network"
        [
            testCase "with η = 0 and λ = 0 every fast weight stays as it is" (fun () ->
                let still (o: NetworkOptions) =
                    { o with
                        InnerLearningRate = 0.0
                        InnerWeightDecay = 0.0
                    }

                Law.holdsFor 60 "no learning"
                <| Prop.forAll
                    (Networks.any |> Networks.directed |> Networks.recurrent |> Networks.where still)
                    (fun case ->
                        let fast = runAll case |> List.filter (fst >> isFast)
                        Expect.equal fast.Length 8 "fast.Length"

                        for _, values in fast do
                            Expect.all values (fun f -> f = 0.0) "values"
                        // From fast weights that are not zero: the step itself keeps all and adds nothing.
                        let step, given = Point.ofStep case

                        for s in step.Synapses do
                            let update = s.Update.Value

                            Expect.sequenceEqual
                                (Evaluate.many given [ update.Keep; update.Rate ])
                                [ [| 1.0 |]; [| 0.0 |] ]
                                "Evaluate.many given [ update.Keep; update.Rate ]"

                        for s in step.States |> List.filter (fun s -> isFast s.Name) do
                            let before =
                                given.Vectors[s.Name]
                                |> Array.map (fun f -> max -case.Options.WeightClip (min f case.Options.WeightClip))

                            Expect.sequenceEqual (Evaluate.one given s.Next) before "Evaluate.one given s.Next"))

            testCase
                "with η = 0 a network equals the one without plasticity, in values and gradients, whatever λ"
                (fun () ->
                    let unlearning (o: NetworkOptions) = { o with InnerLearningRate = 0.0 }

                    Law.holdsFor 60 "F = 0"
                    <| Prop.forAll (Networks.any |> Networks.directed |> Networks.where unlearning) (fun case ->
                        let plain =
                            { case with
                                NetworkCase.Options.Rule = Rules.None.rule
                            }

                        let learned = runAll case
                        agree Float64.derived (runAll plain) learned

                        for name, values in learned do
                            if isFast name || name.EndsWith ".alpha" then
                                Expect.all values (fun x -> x = 0.0) "values"))

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
                            "eta", collect (fun all -> [| o.InnerLearningRate * modulation all |])
                            "decay", collect (fun all -> [| o.InnerWeightDecay * modulation all |])
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

            testCase
                "permuting hidden units permutes the trajectory and its gradients, and leaves outputs and loss alike"
                (fun () ->
                    Law.holdsFor 60 "permutation"
                    <| Prop.forAll (Networks.recurrent Networks.any) (fun case ->
                        let program, parameters, batch = Networks.setUp case
                        let permute = Permutation.tensor case

                        let there =
                            Array.map2
                                (fun (p: Plastic.Core.Parameter) -> permute p.Name)
                                program.Parameters
                                parameters

                        let before, after =
                            Interpreter.run program parameters batch true, Interpreter.run program there batch true

                        everything program before
                        |> List.map (fun (name, values) -> name, permute name values)
                        |> fun expected -> agree Float64.derived expected (everything program after)))

            testCase "a batch equals its samples one by one" (fun () ->
                Law.holdsFor 60 "samples"
                <| Prop.forAll Networks.any (fun case ->
                    // A network for one sample: its loss is not divided by B. Where the inner loss is a mean over the batch, that
                    // is a factor of 1/B, which one sample's network carries in s² instead.
                    let one =
                        { case with
                            NetworkCase.Options.Batch = 1
                        }

                    let program, parameters, batch = Networks.setUp case
                    let size = float batch.Size

                    let ofOne =
                        Array.map2
                            (fun (p: Plastic.Core.Parameter) ->
                                match p.Name, case.Options.InnerLoss with
                                | "inner_loss.scale", OverBatch -> Array.map (fun s -> s / sqrt size)
                                | _ -> id)
                            program.Parameters
                            parameters

                    let samples =
                        List.init batch.Size (fun b ->
                            Interpreter.run (Networks.program one) ofOne (batch.Sample b) true)

                    let together = Interpreter.run program parameters batch true
                    let expected = everything program together

                    let found =
                        samples
                        |> List.map (everything program)
                        |> List.transpose
                        |> List.map (fun parts ->
                            let name = fst parts.Head
                            let values = List.map snd parts

                            let factor =
                                match name, case.Options.InnerLoss with
                                | "gradient of inner_loss.scale", OverBatch -> 1.0 / (size * sqrt size)
                                | _ -> 1.0 / size

                            if name.StartsWith "gradient of" then
                                name, values |> List.reduce (Array.map2 (+)) |> Array.map ((*) factor)
                            elif name = "sample loss" then
                                name, Array.concat values |> Array.map (fun x -> x / size)
                            else
                                name, Array.concat values)

                    agree Float64.derived expected found
                    Close.numbers Float64.reordered "loss" (Array.sum together.SampleLoss) together.Loss))

            testCase
                "with inputs and weights all zero, where every direction is zero, values and derivatives are finite"
                (fun () ->
                    Law.holdsFor 60 "zero directions"
                    <| Prop.forAll Networks.any (fun case ->
                        let program, parameters, batch = Networks.setUp case
                        let nothing = Array.map (fun (x: float) -> 0.0 * x)

                        let still =
                            Batch(
                                batch.Size,
                                batch.Steps,
                                batch.Inputs,
                                batch.Outputs,
                                nothing batch.Input,
                                batch.Target,
                                batch.Weight
                            )

                        for alphasToo in [ false; true ] do
                            let zero =
                                Array.map2
                                    (fun (p: Plastic.Core.Parameter) values ->
                                        if alphasToo || not (p.Name.EndsWith ".alpha") then
                                            nothing values
                                        else
                                            values)
                                    program.Parameters
                                    parameters

                            let found = everything program (Interpreter.run program zero still true)

                            for name, values in found do
                                Close.finite name values

                                if isFast name then
                                    Expect.all values (fun f -> f = 0.0) "values"))

            testCase "frozen weights and biases receive no gradient, and the others receive theirs" (fun () ->
                let frozen (o: NetworkOptions) = { o with FrozenWeights = true }

                Law.holdsFor 60 "frozen weights"
                <| Prop.forAll (Networks.any |> Networks.where frozen) (fun case ->
                    let free =
                        { case with
                            NetworkCase.Options.FrozenWeights = false
                        }

                    let program = Networks.program case
                    let found = runAll case

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

                    runAll free
                    |> List.filter (fun (name, _) -> not (name.StartsWith "gradient of") || isTrained name)
                    |> fun expected -> agree Float64.derived expected found))
        ]
