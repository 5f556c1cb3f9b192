namespace Plastic.Core

open System

/// Raised when an expression is built from operands of the wrong lengths.
[<Sealed>]
type ShapeException(operation: string, expected: string, actual: string) =
    inherit ArgumentException($"{operation}: expected {expected}, got {actual}")
    /// The operation that was being built.
    member _.Operation = operation

/// The connections of one synapse, [Rows × Columns] from pre to post. Within a step it stands for the effective weights
/// W + F; an unrolled episode also uses W and α alone.
type Matrix =
    {
        Name: string
        /// Number of presynaptic units n.
        Rows: int
        /// Number of postsynaptic units m.
        Columns: int
    }

/// Elementwise functions of one vector.
type Unary =
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
type Binary =
    | Add
    | Sub
    | Mul
    | Div
    /// b where a < b, else a (a NaN in a survives).
    | Max
    /// b where b < a, else a (a NaN in a survives).
    | Min

/// The meaning of the elementwise functions in float64, shared by constant folding and the reference interpreter.
module Scalar =
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

    let binary f (a: float) (b: float) =
        match f with
        | Add -> a + b
        | Sub -> a - b
        | Mul -> a * b
        | Div -> a / b
        | Max -> if a < b then b else a
        | Min -> if b < a then b else a

    let dot (a: float[]) (b: float[]) =
        Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b
