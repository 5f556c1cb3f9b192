/// What holds of the rules: their directions, and how directions become updates.
module Plastic.Laws.RuleLaws

open System
open Expecto
open FsCheck.FSharp
open Plastic.Core

/// Directions are read off updates without α, clip and modulation, so that nothing else is in them.
let private bare (o: NetworkOptions) =
    { o.With(Descent.norm, infinity).With(Descent.weightBound, infinity) with
        Alpha = AlphaMode.Fixed
        Modulation = o.Rule.NeedsModulator
    }

/// A layer's direction of F, multiplied out, and of f, at a step's random point.
let private direction (step: Step) given (s: Synapse) =
    let update = s.Update.Value
    let fast = s.Matrix.Name + ".bias.fast"
    let ps, qs = List.unzip update.Pairs
    let found = Evaluate.many given (ps @ qs)
    let ps, qs = List.splitAt ps.Length found
    let pairs = List.map2 Point.outer ps qs

    let ofF =
        pairs
        |> List.fold (Array.map2 (+)) (Array.zeroCreate (s.Matrix.Rows * s.Matrix.Columns))

    let next = (step.States |> List.find (fun state -> state.Name = fast)).Next

    match Evaluate.many given [ update.Keep; update.Rate; next ] with
    | [ keep; rate; next ] -> ofF, Array.map2 (fun f' f -> (f' - keep[0] * f) / rate[0]) next given.Vectors[fast]
    | _ -> failwith "three values were asked for"

/// Along a random direction, ∂L/∂(F, f) is the slope of the inner loss, h and c held. False near a kink, where there is
/// no slope to compare with.
let private isGradientOfInnerLoss (case: NetworkCase) =
    let step, given = Point.ofStep case
    let innerLoss = step.Outputs |> List.find (fst >> (=) "innerLoss") |> snd

    let along name count =
        Numbers.uniform case.Seed ("along " + name) count |> Array.map ((*) 0.1)

    let moved epsilon =
        let move name (x: float[]) =
            Array.map2 (fun x d -> x + epsilon * d) x (along name x.Length)

        {
            Vectors = Point.map (fun name x -> if name.EndsWith ".bias.fast" then move name x else x) given.Vectors
            Matrices = Point.map move given.Matrices
        }

    let slope =
        Differences.central (fun epsilon -> (Evaluate.one (moved epsilon) innerLoss)[0])

    let derived =
        step.Synapses
        |> List.sumBy (fun s ->
            let ofF, ofBias = direction step given s
            let name = s.Matrix.Name

            Dense.dot ofF (along name ofF.Length)
            + Dense.dot ofBias (along (name + ".bias.fast") ofBias.Length))

    match slope with
    | Some slope ->
        Close.numbers Float64.differences "slope of the inner loss" slope derived
        true
    | None -> false

/// pre ⊗ post for each layer, worked out on plain numbers; 0 for biases.
let private isPreTimesPost (case: NetworkCase) =
    let step, given = Point.ofStep case
    let vector name = given.Vectors[name]

    let bias name =
        Array.map2 (+) (vector (name + ".bias")) (vector (name + ".bias.fast"))

    let matrix name = given.Matrices[name]
    let x, h = vector "input", vector "h"
    let s = Plain.step case.Options matrix bias vector x h (vector "c")

    let expected =
        [
            "input", x, s.Embedding
            "recurrent", h, s.Gates
            "cell", s.Embedding, s.Gates
            "output", s.Hidden, s.Outputs
        ]

    for name, pre, post in expected do
        let ofF, ofBias =
            direction step given (step.Synapses |> List.find (fun s -> s.Matrix.Name = name))

        Close.arrays Float64.reordered name (Point.outer pre post) ofF
        Close.arrays Float64.reordered (name + " bias") (Array.zeroCreate post.Length) ofBias

    true

let private doesNotLearn (case: NetworkCase) =
    let options =
        { case.Options with
            Alpha = AlphaMode.Random
        }

    let step = (Network.create options).Step
    Expect.all step.Synapses (fun s -> s.Update.IsNone) "step.Synapses"
    Expect.isFalse (step.States |> Seq.exists (fun s -> s.Name.EndsWith ".fast")) "step.States"
    Expect.isFalse (step.Parameters |> Seq.exists (fun p -> p.Name.EndsWith ".alpha")) "step.Parameters"
    true

