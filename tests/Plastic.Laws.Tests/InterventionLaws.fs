/// What interventions do, against networks that do the same without them: one that does not learn, one whose episode ends earlier or
/// begins later, one whose α is 0.
module Plastic.Laws.InterventionLaws

open Expecto
open FsCheck.FSharp
open Plastic.Core
open Plastic.Engine

let private interpreted program parameters batch =
    Interpreter.run program parameters batch false

let private engine program parameters batch =
    use executor = new CpuExecutor(program, 2)
    executor.Run(parameters, batch, false)

/// The case's network under interventions: its Program, its parameters and the batch.
let private under (interventions: Intervention list) (case: NetworkCase) =
    let step = (Networks.network case).Step
    let program = Lowering.program (Gates.step step)
    program, Networks.parameters case program, (Networks.batch case).Gated(Gates.values step case.Steps interventions)

/// What it gives.
let private runUnder interventions case =
    interpreted <||| under interventions case

/// What the network gives as it is.
let private intact (case: NetworkCase) = Networks.run case false

/// All results but "loss", which only a network under interventions has as an output.
let private results (episode: Episode) : (string * float[]) list =
    [
        yield "sample loss", episode.SampleLoss
        for o in episode.Outputs do
            if o.Key <> "loss" then
                yield o.Key, o.Value
        for f in episode.FastWeights do
            yield f.Key + " F", f.Value
        for s in episode.States do
            yield s.Key, s.Value
    ]

let private agree expected found =
    Episodes.agree Float64.reordered (results expected) (results found)

/// The outputs of the steps from one on, and what is carried at the end.
let private since from steps (episode: Episode) =
    [
        for name, values in results episode do
            if episode.Outputs.ContainsKey name then
                let width = values.Length / (episode.SampleLoss.Length * steps)

                yield
                    name,
                    values
                    |> Array.chunkBySize (steps * width)
                    |> Array.collect (Array.skip (from * width))
            elif name <> "sample loss" then
                yield name, values
    ]

/// The batch without its first steps.
let private later from (batch: Batch) =
    let rest width (values: float[]) =
        values
        |> Array.chunkBySize (batch.Steps * width)
        |> Array.collect (Array.skip (from * width))

    Batch(
        batch.Size,
        batch.Steps - from,
        batch.Inputs,
        batch.Outputs,
        rest batch.Inputs batch.Input,
        rest batch.Outputs batch.Target,
        rest 1 batch.Weight
    )

/// The plastic layers of the case.
let private layers (case: NetworkCase) =
    [
        for s in (Networks.network case).Step.Synapses do
            if s.Update.IsSome then
                s.Matrix.Name
    ]

/// The intact network's numbers, those of the learning rates of some layers 0.
let private withoutRates layers (case: NetworkCase) =
    let program, parameters, batch = Networks.setUp case

    let isOf (name: string) =
        layers
        |> List.exists (fun layer -> name = $"{layer}.weight.alpha" || name = $"{layer}.bias.alpha")

    let parameters =
        Array.map2
            (fun (p: Plastic.Core.Parameter) values -> if isOf p.Name then Array.map ((*) 0.0) values else values)
            program.Parameters
            parameters

    program, parameters, batch

/// The law on random networks of each rule that learns.
let private ofEachRule name kinds (property: Tally -> NetworkCase -> unit) =
    testList
        name
        [
            for rule in Registry.rules do
                if rule.IsPlastic then
                    testCase rule.Name (fun () ->
                        Law.holdsOften 20 $"{name}, {rule.Name}" kinds (Networks.ofRule rule) property)
        ]

/// A network that has learned something by its end.
let private hasLearned (episode: Episode) =
    episode.FastWeights.Values |> Seq.exists (Array.exists ((<>) 0.0))

