namespace Plastic.Core

open System.Collections.Generic

/// The result of a pullback: the cotangent of each variable and each matrix.
[<Sealed>]
type Cotangents
    internal (vectors: IReadOnlyDictionary<Expr, Expr>, pairs: IReadOnlyDictionary<Matrix, (Expr * Expr) list>) =
    /// The cotangent of a variable, of its length; zero where the roots do not depend on it.
    member _.Of(variable: Expr) =
        match vectors.TryGetValue variable with
        | true, bar -> bar
        | _ -> Expr.zero variable.Length

    /// The cotangent of a matrix as pairs (p, q) that stand for Σ p ⊗ q, p [Rows], q [Columns]; empty when zero.
    member _.Pairs(matrix: Matrix) =
        match pairs.TryGetValue matrix with
        | true, found -> found
        | _ -> []

/// Reverse-mode differentiation from graph to graph. The derivative is an expression like any other, so derivatives
/// nest to any order. There is no tape and no level: a variable is a node, distinguished from all others by reference.
/// This keeps an outer derivative from leaking into an inner one (perturbation confusion; Siskind and Pearlmutter,
/// "Nesting forward-mode AD in a functional framework", 2008).
[<RequireQualifiedAccess>]
module Diff =
    /// Joins ranges that do not overlap into one vector, with zeros between them; overlapping ranges go to further vectors.
    let rec private layers length (stretches: (int * Expr) list) : Expr list =
        let rec place at stretches pieces rest =
            match stretches with
            | (start, piece: Expr) :: more when start >= at ->
                let gap = if start > at then [ Expr.zero (start - at) ] else []
                place (start + piece.Length) more (piece :: gap @ pieces) rest
            | overlapping :: more -> place at more pieces (overlapping :: rest)
            | [] ->
                let tail = if at < length then [ Expr.zero (length - at) ] else []
                Expr.concat (List.rev (tail @ pieces)), List.rev rest

        match List.sortBy fst stretches with
        | [] -> []
        | sorted ->
            let layer, rest = place 0 sorted [] []
            layer :: layers length rest

    let private total length (shares: Share seq) =
        let whole =
            shares
            |> Seq.choose (function
                | Whole e -> Some e
                | Stretch _ -> None)

        let stretches =
            shares
            |> Seq.choose (function
                | Stretch(start, e) -> Some(start, e)
                | Whole _ -> None)

        Seq.append whole (layers length (List.ofSeq stretches)) |> Seq.reduce (+)

    /// The pullback of several roots at once: for roots (y, ȳ) the cotangents of `variables` and `matrices`, that is
    /// Σ ȳᵀ ∂y/∂variable. A variable that depends on another one passes its cotangent on to it.
    /// Raises ShapeException when ȳ is not of y's length.
    let vjp (roots: (Expr * Expr) list) (variables: Expr list) (matrices: Matrix list) : Cotangents =
        for y, bar in roots do
            if y.Length <> bar.Length then
                raise (ShapeException("vjp", $"a cotangent of length {y.Length}", string bar.Length))

        let order = roots |> List.map fst |> Expr.inOrder
        let wanted = HashSet<Matrix>(matrices)
        let active = HashSet<Expr>(variables, HashIdentity.Reference)

        for e in order do
            let readsWanted =
                match e.Node with
                | Node.Computed(Operation.Apply(m, _) | Operation.ApplyT(m, _)) -> wanted.Contains m
                | _ -> false

            if readsWanted || Expr.operands e |> List.exists active.Contains then
                active.Add e |> ignore

        let shares = Dictionary<Expr, ResizeArray<Share>>(HashIdentity.Reference)
        let pairs = Dictionary<Matrix, (Expr * Expr) list>()
        let vectors = Dictionary<Expr, Expr>(HashIdentity.Reference)

        let give (e: Expr) share =
            if active.Contains e then
                match shares.TryGetValue e with
                | true, received -> received.Add share
                | _ -> shares[e] <- ResizeArray [ share ]

        for y, bar in roots do
            give y (Whole bar)

        for e in List.rev order do
            match shares.TryGetValue e with
            | true, received ->
                let bar = total e.Length received
                vectors[e] <- bar

                if not bar.IsZero then
                    match e.Node with
                    | Node.Alias x -> give x (Whole bar)
                    | Node.Computed operation ->
                        match Derivative.pair bar operation with
                        | Some(m, pair) when wanted.Contains m ->
                            let earlier =
                                match pairs.TryGetValue m with
                                | true, found -> found
                                | _ -> []

                            pairs[m] <- earlier @ [ pair ]
                        | _ -> ()

                        for x, share in Derivative.pullback e bar operation do
                            give x share
                    | Node.Input _
                    | Node.Parameter _
                    | Node.Constant _ -> ()
            | _ -> ()

        Cotangents(vectors, pairs)

    /// The gradient of a scalar function at x, [x.Length]. Raises ShapeException if f is not scalar.
    let grad (f: Expr -> Expr) (x: Expr) : Expr =
        let variable = Expr.alias x
        let y = f variable

        if y.Length <> 1 then
            raise (ShapeException("grad", "a scalar function", $"length {y.Length}"))

        (vjp [ y, Expr.scalar 1.0 ] [ variable ] []).Of variable

    /// The derivative of a function of a scalar: grad where f is scalar too.
    let diff (f: Expr -> Expr) (x: Expr) : Expr = grad f x

    /// Hessian times vector, [x.Length]: the gradient of ⟨grad f x, v⟩.
    let hessianv (f: Expr -> Expr) (x: Expr) (v: Expr) : Expr = grad (fun x -> Expr.dot (grad f x) v) x
