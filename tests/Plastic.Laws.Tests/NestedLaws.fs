/// Derivatives of derivatives. The cases of perturbation confusion, where an outer derivative leaks into an inner one, are
/// from Siskind and Pearlmutter, "Perturbation confusion and referential transparency" (IFL 2005) and "Nesting
/// forward-mode AD in a functional framework" (HOSC 21, 2008), and from Manzyuk, Pearlmutter, Radul, Rush and Siskind,
/// "Perturbation confusion in forward automatic differentiation of higher-order functions" (JFP 29, 2019).
module Plastic.Laws.NestedLaws

open System.Collections.Generic
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.Core

let private number = Expr.scalar

let private nothing: Bindings =
    {
        Vectors = Dictionary()
        Matrices = Dictionary()
    }

/// The value of a function of one number, kept a variable so that nothing is folded away.
let private at (x: float) (f: Expr -> Expr) =
    let bindings =
        { nothing with
            Vectors = dict [ "at", [| x |] ] |> Dictionary
        }

    (Evaluate.one bindings (f (Expr.input "at" 1)))[0]

let private isNumber (expected: float) found =
    Close.numbers Float64.reordered "derivative" expected found

let rec private power n (x: Expr) =
    if n = 0 then number 1.0 else x * power (n - 1) x

/// Σ c_ij x^i y^j as a description that gives both an expression and its exact derivatives.
let private polynomial (c: int list list) (x: Expr) (y: Expr) =
    [
        for i, row in List.indexed c do
            for j, c in List.indexed row -> float c * (power i x * power j y)
    ]
    |> List.reduce (+)

/// A scalar function of the leaves.
let private scalarOf sketch variables =
    Expr.sum (Sketch.build Given.constant variables sketch)

let private literal seed purpose =
    Given.vector seed purpose |> Array.map number |> List.ofArray |> Expr.concat

let private replaced x = [ x; x; Given.leaves[2] ]

