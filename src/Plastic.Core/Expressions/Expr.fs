namespace Plastic.Core

open System

/// A vector-valued expression: an immutable graph whose nodes are compared by reference, so that two variables with
/// the same value remain two variables (Diff relies on this). Length 1 is a scalar.
[<Sealed; NoComparison>]
type Expr internal (op: Op, length: int) =
    member _.Op = op
    /// Number of elements; at least 1.
    member _.Length = length
    override _.ToString() = $"expression of length {length}"

/// What a node computes from its operands.
and [<NoComparison; ReferenceEquality>] Op =
    /// A value of each sample and step: data, or state carried from the step before.
    | Input of string
    /// A trained vector, shared by all samples and steps.
    | Parameter of string
    /// The same number in every element.
    | Constant of float
    /// The same value as another node, but a separate variable for differentiation.
    | Alias of Expr
    | Map of Unary * Expr
    | Zip of Binary * Expr * Expr
    /// Σ_i x_i, a scalar.
    | Sum of Expr
    /// Σ_i a_i b_i, a scalar.
    | Dot of Expr * Expr
    /// A scalar repeated over every element.
    | Broadcast of Expr
    /// Elements start .. start + length − 1.
    | Slice of Expr * start: int
    | Concat of Expr list
    /// Mᵀx: from pre to post.
    | Apply of Matrix * Expr
    /// M v: from post to pre.
    | ApplyT of Matrix * Expr

