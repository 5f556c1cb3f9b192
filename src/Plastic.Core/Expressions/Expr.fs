namespace Plastic.Core

open System
open System.Collections.Generic

/// A vector-valued expression: an immutable graph whose nodes are compared by reference, so that two variables with
/// the same value remain two variables (Diff relies on this). Length 1 is a scalar.
[<Sealed; NoComparison>]
type Expr internal (node: Node, length: int) =
    member internal _.Node = node
    /// Number of elements; at least 1.
    member _.Length = length

    /// Whether it is the constant 0.
    member internal _.IsZero =
        match node with
        | Node.Constant 0.0 -> true
        | _ -> false

    override _.ToString() = $"expression of length {length}"

/// Where an expression's value comes from.
and [<RequireQualifiedAccess; NoComparison>] internal Node =
    /// A value of each sample and step: data, or state carried from the step before.
    | Input of string
    /// A trained vector, shared by all samples and steps.
    | Parameter of string
    /// The same number in every element.
    | Constant of float
    /// The same value as another node, but a separate variable for differentiation.
    | Alias of Expr
    | Computed of Operation<Expr, Matrix>

/// Builders of expressions. Each checks lengths (ShapeException) and folds constants, so that derived graphs stay
/// small.
[<RequireQualifiedAccess>]
module Expr =
    let private lengthOf (operation: Operation<Expr, Matrix>) =
        Operation.length (fun (x: Expr) -> x.Length) operation

    let private node operation =
        Expr(Node.Computed operation, lengthOf operation)

    let private leaf builder node length =
        if length < 1 then
            raise (ShapeException(builder, "a length of at least 1", string length))

        Expr(node, length)

    let private (|Value|_|) (e: Expr) =
        match e.Node with
        | Node.Constant c -> Some c
        | _ -> None

    let private (|Negated|_|) (e: Expr) =
        match e.Node with
        | Node.Computed(Operation.Map(Neg, x)) -> Some x
        | _ -> None

    let private (|Repeated|_|) (e: Expr) =
        match e.Node with
        | Node.Computed(Operation.Broadcast(s, _)) -> Some s
        | _ -> None

    /// A per-sample value by name: data, or the state at the start of the step; [length].
    let input name length = leaf "input" (Node.Input name) length

    /// A trained vector by name, [length].
    let parameter name length =
        leaf "parameter" (Node.Parameter name) length

    /// `value` in each of `length` elements.
    let constant length value =
        leaf "constant" (Node.Constant value) length

    /// A scalar constant.
    let scalar value = constant 1 value

    /// Zero in each of `length` elements.
    let zero length = constant length 0.0

    /// A new variable with the value of `x`.
    let alias (x: Expr) = Expr(Node.Alias x, x.Length)

    /// f(x_i).
    let internal map f (x: Expr) =
        match f, x with
        | _, Value c -> constant x.Length (Operation.unary f c)
        | Neg, Negated y -> y
        | _, Repeated s -> node (Operation.Broadcast(node (Operation.Map(f, s)), x.Length))
        | _ -> node (Operation.Map(f, x))

    /// f(a_i, b_i).
    let rec internal zip f (a: Expr) (b: Expr) : Expr =
        let n = lengthOf (Operation.Zip(f, a, b))

        match f, a, b with
        | _, Value x, Value y -> constant n (Operation.binary f x y)
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
        | Add, x, Negated y -> node (Operation.Zip(Sub, x, y))
        | Sub, x, Negated y -> node (Operation.Zip(Add, x, y))
        | Mul, Negated x, Negated y -> node (Operation.Zip(Mul, x, y))
        | _, Repeated s, Repeated t -> node (Operation.Broadcast(zip f s t, n))
        | _, Repeated s, Value c -> node (Operation.Broadcast(zip f s (scalar c), n))
        | _, Value c, Repeated s -> node (Operation.Broadcast(zip f (scalar c) s, n))
        | _ -> node (Operation.Zip(f, a, b))

    /// Σ_i x_i, a scalar.
    let sum (x: Expr) =
        match x with
        | Value c -> scalar (c * float x.Length)
        | Repeated s -> zip Mul s (scalar (float x.Length))
        | _ when x.Length = 1 -> x
        | _ -> node (Operation.Sum x)

    /// Σ_i a_i b_i, a scalar, of two vectors of equal length.
    let dot (a: Expr) (b: Expr) =
        let operation = Operation.Dot(a, b)
        lengthOf operation |> ignore

        match a, b with
        | Value 0.0, _
        | _, Value 0.0 -> scalar 0.0
        | _ when a.Length = 1 -> zip Mul a b
        | Repeated s, x
        | x, Repeated s -> zip Mul s (sum x)
        | Value c, x
        | x, Value c -> zip Mul (scalar c) (sum x)
        | _ -> node operation

    /// The scalar `s` in each of `length` elements.
    let broadcast length (s: Expr) =
        let operation = Operation.Broadcast(s, length)
        lengthOf operation |> ignore

        match s with
        | _ when length = 1 -> s
        | Value c -> constant length c
        | _ -> node operation

    /// Scalar times vector.
    let scale (s: Expr) (x: Expr) = zip Mul (broadcast x.Length s) x

    /// Elements start .. start + length − 1 of `x`.
    let rec slice start length (x: Expr) =
        let operation = Operation.Slice(x, start, length)
        lengthOf operation |> ignore

        let rec within (pieces: Expr list) offset =
            match pieces with
            | piece :: _ when start >= offset && start + length <= offset + piece.Length ->
                Some(slice (start - offset) length piece)
            | piece :: rest when offset + piece.Length <= start -> within rest (offset + piece.Length)
            | _ -> None

        match x.Node with
        | _ when length = x.Length -> x
        | Node.Constant c -> constant length c
        | Node.Computed(Operation.Broadcast(s, _)) -> broadcast length s
        | Node.Computed(Operation.Concat pieces) ->
            within (List.ofArray pieces) 0 |> Option.defaultWith (fun () -> node operation)
        | Node.Computed(Operation.Slice(y, offset, _)) -> slice (offset + start) length y
        | _ -> node operation

    /// The pieces one after the other; at least one.
    let concat (pieces: Expr list) =
        let operation = Operation.Concat(Array.ofList pieces)
        let length = lengthOf operation

        let isConstant c piece =
            match piece with
            | Value(other: float) -> other.Equals c
            | _ -> false

        match pieces with
        | [ piece ] -> piece
        | Value c :: rest when List.forall (isConstant c) rest -> constant length c
        | _ -> node operation

    /// Mᵀx, x [Rows] to [Columns].
    let apply (m: Matrix) (x: Expr) =
        let operation = Operation.Apply(m, x)
        let length = lengthOf operation
        if x.IsZero then zero length else node operation

    /// M v, v [Columns] to [Rows].
    let applyT (m: Matrix) (v: Expr) =
        let operation = Operation.ApplyT(m, v)
        let length = lengthOf operation
        if v.IsZero then zero length else node operation

    /// The result of an operation, by its builder.
    let internal build (operation: Operation<Expr, Matrix>) : Expr =
        match operation with
        | Operation.Map(f, x) -> map f x
        | Operation.Zip(f, a, b) -> zip f a b
        | Operation.Sum x -> sum x
        | Operation.Dot(a, b) -> dot a b
        | Operation.Broadcast(s, length) -> broadcast length s
        | Operation.Slice(x, start, length) -> slice start length x
        | Operation.Concat pieces -> concat (List.ofArray pieces)
        | Operation.Apply(m, x) -> apply m x
        | Operation.ApplyT(m, v) -> applyT m v

    /// −x, elementwise.
    let neg x = map Neg x
    /// eˣ, elementwise.
    let exp x = map Exp x
    /// ln x, elementwise.
    let log x = map Log x
    /// √x, elementwise.
    let sqrt x = map Sqrt x
    /// tanh x, elementwise.
    let tanh x = map Tanh x
    /// 1/(1 + e⁻ˣ), elementwise.
    let sigmoid x = map Sigmoid x
    /// max(x, 0), elementwise.
    let relu x = map Relu x
    /// 1 where x > 0, else 0, elementwise.
    let heaviside x = map Heaviside x
    /// The larger of a and b, elementwise.
    let max a b = zip Max a b
    /// The smaller of a and b, elementwise.
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
    let internal operands (e: Expr) : Expr list =
        match e.Node with
        | Node.Alias x -> [ x ]
        | Node.Computed operation -> List.ofArray operation.Operands
        | _ -> []

    /// Every node that the roots depend on, operands before users, each once. The order depends on the graph alone.
    let internal inOrder (roots: Expr seq) : Expr list =
        let seen = HashSet<Expr>(HashIdentity.Reference)
        let order = ResizeArray<Expr>()
        let pending = Stack<struct (Expr * bool)>()

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

    /// a + b, elementwise.
    static member (+)(a: Expr, b: Expr) = Expr.zip Add a b
    /// a − b, elementwise.
    static member (-)(a: Expr, b: Expr) = Expr.zip Sub a b
    /// The elementwise product a ∘ b.
    static member (*)(a: Expr, b: Expr) = Expr.zip Mul a b
    /// a / b, elementwise.
    static member (/)(a: Expr, b: Expr) = Expr.zip Div a b
    /// −a.
    static member (~-)(a: Expr) = Expr.neg a

    /// A number times x.
    static member (*)(s: float, x: Expr) =
        Expr.zip Mul (Expr.constant x.Length s) x

    /// A number minus each element of x.
    static member (-)(s: float, x: Expr) =
        Expr.zip Sub (Expr.constant x.Length s) x

    /// Each element of x plus a number.
    static member (+)(x: Expr, s: float) =
        Expr.zip Add x (Expr.constant x.Length s)
