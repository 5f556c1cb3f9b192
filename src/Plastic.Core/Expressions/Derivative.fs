namespace Plastic.Core

/// What one use of a value adds to its cotangent: a full vector, or the range that a slice read.
type internal Share =
    | Whole of Expr
    | Stretch of start: int * Expr

/// The derivative of every operation, as expressions.
[<RequireQualifiedAccess>]
module internal Derivative =
    /// What the operands of y = operation receive when y receives ȳ = `bar`: the vector–Jacobian products, one per use.
    let pullback (y: Expr) (bar: Expr) (operation: Operation<Expr, Matrix>) : (Expr * Share) list =
        match operation with
        | Operation.Map(Neg, x) -> [ x, Whole(-bar) ]
        | Operation.Map(Exp, x) -> [ x, Whole(bar * y) ]
        | Operation.Map(Log, x) -> [ x, Whole(bar / x) ]
        | Operation.Map(Sqrt, x) -> [ x, Whole(bar / (y + y)) ]
        | Operation.Map(Tanh, x) -> [ x, Whole(bar * (1.0 - y * y)) ]
        | Operation.Map(Sigmoid, x) -> [ x, Whole(bar * (y * (1.0 - y))) ]
        | Operation.Map(Relu, x) -> [ x, Whole(bar * Expr.heaviside x) ]
        | Operation.Map(Heaviside, _) -> []
        | Operation.Zip(Add, a, b) -> [ a, Whole bar; b, Whole bar ]
        | Operation.Zip(Sub, a, b) -> [ a, Whole bar; b, Whole(-bar) ]
        | Operation.Zip(Mul, a, b) -> [ a, Whole(bar * b); b, Whole(bar * a) ]
        | Operation.Zip(Div, a, b) -> [ a, Whole(bar / b); b, Whole(-(bar / b) * y) ]
        | Operation.Zip(Max, a, b) ->
            let second = Expr.heaviside (b - a)
            [ a, Whole(bar * (1.0 - second)); b, Whole(bar * second) ]
        | Operation.Zip(Min, a, b) ->
            let second = Expr.heaviside (a - b)
            [ a, Whole(bar * (1.0 - second)); b, Whole(bar * second) ]
        | Operation.Sum x -> [ x, Whole(Expr.broadcast x.Length bar) ]
        | Operation.Dot(a, b) -> [ a, Whole(Expr.scale bar b); b, Whole(Expr.scale bar a) ]
        | Operation.Broadcast(s, _) -> [ s, Whole(Expr.sum bar) ]
        | Operation.Slice(x, start, _) -> [ x, Stretch(start, bar) ]
        | Operation.Concat pieces ->
            let starts = pieces |> Array.scan (fun at piece -> at + piece.Length) 0

            [
                for k in 0 .. pieces.Length - 1 -> pieces[k], Whole(Expr.slice starts[k] pieces[k].Length bar)
            ]
        | Operation.Apply(m, x) -> [ x, Whole(Expr.applyT m bar) ]
        | Operation.ApplyT(m, v) -> [ v, Whole(Expr.apply m bar) ]

    /// What the use of a matrix adds to the matrix's cotangent: the pair (p, q) of p ⊗ q.
    let pair (bar: Expr) (operation: Operation<Expr, Matrix>) : (Matrix * (Expr * Expr)) option =
        match operation with
        | Operation.Apply(m, x) -> Some(m, (x, bar))
        | Operation.ApplyT(m, v) -> Some(m, (bar, v))
        | _ -> None