/// Builders of expressions. Each checks lengths (ShapeException) and folds constants, so that derived graphs stay
/// small.
[<RequireQualifiedAccess>]
module Expr =
    let private node op length = Expr(op, length)

    let private positive operation n =
        if n < 1 then
            raise (ShapeException(operation, "a length of at least 1", string n))

    let private same operation (a: Expr) (b: Expr) =
        if a.Length <> b.Length then
            raise (ShapeException(operation, "operands of equal length", $"{a.Length} and {b.Length}"))

    let private scalarOnly operation (a: Expr) =
        if a.Length <> 1 then
            raise (ShapeException(operation, "a scalar", $"length {a.Length}"))

    let private (|Value|_|) (e: Expr) =
        match e.Op with
        | Constant c -> Some c
        | _ -> None

    let private (|Negated|_|) (e: Expr) =
        match e.Op with
        | Map(Neg, x) -> Some x
        | _ -> None

    let private (|Repeated|_|) (e: Expr) =
        match e.Op with
        | Broadcast s -> Some s
        | _ -> None

    /// A per-sample value by name: data, or the state at the start of the step.
    let input name length =
        positive "input" length
        node (Input name) length

    /// A trained vector by name.
    let parameter name length =
        positive "parameter" length
        node (Parameter name) length

    /// `value` in each of `length` elements.
    let constant length value =
        positive "constant" length
        node (Constant value) length

    /// A scalar constant.
    let scalar value = node (Constant value) 1

    let zero length = constant length 0.0

    /// A new variable with the value of `x`.
    let alias (x: Expr) = node (Alias x) x.Length

    let map f (x: Expr) =
        match f, x with
        | _, Value c -> constant x.Length (Scalar.unary f c)
        | Neg, Negated y -> y
        | _, Repeated s -> node (Broadcast(node (Map(f, s)) 1)) x.Length
        | _ -> node (Map(f, x)) x.Length

    let rec zip f (a: Expr) (b: Expr) : Expr =
        same (string f) a b
        let n = a.Length

        match f, a, b with
        | _, Value x, Value y -> constant n (Scalar.binary f x y)
        | Add, Value 0.0, x
        | (Add | Sub), x, Value 0.0
        | Mul, Value 1.0, x
        | (Mul | Div), x, Value 1.0 -> x
        | Sub, Value 0.0, x
        | Mul, Value -1.0, x
        | Mul, x, Value -1.0 -> map Neg x
        | Mul, Value 0.0, _
        | Mul, _, Value 0.0
        | Div, Value 0.0, _ -> zero n
        | Add, x, Negated y -> node (Zip(Sub, x, y)) n
        | Sub, x, Negated y -> node (Zip(Add, x, y)) n
        | Mul, Negated x, Negated y -> node (Zip(Mul, x, y)) n
        | _, Repeated s, Repeated t -> node (Broadcast(zip f s t)) n
        | _, Repeated s, Value c -> node (Broadcast(zip f s (scalar c))) n
        | _, Value c, Repeated s -> node (Broadcast(zip f (scalar c) s)) n
        | _ -> node (Zip(f, a, b)) n

    /// Σ_i x_i.
    let sum (x: Expr) =
        match x with
        | Value c -> scalar (c * float x.Length)
        | Repeated s -> zip Mul s (scalar (float x.Length))
        | _ when x.Length = 1 -> x
        | _ -> node (Sum x) 1

    /// Σ_i a_i b_i.
    let dot (a: Expr) (b: Expr) =
        same "dot" a b

        match a, b with
        | Value 0.0, _
        | _, Value 0.0 -> scalar 0.0
        | _ when a.Length = 1 -> zip Mul a b
        | Repeated s, x
        | x, Repeated s -> zip Mul s (sum x)
        | Value c, x
        | x, Value c -> zip Mul (scalar c) (sum x)
        | _ -> node (Dot(a, b)) 1

    /// The scalar `s` in each of `length` elements.
    let broadcast length (s: Expr) =
        scalarOnly "broadcast" s
        positive "broadcast" length

        match s with
        | _ when length = 1 -> s
        | Value c -> constant length c
        | _ -> node (Broadcast s) length

    /// Scalar times vector.
    let scale (s: Expr) (x: Expr) = zip Mul (broadcast x.Length s) x

    /// Elements start .. start + length − 1 of `x`.
    let rec slice start length (x: Expr) =
        if start < 0 || length < 1 || start + length > x.Length then
            raise (ShapeException("slice", $"a range within 0..{x.Length - 1}", $"start {start}, length {length}"))

        let rec within pieces offset =
            match pieces with
            | (piece: Expr) :: _ when start >= offset && start + length <= offset + piece.Length ->
                Some(slice (start - offset) length piece)
            | piece :: rest when offset + piece.Length <= start -> within rest (offset + piece.Length)
            | _ -> None

        match x.Op with
        | _ when length = x.Length -> x
        | Constant c -> constant length c
        | Broadcast s -> broadcast length s
        | Concat pieces -> within pieces 0 |> Option.defaultWith (fun () -> node (Slice(x, start)) length)
        | Slice(y, offset) -> slice (offset + start) length y
        | _ -> node (Slice(x, start)) length

    /// The pieces one after the other.
    let concat (pieces: Expr list) =
        match pieces with
        | [] -> raise (ShapeException("concat", "at least one piece", "none"))
        | [ piece ] -> piece
        | _ ->
            let length = pieces |> List.sumBy _.Length

            match pieces |> List.map (fun p -> p.Op) |> List.distinct with
            | Constant first :: rest when
                rest
                |> List.forall (function
                    | Constant c -> c.Equals first
                    | _ -> false)
                ->
                constant length first
            | _ -> node (Concat pieces) length

    /// Mᵀx, x [Rows] to [Columns].
    let apply (m: Matrix) (x: Expr) =
        if x.Length <> m.Rows then
            raise (ShapeException($"apply {m.Name}", $"length {m.Rows}", string x.Length))

        match x with
        | Value 0.0 -> zero m.Columns
        | _ -> node (Apply(m, x)) m.Columns

    /// M v, v [Columns] to [Rows].
    let applyT (m: Matrix) (v: Expr) =
        if v.Length <> m.Columns then
            raise (ShapeException($"applyT {m.Name}", $"length {m.Columns}", string v.Length))

        match v with
        | Value 0.0 -> zero m.Rows
        | _ -> node (ApplyT(m, v)) m.Rows

    let neg x = map Neg x
    let exp x = map Exp x
    let log x = map Log x
    let sqrt x = map Sqrt x
    let tanh x = map Tanh x
    let sigmoid x = map Sigmoid x
    let relu x = map Relu x
    let heaviside x = map Heaviside x
    let max a b = zip Max a b
    let min a b = zip Min a b

    /// Σ_i x_i / n.
    let mean (x: Expr) =
        zip Div (sum x) (scalar (float x.Length))

    /// x ∘ x.
    let square x = zip Mul x x

    /// x clamped to ±bound; an infinite bound leaves x unchanged.
    let clamp (bound: float) (x: Expr) =
        if Double.IsPositiveInfinity bound then
            x
        else
            min (max x (constant x.Length -bound)) (constant x.Length bound)

    /// The operands of a node, in order.
    let operands (e: Expr) =
        match e.Op with
        | Input _
        | Parameter _
        | Constant _ -> []
        | Alias x
        | Map(_, x)
        | Sum x
        | Broadcast x
        | Slice(x, _)
        | Apply(_, x)
        | ApplyT(_, x) -> [ x ]
        | Zip(_, a, b)
        | Dot(a, b) -> [ a; b ]
        | Concat pieces -> pieces

    /// Every node that the roots depend on, operands before users, each once. The order depends on the graph alone.
    let inOrder (roots: Expr seq) : Expr list =
        let seen = System.Collections.Generic.HashSet<Expr>(HashIdentity.Reference)
        let order = ResizeArray<Expr>()
        let pending = System.Collections.Generic.Stack<struct (Expr * bool)>()

        for root in roots do
            pending.Push(struct (root, false))

            while pending.Count > 0 do
                match pending.Pop() with
                | struct (e, true) -> order.Add e
                | struct (e, false) when seen.Add e ->
                    pending.Push(struct (e, true))

                    for x in List.rev (operands e) do
                        pending.Push(struct (x, false))
                | _ -> ()

        List.ofSeq order

type Expr with

    static member (+)(a: Expr, b: Expr) = Expr.zip Add a b
    static member (-)(a: Expr, b: Expr) = Expr.zip Sub a b
    /// The elementwise product a ∘ b.
    static member (*)(a: Expr, b: Expr) = Expr.zip Mul a b
    static member (/)(a: Expr, b: Expr) = Expr.zip Div a b
    static member (~-)(a: Expr) = Expr.neg a

    static member (*)(s: float, x: Expr) =
        Expr.zip Mul (Expr.constant x.Length s) x

    static member (-)(s: float, x: Expr) =
        Expr.zip Sub (Expr.constant x.Length s) x

    static member (+)(x: Expr, s: float) =
        Expr.zip Add x (Expr.constant x.Length s)
