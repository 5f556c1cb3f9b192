/// Reverse mode: linear in its cotangents, and equal to central differences.
module Plastic.Laws.DiffLaws

open Expecto
open FsCheck.FSharp
open Plastic.Core

/// Two sketches and a seed.
let private pairs =
    let two = Gen.zip Given.sketches.Generator Sketch.any.Generator

    Arb.fromGenShrink (
        Gen.map (fun ((a, seed), b) -> a, b, seed) two,
        fun (a, b, seed) ->
            Seq.append
                (Sketch.any.Shrinker a |> Seq.map (fun a -> a, b, seed))
                (Sketch.any.Shrinker b |> Seq.map (fun b -> a, b, seed))
    )

/// The values of every cotangent: one array per leaf, then the matrix's, its pairs multiplied out.
let private pullback bindings roots =
    let bars = Diff.vjp roots Given.leaves [ Sketch.matrix ]
    let ps, qs = bars.Pairs Sketch.matrix |> List.unzip
    let found = Evaluate.many bindings (List.map bars.Of Given.leaves @ ps @ qs)
    let vectors, rest = List.splitAt Sketch.variableCount found
    let ps, qs = List.splitAt ps.Length rest
    let nothing = Array.zeroCreate (Sketch.length * Sketch.length)

    vectors @ [ List.map2 Dense.outer ps qs |> List.fold (Array.map2 (+)) nothing ]

let private agree (expected: float[] list) found =
    List.zip expected found
    |> List.iteri (fun k (e, f) -> Close.arrays Float64.derived $"cotangent {k}" e f)

let private cotangent (values: float[]) =
    values |> Array.map Expr.scalar |> List.ofArray |> Expr.concat

/// ⟨u, y⟩ at the seed's values moved by ε in a random direction, and that direction.
let private alongDirection sketch seed =
    let y, u = Given.expression sketch, Given.vector seed "u"
    let values, m = Given.values seed, Given.matrix seed
    let along = List.init Sketch.variableCount (fun k -> Given.vector seed $"d{k}")
    let alongM = Numbers.uniform seed "dM" m.Length
    let moved epsilon = Array.map2 (fun x d -> x + epsilon * d)

    let at epsilon =
        let bindings =
            Given.bind (List.map2 (moved epsilon) values along) (moved epsilon m alongM)

        Dense.dot u (Evaluate.one bindings y)

    at, along @ [ alongM ]

[<Tests>]
let tests =
    testList
        "Diff"
        [
            testCase "Diff is linear in its cotangents" (fun () ->
                Law.holdsFor 150 "linearity"
                <| Prop.forAll Given.sketches (fun (sketch, seed) ->
                    let bindings, y = Given.bindings seed, Given.expression sketch
                    let u, v = Given.vector seed "u", Given.vector seed "v"
                    let of' bar = pullback bindings [ y, cotangent bar ]
                    let mixed = of' (Array.map2 (fun u v -> 3.0 * u - 0.5 * v) u v)
                    let combined = List.map2 (Array.map2 (fun a b -> 3.0 * a - 0.5 * b)) (of' u) (of' v)
                    agree combined mixed))

            testCase "the pullback of several roots is the sum of their pullbacks" (fun () ->
                Law.holdsFor 150 "sum of roots"
                <| Prop.forAll pairs (fun (a, b, seed) ->
                    let bindings = Given.bindings seed
                    let y, z = Given.expression a, Given.expression b
                    let u, v = cotangent (Given.vector seed "u"), cotangent (Given.vector seed "v")
                    let together = pullback bindings [ y, u; z, v; y, v ]

                    [ y, u; z, v; y, v ]
                    |> List.map (fun root -> pullback bindings [ root ])
                    |> List.reduce (List.map2 (Array.map2 (+)))
                    |> fun sum -> agree sum together))

            testCase
                "a cotangent of zero gives zero, and so does a root that does not depend on the variable"
                (fun () ->
                    Law.holds "zero"
                    <| Prop.forAll Given.sketches (fun (sketch, seed) ->
                        let bindings, y = Given.bindings seed, Given.expression sketch

                        for part in pullback bindings [ y, Expr.zero y.Length ] do
                            Expect.all part (fun x -> x = 0.0) "part"

                        let stranger = Expr.input "x0" Sketch.length

                        let bars =
                            Diff.vjp [ y, Given.constant 1.0 ] [ stranger ] [ { Sketch.matrix with Name = "other" } ]

                        match (bars.Of stranger).Node with
                        | Node.Constant 0.0 -> ()
                        | _ -> failtest "a cotangent that is not the constant 0"

                        Expect.isEmpty
                            (bars.Pairs { Sketch.matrix with Name = "other" })
                            "bars.Pairs { Sketch.matrix with Name = 'other' }"))

            testCase "the pullback agrees with central differences in random directions" (fun () ->
                Law.holdsOften
                    500
                    "central differences"
                    [ "no kink is near", 0.9; "the derivative is not zero", 0.5 ]
                    Given.sketches
                    (fun tally (sketch, seed) ->
                        let at, along = alongDirection sketch seed
                        let slope = Differences.central at
                        tally.Note("no kink is near", slope.IsSome)
                        let u = cotangent (Given.vector seed "u")
                        let bars = pullback (Given.bindings seed) [ Given.expression sketch, u ]
                        let derived = List.map2 Dense.dot bars along |> List.sum
                        tally.Note("the derivative is not zero", derived <> 0.0)

                        match slope with
                        | Some slope -> Close.numbers Float64.differences "slope" slope derived
                        | None -> ()))

            testCase "the pullback of a composition is the composition of the pullbacks" (fun () ->
                Law.holdsFor 150 "chain rule"
                <| Prop.forAll pairs (fun (outer, inner, seed) ->
                    let bindings = Given.bindings seed
                    let u = cotangent (Given.vector seed "u")
                    let x = Given.leaves.Head

                    let f x =
                        Sketch.build Given.constant (x :: Given.leaves.Tail) inner

                    let g y =
                        Sketch.build Given.constant [ y; y; y ] outer

                    let whole = (Diff.vjp [ g (f x), u ] [ x ] []).Of x
                    let y = Expr.alias (f x)
                    let first = (Diff.vjp [ g y, u ] [ y ] []).Of y
                    let inTwo = (Diff.vjp [ y, first ] [ x ] []).Of x

                    let value = Evaluate.one bindings
                    Close.arrays Float64.derived "cotangent" (value whole) (value inTwo)))

            testCase "a variable that depends on another one passes its cotangent on" (fun () ->
                Law.holdsFor 150 "intermediate variables"
                <| Prop.forAll pairs (fun (outer, inner, seed) ->
                    let u = cotangent (Given.vector seed "u")
                    let x = Given.leaves.Head
                    let y = Expr.alias (Sketch.build Given.constant Given.leaves inner)
                    let z = Sketch.build Given.constant [ y; x; x ] outer
                    let both, alone = Diff.vjp [ z, u ] [ x; y ] [], Diff.vjp [ z, u ] [ x ] []

                    let value = Evaluate.one (Given.bindings seed)
                    Close.arrays Float64.reordered "cotangent" (value (alone.Of x)) (value (both.Of x))))
        ]
