namespace Plastic.Laws

open System.Collections.Generic
open FsCheck
open FsCheck.FSharp
open Plastic.Core

/// A plan of a random expression of one length: every Operation occurs in it, guarded so that it is finite and
/// its derivatives are of moderate size.
type internal Sketch =
    /// The n-th variable.
    | Variable of int
    /// The same number in every element.
    | Number of float
    | Function of Unary * Sketch
    | Operation of Binary * Sketch * Sketch
    /// Σ x / length, repeated.
    | Total of Sketch
    /// ⟨a, b⟩ / length, repeated.
    | Inner of Sketch * Sketch
    /// The elements moved round by some places: slices and a concatenation.
    | Turned of int * Sketch
    /// Mᵀ(M x) / 4 and M(Mᵀx) / 4 for a square matrix M.
    | There of Sketch
    | Back of Sketch
    /// The same value as another variable.
    | Renamed of Sketch

/// Sketches, their expressions, and what they mean.
[<RequireQualifiedAccess>]
module internal Sketch =
    /// The length of every sketch's expression.
    let length = 3

    /// Sketches read variables 0, 1 and 2.
    let variableCount = 3

    let matrix =
        {
            Name = "M"
            Rows = length
            Columns = length
        }

    let private leaf =
        Gen.frequency
            [
                3, Gen.map Variable (Gen.choose (0, variableCount - 1))
                1, Gen.map Number (Gen.elements [ 0.0; 1.0; -1.0; 0.5; 2.0 ])
            ]

    let private unaries = [ Neg; Exp; Log; Sqrt; Tanh; Sigmoid; Relu; Heaviside ]
    let private binaries = [ Add; Sub; Mul; Div; Max; Min ]

    let rec private ofDepth depth =
        if depth = 0 then
            leaf
        else
            let inner = ofDepth (depth - 1)

            Gen.frequency
                [
                    1, leaf
                    5, Gen.map2 (fun f x -> Function(f, x)) (Gen.elements unaries) inner
                    8, Gen.map3 (fun f a b -> Operation(f, a, b)) (Gen.elements binaries) inner inner
                    1, Gen.map Total inner
                    2, Gen.map2 (fun a b -> Inner(a, b)) inner inner
                    2, Gen.map2 (fun k x -> Turned(k, x)) (Gen.choose (1, length - 1)) inner
                    1, Gen.map There inner
                    1, Gen.map Back inner
                    1, Gen.map Renamed inner
                ]

    let private parts sketch =
        match sketch with
        | Variable _
        | Number _ -> []
        | Function(_, x)
        | Total x
        | Turned(_, x)
        | There x
        | Back x
        | Renamed x -> [ x ]
        | Operation(_, a, b)
        | Inner(a, b) -> [ a; b ]

    let rec private simpler sketch : Sketch seq =
        let one make x = simpler x |> Seq.map make

        let two make a b =
            Seq.append (simpler a |> Seq.map (fun a -> make a b)) (simpler b |> Seq.map (fun b -> make a b))

        Seq.append
            (parts sketch)
            (match sketch with
             | Variable _
             | Number _ -> Seq.empty
             | Function(f, x) -> one (fun x -> Function(f, x)) x
             | Total x -> one Total x
             | Turned(k, x) -> one (fun x -> Turned(k, x)) x
             | There x -> one There x
             | Back x -> one Back x
             | Renamed x -> one Renamed x
             | Operation(f, a, b) -> two (fun a b -> Operation(f, a, b)) a b
             | Inner(a, b) -> two (fun a b -> Inner(a, b)) a b)

    /// Random sketches up to five operations deep.
    let any =
        Arb.fromGenShrink (Gen.bind ofDepth (Gen.frequency [ 1, Gen.choose (0, 2); 4, Gen.choose (3, 5) ]), simpler)

    /// Whether the sketch has a point where a derivative jumps.
    let rec hasKink sketch =
        match sketch with
        | Function((Relu | Heaviside), _)
        | Operation((Max | Min), _, _) -> true
        | _ -> parts sketch |> List.exists hasKink

    let private share = Expr.constant length (1.0 / float length)
    let private quarter = Expr.constant length 0.25

    /// The sketch's expression over `variables`, its numbers made by `number`. exp x is made of tanh x, log x of 1 + x²,
    /// √x of 1 + x², a / b of 1 + b², and a product of tanh b.
    let rec build (number: float -> Expr) (variables: Expr list) sketch : Expr =
        let build = build number variables

        match sketch with
        | Variable k -> variables[k]
        | Number c -> number c
        | Function(Exp, x) -> Expr.exp (Expr.tanh (build x))
        | Function((Log | Sqrt) as f, x) -> Expr.map f (Expr.square (build x) + 1.0)
        | Function(f, x) -> Expr.map f (build x)
        | Operation(Div, a, b) -> build a / (Expr.square (build b) + 1.0)
        | Operation(f, a, b) -> Expr.zip f (build a) (build b)
        | Total x -> Expr.broadcast length (Expr.sum (build x)) * share
        | Inner(a, b) -> Expr.broadcast length (Expr.dot (build a) (build b)) * share
        | Turned(k, x) ->
            let x = build x
            Expr.concat [ Expr.slice k (length - k) x; Expr.slice 0 k x ]
        | There x -> Expr.applyT matrix (Expr.apply matrix (build x)) * quarter
        | Back x -> Expr.apply matrix (Expr.applyT matrix (build x)) * quarter
        | Renamed x -> Expr.alias (build x)

    /// What the sketch means, worked out on numbers without any expression.
    let rec value (m: float[]) (variables: float[] list) sketch : float[] =
        let value = value m variables
        let at i j = m[i * length + j]

        let forward x =
            Array.init length (fun j -> Seq.sum (Seq.mapi (fun i v -> at i j * v) x))

        let backward v =
            Array.init length (fun i -> Seq.sum (Seq.mapi (fun j v -> at i j * v) v))

        let repeated c = Array.create length (c / float length)

        match sketch with
        | Variable k -> variables[k]
        | Number c -> Array.create length c
        | Function(Exp, x) -> value x |> Array.map (tanh >> exp)
        | Function(Log, x) -> value x |> Array.map (fun x -> log (1.0 + x * x))
        | Function(Sqrt, x) -> value x |> Array.map (fun x -> sqrt (1.0 + x * x))
        | Function(Neg, x) -> value x |> Array.map (~-)
        | Function(Tanh, x) -> value x |> Array.map tanh
        | Function(Sigmoid, x) -> value x |> Array.map (fun x -> 0.5 + 0.5 * tanh (0.5 * x))
        | Function(Relu, x) -> value x |> Array.map (max 0.0)
        | Function(Heaviside, x) -> value x |> Array.map (fun x -> if x > 0.0 then 1.0 else 0.0)
        | Operation(Add, a, b) -> Array.map2 (+) (value a) (value b)
        | Operation(Sub, a, b) -> Array.map2 (-) (value a) (value b)
        | Operation(Mul, a, b) -> Array.map2 (*) (value a) (value b)
        | Operation(Div, a, b) -> Array.map2 (fun a b -> a / (1.0 + b * b)) (value a) (value b)
        | Operation(Max, a, b) -> Array.map2 max (value a) (value b)
        | Operation(Min, a, b) -> Array.map2 min (value a) (value b)
        | Total x -> repeated (Array.sum (value x))
        | Inner(a, b) -> repeated (Array.sum (Array.map2 (*) (value a) (value b)))
        | Turned(k, x) ->
            let x = value x
            Array.append x[k..] x[.. k - 1]
        | There x -> value x |> forward |> backward |> Array.map (fun x -> x / 4.0)
        | Back x -> value x |> backward |> forward |> Array.map (fun x -> x / 4.0)
        | Renamed x -> value x

