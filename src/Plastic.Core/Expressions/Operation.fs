namespace Plastic.Core

open System

/// Elementwise functions of one vector.
type internal Unary =
    | Neg
    | Exp
    | Log
    | Sqrt
    | Tanh
    | Sigmoid
    /// max(x, 0); NaN stays NaN.
    | Relu
    /// 1 where x > 0, else 0: the derivative of Relu.
    | Heaviside

/// Elementwise functions of two vectors of equal length.
type internal Binary =
    | Add
    | Sub
    | Mul
    | Div
    /// b where a < b, else a (a NaN in a survives).
    | Max
    /// b where b < a, else a (a NaN in a survives).
    | Min

/// Every operation that there is. Operands are expressions in a graph, slots in a Program, places in memory in an engine;
/// matrices are named in a graph and numbered in a Program.
[<RequireQualifiedAccess>]
type internal Operation<'operand, 'matrix> =
    /// f(x_i).
    | Map of f: Unary * x: 'operand
    /// f(a_i, b_i). In a Program an operand of length 1 counts for every element.
    | Zip of f: Binary * a: 'operand * b: 'operand
    /// Σ_i x_i, a scalar.
    | Sum of x: 'operand
    /// Σ_i a_i b_i, a scalar.
    | Dot of a: 'operand * b: 'operand
    /// A scalar in each of `length` elements.
    | Broadcast of x: 'operand * length: int
    /// Elements start .. start + length − 1.
    | Slice of x: 'operand * start: int * length: int
    /// The pieces one after the other.
    | Concat of pieces: 'operand[]
    /// Mᵀx: from pre to post.
    | Apply of matrix: 'matrix * x: 'operand
    /// M v: from post to pre.
    | ApplyT of matrix: 'matrix * v: 'operand

    /// The operands in order.
    member this.Operands: 'operand[] =
        match this with
        | Map(_, x)
        | Sum x
        | Broadcast(x, _)
        | Slice(x, _, _)
        | Apply(_, x)
        | ApplyT(_, x) -> [| x |]
        | Zip(_, a, b)
        | Dot(a, b) -> [| a; b |]
        | Concat pieces -> pieces

    /// The same operation on other operands, which are computed in order, and other matrices.
    member this.With(operand: Func<'operand, 'b>, matrix: Func<'matrix, 'n>) : Operation<'b, 'n> =
        let on x = operand.Invoke x

        match this with
        | Map(f, x) -> Operation.Map(f, on x)
        | Zip(f, a, b) ->
            let a = on a
            Operation.Zip(f, a, on b)
        | Sum x -> Operation.Sum(on x)
        | Dot(a, b) ->
            let a = on a
            Operation.Dot(a, on b)
        | Broadcast(x, length) -> Operation.Broadcast(on x, length)
        | Slice(x, start, length) -> Operation.Slice(on x, start, length)
        | Concat pieces -> Operation.Concat(Array.map on pieces)
        | Apply(m, x) -> Operation.Apply(matrix.Invoke m, on x)
        | ApplyT(m, v) -> Operation.ApplyT(matrix.Invoke m, on v)

    /// The name for messages.
    member this.Name =
        match this with
        | Map(f, _) -> string f
        | Zip(f, _, _) -> string f
        | Sum _ -> "Sum"
        | Dot _ -> "Dot"
        | Broadcast _ -> "Broadcast"
        | Slice _ -> "Slice"
        | Concat _ -> "Concat"
        | Apply _ -> "Apply"
        | ApplyT _ -> "ApplyT"

/// The values of a matrix, row-major.
type internal MatrixValues =
    {
        Rows: int
        Columns: int
        Values: float[]
    }

/// What every operation has but its derivative, which is in Derivative.fs.
[<RequireQualifiedAccess>]
module internal Operation =
    /// The same operation on other operands, which are computed in order, and other matrices.
    let map (operand: 'a -> 'b) (matrix: 'm -> 'n) (operation: Operation<'a, 'm>) : Operation<'b, 'n> =
        operation.With((fun x -> operand x), (fun m -> matrix m))

    let private require operation holds expected (actual: string) =
        if not holds then
            raise (ShapeException(operation, expected, actual))

    /// The length of an operation's result in a graph. Raises ShapeException when the operands do not fit.
    let length (lengthOf: 'a -> int) (operation: Operation<'a, Matrix>) : int =
        let sameLength name a b =
            require name (lengthOf a = lengthOf b) "operands of equal length" $"{lengthOf a} and {lengthOf b}"

        match operation with
        | Operation.Map(_, x) -> lengthOf x
        | Operation.Zip(f, a, b) ->
            sameLength (string f) a b
            lengthOf a
        | Operation.Sum _ -> 1
        | Operation.Dot(a, b) ->
            sameLength "dot" a b
            1
        | Operation.Broadcast(x, length) ->
            require "broadcast" (lengthOf x = 1) "a scalar" $"length {lengthOf x}"
            require "broadcast" (length >= 1) "a length of at least 1" (string length)
            length
        | Operation.Slice(x, start, length) ->
            require
                "slice"
                (start >= 0 && length >= 1 && start + length <= lengthOf x)
                $"a range within 0..{lengthOf x - 1}"
                $"start {start}, length {length}"

            length
        | Operation.Concat pieces ->
            require "concat" (pieces.Length > 0) "at least one piece" "none"
            Array.sumBy lengthOf pieces
        | Operation.Apply(m, x) ->
            require $"apply {m.Name}" (lengthOf x = m.Rows) $"length {m.Rows}" (string (lengthOf x))
            m.Columns
        | Operation.ApplyT(m, v) ->
            require $"applyT {m.Name}" (lengthOf v = m.Columns) $"length {m.Columns}" (string (lengthOf v))
            m.Rows

    /// The meaning of an elementwise function of one number.
    let unary f (x: float) =
        match f with
        | Neg -> -x
        | Exp -> Math.Exp x
        | Log -> Math.Log x
        | Sqrt -> Math.Sqrt x
        | Tanh -> Math.Tanh x
        | Sigmoid -> 1.0 / (1.0 + Math.Exp(-x))
        | Relu -> if x < 0.0 then 0.0 else x
        | Heaviside -> if x > 0.0 then 1.0 else 0.0

    /// The meaning of an elementwise function of two numbers.
    let binary f (a: float) (b: float) =
        match f with
        | Add -> a + b
        | Sub -> a - b
        | Mul -> a * b
        | Div -> a / b
        | Max -> if a < b then b else a
        | Min -> if b < a then b else a

    /// The meaning of an operation in float64: its result, of the given length, from the values of its operands.
    /// Evaluate and the reference interpreter take it from here; constant folding takes `unary` and `binary`.
    let value (length: int) (operation: Operation<float[], MatrixValues>) : float[] =
        match operation with
        | Operation.Map(f, x) -> Array.map (unary f) x
        | Operation.Zip(f, a, b) ->
            let at (x: float[]) i = if x.Length = 1 then x[0] else x[i]
            Array.init length (fun i -> binary f (at a i) (at b i))
        | Operation.Sum x -> [| Array.sum x |]
        | Operation.Dot(a, b) -> [| Dense.dot a b |]
        | Operation.Broadcast(x, length) -> Array.create length x[0]
        | Operation.Slice(x, start, length) -> Array.sub x start length
        | Operation.Concat pieces -> Array.concat pieces
        | Operation.Apply(m, x) -> Dense.apply m.Values m.Rows m.Columns x
        | Operation.ApplyT(m, v) -> Dense.applyT m.Values m.Rows m.Columns v
