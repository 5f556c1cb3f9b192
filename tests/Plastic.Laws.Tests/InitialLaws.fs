/// Where parameters start: the distributions, and which of them a network's parameters have.
module Plastic.Laws.InitialLaws

open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core

/// Five standard errors: a right generator fails a given seed once in two million.
let private within (what: string) (expected: float) (deviation: float) (values: float[]) =
    let allowed = 5.0 * deviation / sqrt (float values.Length)
    let found = Array.average values
    Expect.isTrue (abs (found - expected) < allowed) $"{what} {found} is not {expected} ± {allowed}"

let private squares (values: float[]) = values |> Array.map (fun x -> x * x)

/// U(−bound, bound), of many numbers.
let private areUniform (bound: float) (values: float[]) =
    Expect.inRange (Close.largest values) (0.99 * bound) bound "Close.largest values"
    within "mean" 0.0 (bound / sqrt 3.0) values
    within "mean square" (bound ** 2.0 / 3.0) (bound ** 2.0 * sqrt (4.0 / 45.0)) (squares values)

/// N(0, deviation²), of many numbers.
let private areNormal (deviation: float) (values: float[]) =
    Expect.inRange (Close.largest values) (3.0 * deviation) (7.0 * deviation) "Close.largest values"
    within "mean" 0.0 deviation values
    within "mean square" (deviation ** 2.0) (deviation ** 2.0 * sqrt 2.0) (squares values)

let private draw (seed: int64) (name: string) (initial: Initial) : float[] =
    let p: Plastic.Core.Parameter =
        {
            Name = name
            Shape = [| 100; 200 |]
            Trained = true
            Initial = initial
        }

    let values = Initialise.parameter seed p
    Expect.equal values.Length 20_000 "values.Length"
    values

/// A seed and a size.
let private starts =
    Arb.fromGen (
        gen {
            let! seed = Gen.choose (0, 999_999)
            let! size = Gen.elements [ 1e-3; 0.1; 1.0; 30.0 ]
            return int64 seed, size
        }
    )

/// A network's parameters with their first values.
let private initial (case: NetworkCase) : (Plastic.Core.Parameter * float[]) list =
    (Networks.network case).Step.Parameters
    |> List.map (fun p -> p, Initialise.parameter (int64 case.Seed) p)

/// Numbers enough to come near their bound: 0.8²⁰⁰ is 4e-20.
let private areMany (values: float[]) = values.Length >= 200

/// Within the bound, and near it where there are many.
let private fill (bound: float) (values: float[]) =
    Expect.inRange (Close.largest values) 0.0 bound "Close.largest values"

    if areMany values then
        Expect.isTrue (Close.largest values > 0.8 * bound) "Close.largest values > 0.8 * bound"

let private scaled (o: NetworkOptions) =
    { o with
        Inputs = max 16 o.Inputs
        Hidden = max 16 o.Hidden
        Start = Start.Scaled
    }

/// The layers whose α there may be.
let private plasticLayers (o: NetworkOptions) =
    match o.Cell with
    | Rnn
    | Lstm -> Plain.recurrentLayers o
    | SingleLayer
    | TwoLayer -> [ "input" ]
    | Attractor -> [ "recurrent" ]
    | Prototypes -> []