/// What each rule's direction is, and whether the case could show it; a rule of the registry that is missing here fails.
let private meanings =
    Map.ofList
        [
            "gradient", isGradientOfInnerLoss
            "hebbian", isPreTimesPost
            "none", doesNotLearn
            for name in TraceEquations.names do
                name,
                fun case ->
                    TraceEquations.areFollowedByRecurrent case
                    TraceEquations.areFollowed case
        ]

let private names = Registry.rules |> List.map _.Name

/// The first steps of a batch.
let private prefix steps (batch: Batch) =
    let first (values: float[]) width =
        values
        |> Array.chunkBySize (batch.Steps * width)
        |> Array.collect (Array.take (steps * width))

    let input, target = first batch.Input batch.Inputs, first batch.Target batch.Outputs
    Batch(batch.Size, steps, batch.Inputs, batch.Outputs, input, target, Array.take steps batch.Weight)

/// The norm of the change that each of the first steps made to all fast weights of each sample, α = 1 and λ = 0.
let private updateNorms steps (case: NetworkCase) =
    let program, parameters, batch = Networks.setUp case

    let after steps =
        let episode = Interpreter.run program parameters (prefix steps batch) false
        let biases = episode.States |> Seq.filter (fun s -> s.Key.EndsWith ".fast")

        [
            for fast in Seq.append episode.FastWeights biases -> Array.splitInto batch.Size fast.Value
        ]
        |> List.reduce (Array.map2 Array.append)

    let trajectory = [ for steps in 1..steps -> after steps ]
    let start = trajectory.Head |> Array.map (Array.map (fun _ -> 0.0))

    start :: trajectory
    |> List.pairwise
    |> List.map (fun (before, after) ->
        Array.map2 (fun x y -> Array.map2 (-) y x |> fun d -> sqrt (Dense.dot d d)) before after)

let private unscaled (o: NetworkOptions) =
    { o.With(Descent.weightBound, infinity).With(Descent.weightDecay, 0.0) with
        Alpha = AlphaMode.Fixed
    }