[<Tests>]
let tests =
    testList
        "Nested"
        [
            testCase "2005: d/dx of x · d/dy (x + y) is 1, not 2" (fun () ->
                at 1.0 (Diff.diff (fun x -> x * Diff.diff (fun y -> x + y) (number 1.0)))
                |> isNumber 1.0)

            for x in [ 1.0; 3.0; -0.5 ] do
                testCase $"2008: d/dx of x · d/dy (x · y) is 2x: {x}" (fun () ->
                    at x (Diff.diff (fun x -> x * Diff.diff (fun y -> x * y) (number 2.0)))
                    |> isNumber (2.0 * x))

            for x in [ 1.0; 3.0; -0.5 ] do
                testCase
                    $"an inner derivative taken at the outer variable itself is not confused with it: {x}"
                    (fun () ->
                        // d/dy (x·y²) at y = x is 2x², so the outer function is 2x³.
                        at x (Diff.diff (fun x -> x * Diff.diff (fun y -> x * y * y) x))
                        |> isNumber (6.0 * x * x))

            testCase "a function that does not read its own variable has derivative 0 at any point" (fun () ->
                at 3.0 (fun x -> Diff.diff (fun _ -> x * x) x) |> isNumber 0.0
                // The inner derivative is 0 for every x, so the outer one is too.
                at 3.0 (Diff.diff (fun x -> x + Diff.diff (fun _ -> x * x) x)) |> isNumber 1.0)

            testCase "three levels that read one another's variables are not confused" (fun () ->
                // d/dz (x·y·z) = xy; d/dy (y·xy) = 2xy; x·2x·3 = 6x², whose derivative is 12x.
                let f x =
                    x
                    * Diff.diff (fun y -> y * Diff.diff (fun z -> x * y * z) (number 5.0)) (number 3.0)

                at 2.0 (Diff.diff f) |> isNumber 24.0)

            testCase "2019: an operator that differentiates, applied to itself, gives the second derivative" (fun () ->
                // D f = x ↦ d/du f(x + u) at u = 0; confused tags make D (D exp) vanish.
                let operator f x =
                    Diff.diff (fun u -> f (x + u)) (number 0.0)

                at 1.0 (operator (operator Expr.exp)) |> isNumber (exp 1.0)
                at 1.0 (operator (operator (operator Expr.exp))) |> isNumber (exp 1.0)
                at 2.0 (operator (operator (power 3))) |> isNumber 12.0)

            testCase "2019: a derivative that is a function keeps the variable it closed over" (fun () ->
                // The derivative by u of x ↦ f(x + u), handed out as a function and applied twice.
                let shifted f =
                    fun x -> Diff.diff (fun u -> f (x + u)) (number 0.0)

                let slope = shifted (fun x -> x * x * x)
                at 2.0 (fun x -> slope (slope x)) |> isNumber (3.0 * 12.0 ** 2.0)

                at 2.0 (Diff.diff (fun x -> slope (slope x)))
                |> isNumber (2.0 * 3.0 * 12.0 * 12.0))

            testCase
                "one function differentiated at two points within one derivative does not confuse the points"
                (fun () ->
                    // g(x) = x²·sin-like product of slopes at x and at 2x: 3x²·12x² = 36x⁴.
                    let slope = Diff.diff (power 3)

                    at 1.5 (Diff.diff (fun x -> slope x * slope (x + x)))
                    |> isNumber (144.0 * 1.5 ** 3.0))

            testCase "the k-th derivative of x^n is n!/(n-k)! x^(n-k)" (fun () ->
                Law.holds "powers"
                <| Prop.forAll
                    (Arb.fromGen (Gen.zip3 (Gen.choose (0, 6)) (Gen.choose (0, 4)) (Gen.choose (0, 99))))
                    (fun (n, k, seed) ->
                        let x = 1.0 + 0.5 * Array.head (Numbers.uniform seed "power" 1)
                        let derivative = List.replicate k Diff.diff |> List.fold (fun f d -> d f) (power n)
                        let falling = [ n - k + 1 .. n ] |> List.fold (fun p i -> p * float i) 1.0

                        at x derivative
                        |> isNumber (if k > n then 0.0 else falling * x ** float (n - k))))

            testCase "nested derivatives of random polynomials equal the exact ones" (fun () ->
                let coefficients = Gen.choose (-3, 3) |> Gen.listOfLength 3 |> Gen.listOfLength 4

                Law.holds "polynomials"
                <| Prop.forAll (Arb.fromGen (Gen.zip coefficients (Gen.choose (-2, 2)))) (fun (c, point) ->
                    let x, y = 0.75, float point
                    // d/dx (x · ∂p/∂y(x, y)) at the point: Σ c_ij (i+1)·j x^i y^(j−1).
                    let expected =
                        List.sum
                            [
                                for i, row in List.indexed c do
                                    for j, c in List.indexed row do
                                        if j > 0 then
                                            yield float (c * (i + 1) * j) * x ** float i * y ** float (j - 1)
                            ]

                    at x (Diff.diff (fun x -> x * Diff.diff (polynomial c x) (number y)))
                    |> Close.numbers Float64.derived "derivative" expected))

            testCase "a Hessian is symmetric: ⟨u, Hv⟩ = ⟨v, Hu⟩" (fun () ->
                Law.holdsOften
                    200
                    "Hessian"
                    [ "the Hessian is not zero", 0.2 ]
                    Given.sketches
                    (fun tally (sketch, seed) ->
                        let f x = scalarOf sketch (replaced x)
                        let u, v = literal seed "u", literal seed "v"
                        let x = Given.leaves.Head
                        let uHv, vHu = Expr.dot u (Diff.hessianv f x v), Expr.dot v (Diff.hessianv f x u)

                        let value = Evaluate.one (Given.bindings seed)
                        let first, second = value uHv, value vHu
                        tally.Note("the Hessian is not zero", first[0] <> 0.0)
                        Close.arrays Float64.derived "⟨v, Hu⟩" first second))

            testCase "derivatives by two variables commute" (fun () ->
                Law.holdsOften
                    200
                    "mixed derivatives"
                    [ "they are not zero", 0.1 ]
                    Given.sketches
                    (fun tally (sketch, seed) ->
                        let u, v = literal seed "u", literal seed "v"
                        let x, y, z = Given.leaves[0], Given.leaves[1], Given.leaves[2]
                        let f x y = scalarOf sketch [ x; y; z ]
                        let along direction f at = Expr.dot direction (Diff.grad f at)
                        let byXThenY = along v (fun y -> along u (fun x -> f x y) x) y
                        let byYThenX = along u (fun x -> along v (fun y -> f x y) y) x

                        let value = Evaluate.one (Given.bindings seed)
                        let first, second = value byXThenY, value byYThenX
                        tally.Note("they are not zero", first[0] <> 0.0)
                        Close.arrays Float64.derived "derivative" first second))

            testCase "a Hessian times a vector agrees with central differences of the gradient" (fun () ->
                Law.holdsOften
                    200
                    "Hessian, differences"
                    [ "no kink is near", 0.9 ]
                    Given.sketches
                    (fun tally (sketch, seed) ->
                        let f x = scalarOf sketch (replaced x)
                        let x, v, w = Given.leaves.Head, Given.vector seed "v", Given.vector seed "w"
                        let gradient = Diff.grad f x

                        let derived =
                            Evaluate.one (Given.bindings seed) (Diff.hessianv f x (literal seed "v"))

                        let along epsilon =
                            let moved = Array.map2 (fun x v -> x + epsilon * v) (Given.values seed).Head v
                            let bindings = Given.bind (moved :: (Given.values seed).Tail) (Given.matrix seed)
                            Dense.dot w (Evaluate.one bindings gradient)

                        let slope = Differences.central along
                        tally.Note("no kink is near", slope.IsSome)

                        match slope with
                        | Some slope -> Close.numbers Float64.differences "⟨w, Hv⟩" slope (Dense.dot w derived)
                        | None -> ()))

            testCase "a derivative of third order agrees with central differences of the second" (fun () ->
                Law.holdsOften
                    150
                    "third order"
                    [ "no kink is near", 0.8; "it is not zero", 0.1 ]
                    Given.sketches
                    (fun tally (sketch, seed) ->
                        let f t =
                            scalarOf sketch (replaced (Given.leaves.Head + Expr.scale t (literal seed "v")))

                        let second = Diff.diff (Diff.diff f)
                        let bindings = Given.bindings seed
                        let third = (Evaluate.one bindings (Diff.diff second (number 0.0)))[0]
                        tally.Note("it is not zero", third <> 0.0)

                        let slope =
                            Differences.central (fun t -> (Evaluate.one bindings (second (number t)))[0])

                        tally.Note("no kink is near", slope.IsSome)

                        match slope with
                        | Some slope -> Close.numbers Float64.differences "third derivative" slope third
                        | None -> ()))
        ]