[<Tests>]
let tests =
    testList
        "Initial"
        [
            testCase "parameters start filled, uniform up to a bound, or normal" (fun () ->
                Law.holdsFor 10 "initial values"
                <| Prop.forAll starts (fun (seed, size) ->
                    Expect.all
                        (draw seed "a" (Initial.Fill size))
                        (fun x -> x = size)
                        "draw seed 'a' (Initial.Fill size)"

                    areUniform size (draw seed "a" (Initial.Uniform size))
                    areNormal size (draw seed "a" (Initial.Normal size))))

            testCase "a parameter's numbers are a function of seed and name, and others for another" (fun () ->
                Law.holdsFor 10 "initial streams"
                <| Prop.forAll starts (fun (seed, size) ->
                    for initial in [ Initial.Uniform size; Initial.Normal size ] do
                        let here = draw seed "a" initial
                        Expect.sequenceEqual (draw seed "a" initial) here "draw seed 'a' initial"
                        Expect.isFalse (here = draw (seed + 1L) "a" initial) "here = draw (seed + 1L) 'a' initial"
                        Expect.isFalse (here = draw seed "b" initial) "here = draw seed 'b' initial"))

            testCase
                "weights and biases start from U(−k, k), and all others but α from 0, 1 or what the options say"
                (fun () ->
                    Law.holdsOften
                        60
                        "scaled start"
                        [ "an LSTM", 0.15; "a layer norm", 0.15; "weights are frozen", 0.1 ]
                        (Networks.any |> Networks.where scaled)
                        (fun tally case ->
                            let o = case.Options

                            for p, values in initial case do
                                match p.Name.Split '.' with
                                | [| "inner_loss"; "scale" |]
                                | [| "layernorm"; "weight" |] ->
                                    Expect.sequenceEqual values (Array.create p.Size 1.0) "values"
                                | [| "layernorm"; "bias" |] ->
                                    Expect.sequenceEqual values (Array.create p.Size 0.0) "values"
                                | [| _; "eta" |] ->
                                    Expect.sequenceEqual values [| o.Value HebbianTrace.rate |] "values"
                                | [| _; "gamma" |] ->
                                    Expect.sequenceEqual values [| o.Value Rules.Bohp.gamma |] "values"
                                | [| layer; ("weight" | "bias") |] ->
                                    // k = scale over the root of the number of columns.
                                    let isOfGates = (o.Cell = Lstm) && (layer = "recurrent" || layer = "cell")
                                    let scale = if isOfGates then 2.0 else 1.0
                                    fill (scale / sqrt (float (Array.last p.Shape))) values
                                    Expect.equal p.Trained (not o.FrozenWeights) "p.Trained"
                                | _ -> Expect.stringEnds p.Name ".alpha" "p.Name"

                            tally.Note("an LSTM", (o.Cell = Lstm))
                            tally.Note("a layer norm", o.LayerNorm)
                            tally.Note("weights are frozen", o.FrozenWeights)))

            testCase
                "α starts as its mode says, for each connection or for a layer, and for biases where they learn"
                (fun () ->
                    let modes =
                        [
                            AlphaMode.Fixed
                            AlphaMode.Uniform
                            AlphaMode.NegativeUniform
                            AlphaMode.Random
                            AlphaMode.Shared
                        ]
                        |> List.map (fun mode -> $"α {mode}", 0.05)

                    Law.holdsOften
                        200
                        "initial α"
                        ([ "biases learn", 0.1; "many random α", 0.08 ] @ modes)
                        (Networks.any |> Networks.plastic |> Networks.where scaled)
                        (fun tally case ->
                            let o = case.Options
                            let all = initial case
                            let found = all |> List.filter (fun (p, _) -> p.Name.EndsWith ".alpha")
                            let biasesLearn = o.Rule.LearnsBiases && o.Biases && o.Cell <> Attractor

                            let expected =
                                [
                                    if o.Alpha <> AlphaMode.Fixed then
                                        for layer in plasticLayers o do
                                            yield layer + ".weight.alpha"

                                            if biasesLearn then
                                                yield layer + ".bias.alpha"
                                ]

                            Expect.equal
                                (found |> List.map (fun (p, _) -> p.Name))
                                expected
                                "found |> List.map (fun (p, _) -> p.Name)"

                            for p, values in found do
                                Expect.isTrue p.Trained "p.Trained"
                                let slow, _ = all |> List.find (fun (slow, _) -> slow.Name + ".alpha" = p.Name)

                                Expect.sequenceEqual
                                    p.Shape
                                    (if o.Alpha = AlphaMode.Shared then [| 1 |] else slow.Shape)
                                    "p.Shape"

                                match o.Alpha with
                                | AlphaMode.Fixed -> failtest "α = 1 is no parameter"
                                | AlphaMode.Uniform -> Expect.all values (fun a -> a = 1.0) "values"
                                | AlphaMode.NegativeUniform -> Expect.all values (fun a -> a = -1.0) "values"
                                | AlphaMode.Random
                                | AlphaMode.Shared -> fill o.Rule.AlphaSpread values

                            tally.Note($"α {o.Alpha}", true)
                            tally.Note("biases learn", biasesLearn)

                            tally.Note(
                                "many random α",
                                (o.Alpha = AlphaMode.Random
                                 && found |> List.exists (fun (_, values) -> areMany values))
                            )))

            testCase "with a normal start weights, biases and random α have its deviation" (fun () ->
                for deviation in [ 0.01; 0.3 ] do
                    let normal (o: NetworkOptions) =
                        { o with
                            Inputs = 100
                            Hidden = 100
                            Alpha = AlphaMode.Random
                            Start = Start.Normal deviation
                        }

                    let isMatrixOf (kind: string) (p: Plastic.Core.Parameter, values: float[]) =
                        p.Name.EndsWith kind && values.Length >= 5000

                    Law.holdsOften
                        10
                        $"normal start {deviation}"
                        [ "many W", 0.4; "many α", 0.3 ]
                        (Networks.any |> Networks.where normal)
                        (fun tally case ->
                            let drawn =
                                initial case
                                |> List.filter (fun (p, _) ->
                                    not (p.Name.StartsWith "layernorm")
                                    && (p.Name.EndsWith ".weight"
                                        || p.Name.EndsWith ".bias"
                                        || p.Name.EndsWith ".alpha"))

                            for _, values in drawn do
                                if values.Length >= 5000 then
                                    areNormal deviation values
                                else
                                    Expect.inRange (Close.largest values) 0.0 (7.0 * deviation) "Close.largest values"

                            tally.Note("many W", (drawn |> List.exists (isMatrixOf ".weight")))
                            tally.Note("many α", (drawn |> List.exists (isMatrixOf ".weight.alpha")))))
        ]