[<Tests>]
let tests =
    testList
        "Rule"
        [
            for name in names do
                testCase $"each rule's direction is what its equation says: {name}" (fun () ->
                    let withRule (o: NetworkOptions) =
                        bare
                            { o with
                                Rule = (Registry.tryFind name).Value
                            }

                    Law.holdsOften
                        60
                        $"direction of {name}"
                        [ "the case could show it", 0.7 ]
                        (Networks.any |> Networks.recurrent |> Networks.where withRule)
                        (fun tally case -> tally.Note("the case could show it", meanings[name] case)))

            testCase "rules have names of their own, and are found by them" (fun () ->
                let names = Registry.rules |> List.map _.Name
                Expect.sequenceEqual names (List.distinct names) "names"

                for rule in Registry.rules do
                    Expect.isTrue
                        (obj.ReferenceEquals(rule, (Registry.tryFind rule.Name).Value))
                        "(Registry.tryFind rule.Name).Value"

                    [ rule.Summary; rule.Equation; rule.Source ]
                    |> Seq.iter (fun text -> Expect.notEqual text "" "text")

                Expect.isTrue ((Registry.tryFind "Hebbian").IsNone) "(Registry.tryFind 'Hebbian').IsNone")

            testCase "rules that read a setting of one name declare the same setting" (fun () ->
                let declared = Registry.rules |> List.collect _.Settings |> List.distinct

                Expect.sequenceEqual
                    (declared |> List.map _.Name |> List.distinct)
                    (declared |> List.map _.Name)
                    "names"

                Expect.equal
                    (Registry.settings |> List.map _.Name |> Set.ofList)
                    (declared |> List.map _.Name |> Set.ofList)
                    "the registry's settings are those that some rule reads"

                // What is declared otherwise in one place is another setting.
                let number name high standard help =
                    RuleSetting.number name (0.0, high) standard [ 0.5 ] help :> RuleSetting

                let one = number "a" 1.0 0.5 "help"
                Expect.equal (number "a" 1.0 0.5 "help") one "the same"

                for other in
                    [
                        number "b" 1.0 0.5 "help"
                        number "a" 2.0 0.5 "help"
                        number "a" 1.0 0.6 "help"
                        number "a" 1.0 0.5 "other help"
                        RuleSetting.number "a" (0.0, 1.0) 0.5 [ 0.25 ] "help"
                        RuleSetting.bound "a" (0.0, 1.0) 0.5 [ 0.5 ] "help"
                        RuleSetting.switch "a" true "help"
                    ] do
                    Expect.notEqual other one "another")

            testCase
                "the norm of each update is at most η times the bound, and of the first η times the lesser of norm and bound"
                (fun () ->
                    let finite (o: NetworkOptions) =
                        let bound = o.Value Descent.norm
                        (unscaled o).With(Descent.norm, (if Double.IsInfinity bound then 0.3 else bound))

                    Law.holdsOften
                        60
                        "norm clip"
                        [ "the first update is clipped", 0.2; "the first update is not clipped", 0.2 ]
                        (Networks.any |> Networks.directed |> Networks.where finite)
                        (fun tally case ->
                            let bound = case.Options.Value Descent.norm
                            let eta = (Networks.run case false).Outputs["eta"]
                            let etaAt b t = eta[b * case.Steps + t]
                            let clipped = updateNorms case.Steps case

                            let free =
                                updateNorms
                                    1
                                    { case with
                                        NetworkCase.Options = case.Options.With(Descent.norm, infinity)
                                    }

                            tally.Note("the first update is clipped", free.Head[0] > etaAt 0 0 * bound)
                            tally.Note("the first update is not clipped", free.Head[0] < etaAt 0 0 * bound)

                            clipped
                            |> List.iteri (fun t norms ->
                                norms
                                |> Array.iteri (fun b norm ->
                                    Expect.isTrue
                                        (norm <= etaAt b t * bound * (1.0 + 1e-9) + 1e-12)
                                        $"update {t} of sample {b}: {norm}"))

                            let expected = free.Head |> Array.mapi (fun b norm -> min norm (etaAt b 0 * bound))
                            Close.arrays Float64.derived "first update" expected clipped.Head))

            testCase "no fast weight exceeds the weight clip" (fun () ->
                let bounded (o: NetworkOptions) =
                    o.With(Descent.weightBound, min 0.2 (o.Value Descent.weightBound))

                Law.holdsOften
                    100
                    "weight clip"
                    [ "a fast weight is clamped", 0.2 ]
                    (Networks.any |> Networks.directed |> Networks.where bounded)
                    (fun tally case ->
                        let episode = Networks.run case false
                        tally.Note("a fast weight is clamped", Networks.isWeightClipped case episode)

                        for entry in Seq.append episode.FastWeights episode.States do
                            if not (List.contains entry.Key [ "h"; "c" ]) then
                                Expect.inRange
                                    (Close.largest entry.Value)
                                    0.0
                                    (case.Options.Value Descent.weightBound)
                                    "Close.largest entry.Value"))

            testCase "η and λ are p·2σ(m) with modulation, and constant without" (fun () ->
                Law.holdsOften
                    60
                    "modulation"
                    [ "m moves η by a tenth", 0.1 ]
                    (Networks.directed Networks.any)
                    (fun tally case ->
                        let o = case.Options
                        let program, parameters, batch = Networks.setUp case
                        // With s = 0 but for the last output, the inner loss is m²/D: |m| can be read off it.
                        let scale =
                            program.Parameters |> Array.findIndex (fun p -> p.Name = "inner_loss.scale")

                        let d = o.FullOutputs
                        parameters[scale] <- Array.init d (fun k -> if k = d - 1 then 1.0 else 0.0)
                        let episode = Interpreter.run program parameters batch false
                        let over = if o.InnerLoss = OverBatch then float o.Batch else 1.0

                        for k, innerLoss in Array.indexed episode.Outputs["innerLoss"] do
                            let m = sqrt (innerLoss * float d * over)
                            let eta, decay = episode.Outputs["eta"][k], episode.Outputs["decay"][k]

                            let isFactor factor =
                                abs (eta - o.Value Descent.learningRate * factor) < 1e-9
                                && abs (decay - o.Value Descent.weightDecay * factor) < 1e-9

                            let factors =
                                if o.Modulation then
                                    [ 2.0 / (1.0 + exp -m); 2.0 / (1.0 + exp m) ]
                                else
                                    [ 1.0 ]

                            Expect.isTrue
                                (List.exists isFactor factors)
                                $"η {eta} and λ {decay} are p times one of {factors}"

                        tally.Note(
                            "m moves η by a tenth",
                            episode.Outputs["eta"]
                            |> Array.exists (fun eta -> abs (eta / o.Value Descent.learningRate - 1.0) > 0.1)
                        )))
        ]