/// Variables, directions and values for sketches.
[<RequireQualifiedAccess>]
module internal Given =
    let vector seed purpose =
        Numbers.uniform seed purpose Sketch.length

    /// The leaves that sketches are built over: x0, x1, x2.
    let leaves =
        List.init Sketch.variableCount (fun k -> Expr.input $"x{k}" Sketch.length)

    let constant = Expr.constant Sketch.length

    /// A sketch over the leaves.
    let expression sketch = Sketch.build constant leaves sketch

    /// Random values of the leaves, from the seed.
    let values (seed: int) =
        List.init Sketch.variableCount (fun k -> vector seed $"x{k}")

    let matrix (seed: int) =
        Numbers.uniform seed "M" (Sketch.length * Sketch.length)

    let bind (values: float[] list) (m: float[]) : Bindings =
        let vectors = Dictionary<string, float[]>()
        values |> List.iteri (fun k x -> vectors[$"x{k}"] <- x)

        {
            Vectors = vectors
            Matrices = dict [ "M", m ] |> Dictionary
        }

    /// The leaves' values and the matrix that go with a seed.
    let bindings (seed: int) = bind (values seed) (matrix seed)

    /// Seeds of values.
    let seeds = Arb.fromGen (Gen.choose (0, 9999))

    /// A sketch and a seed.
    let sketches =
        Arb.fromGenShrink (
            Gen.zip Sketch.any.Generator seeds.Generator,
            fun (sketch, seed) -> Sketch.any.Shrinker sketch |> Seq.map (fun s -> s, seed)
        )