[<Tests>]
let tests =
    testList
        "Interventions"
        [
            ofEachRule "none of them changes nothing, in the interpreter and in the engine" [] (fun _ case ->
                for run in [ interpreted; engine ] do
                    let expected, found = run <||| Networks.setUp case, run <||| under [] case

                    for (name, x), (_, y) in List.zip (results expected) (results found) do
                        // Zeros may change their sign.
                        if not (Array.forall2 (fun a b -> a.Equals(b: float) || a = b) x y) then
                            raise (NotClose $"{name}: {x} became {y}"))

            ofEachRule "the output \"loss\" adds up to the loss of each episode" [] (fun _ case ->
                let found = runUnder [] case

                Close.arrays
                    Float64.reordered
                    "loss"
                    found.SampleLoss
                    (found.Outputs["loss"] |> Array.chunkBySize case.Steps |> Array.map Array.sum))

            ofEachRule
                "frozen from the first step on, reset before every step, or each layer without plasticity: a network that does not learn"
                [ "the intact network learns", 0.5 ]
                (fun tally case ->
                    let plain =
                        intact
                            { case with
                                NetworkCase.Options.Rule = Rules.None.rule
                            }

                    let expected =
                        results plain
                        |> List.filter (fun (name, _) -> List.contains name [ "sample loss"; "output"; "h"; "c" ])

                    for interventions in
                        [
                            [ Intervention.FrozenFrom 0 ]
                            List.init case.Steps Intervention.FastWeightsReset
                            List.map Intervention.WithoutPlasticity (layers case)
                        ] do
                        let found = runUnder interventions case

                        if interventions.Head.IsFastWeightsReset |> not && hasLearned found then
                            raise (NotClose "F is not 0")

                        results found
                        |> List.filter (fun (name, _) -> List.exists (fst >> (=) name) expected)
                        |> Episodes.agree Float64.reordered expected

                    tally.Note("the intact network learns", hasLearned (intact case)))

            ofEachRule
                "frozen from a step on, F ends as it is after the steps before it, and their outputs are the same"
                [ "the intact network goes on learning", 0.3 ]
                (fun tally case ->
                    let program, parameters, batch = Networks.setUp case
                    let step = 1 + case.Seed % case.Steps
                    let before = interpreted program parameters (batch.First step)
                    let frozen = runUnder [ Intervention.FrozenFrom step ] case

                    let fast (episode: Episode) =
                        results episode |> List.filter (fst >> Episodes.isFast)

                    Episodes.agree Float64.reordered (fast before) (fast frozen)

                    let firstOf (episode: Episode) =
                        [
                            for o in episode.Outputs do
                                if o.Key <> "loss" then
                                    let steps = o.Value.Length / episode.Outputs["eta"].Length
                                    let rows = episode.Outputs["eta"].Length / batch.Size

                                    o.Key,
                                    o.Value
                                    |> Array.chunkBySize (rows * steps)
                                    |> Array.collect (Array.take (step * steps))
                        ]

                    Episodes.agree Float64.reordered (firstOf before) (firstOf frozen)

                    tally.Note(
                        "the intact network goes on learning",
                        step < case.Steps && fast (intact case) <> fast before
                    ))

            ofEachRule
                "frozen after the last step, or reset before the first: intact"
                [ "the network learns", 0.5 ]
                (fun tally case ->
                    let expected = intact case

                    for interventions in
                        [
                            [ Intervention.FrozenFrom case.Steps ]
                            [ Intervention.FastWeightsReset 0; Intervention.StatesReset 0 ]
                        ] do
                        agree expected (runUnder interventions case)

                    tally.Note("the network learns", hasLearned expected))

            ofEachRule
                "with fast weights and states reset at a step, the rest is an episode of its own"
                [ "something was forgotten", 0.3 ]
                (fun tally case ->
                    let program, parameters, batch = Networks.setUp case
                    let step = case.Seed % case.Steps
                    let rest = interpreted program parameters (later step batch)

                    let found =
                        runUnder [ Intervention.FastWeightsReset step; Intervention.StatesReset step ] case

                    Episodes.agree Float64.reordered (since 0 (case.Steps - step) rest) (since step case.Steps found)

                    tally.Note(
                        "something was forgotten",
                        since step case.Steps found <> since step case.Steps (intact case)
                    ))

            ofEachRule "a layer without plasticity is one whose α is 0" [ "α is a parameter", 0.5 ] (fun tally case ->
                let hasRates = case.Options.Alpha <> AlphaMode.Fixed
                tally.Note("α is a parameter", hasRates)

                if hasRates then
                    for layer in layers case do
                        agree
                            (interpreted <||| withoutRates [ layer ] case)
                            (runUnder [ Intervention.WithoutPlasticity layer ] case))

            ofEachRule
                "the engine agrees with the interpreter under all of them"
                [ "float32 is precise enough", 0.75 ]
                (fun tally case ->
                    let step k = (case.Seed + k) % (case.Steps + 1)

                    let interventions =
                        [
                            Intervention.FrozenFrom(step 0)
                            Intervention.FastWeightsReset(step 1)
                            Intervention.StatesReset(step 2)
                            Intervention.WithoutPlasticity (layers case).Head
                        ]

                    for one in interventions do
                        let program, parameters, batch = under [ one ] case

                        tally.Note(
                            "float32 is precise enough",
                            Executors.isReference 0.0 (Executors.longestChunk case.Seed) program parameters batch
                        ))

            testCase "a layer that is not plastic, and a step before the first, are refused" (fun () ->
                let network =
                    PlasticNetwork
                        { NetworkOptions.Default with
                            Rule = Rules.Hebbian.rule
                            Cell = TwoLayer
                            Hidden = 3
                            Batch = 1
                        }

                let batch =
                    let o = network.Options

                    Batch(
                        1,
                        2,
                        o.Inputs,
                        o.Outputs,
                        Array.zeroCreate (2 * o.Inputs),
                        Array.zeroCreate (2 * o.Outputs),
                        [| 1.0; 1.0 |]
                    )

                let refusal (intervention: Intervention) =
                    Expect.raises<System.ArgumentException>(fun () -> network.Under(batch, intervention) |> ignore)

                Expect.stringContains
                    (refusal (Intervention.WithoutPlasticity "output")).Message
                    "no plastic layer is called output; there are: input"
                    "layer"

                for early in
                    [
                        Intervention.FrozenFrom -1
                        Intervention.StatesReset -1
                        Intervention.FastWeightsReset -1
                    ] do
                    Expect.stringContains (refusal early).Message "there is no step -1" "step")

            testCase "a Program for interventions refuses a batch without them" (fun () ->
                let network =
                    PlasticNetwork
                        { NetworkOptions.Default with
                            Rule = Rules.Hebbian.rule
                            Hidden = 3
                            Batch = 1
                        }

                let o = network.Options

                let batch =
                    Batch(1, 1, o.Inputs, o.Outputs, Array.zeroCreate o.Inputs, Array.zeroCreate o.Outputs, [| 1.0 |])

                let parameters = network.InitialValues 0L

                for run in [ interpreted; engine ] do
                    Expect.raises<ShapeException>(fun () ->
                        run network.ProgramUnderInterventions parameters batch |> ignore)
                    |> ignore)
        ]
