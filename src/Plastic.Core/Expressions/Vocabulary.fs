namespace Plastic.Core

open System

/// Raised when an expression, a step or a batch is built from parts of the wrong sizes.
[<Sealed>]
type ShapeException(operation: string, expected: string, actual: string) =
    inherit ArgumentException($"{operation}: expected {expected}, got {actual}")
    /// The operation that was being built.
    member _.Operation = operation

/// The connections of one synapse, [Rows × Columns] from pre to post. Within a step it stands for the effective weights
/// W + F; an unrolled episode also uses W and α alone.
type Matrix =
    {
        /// The layer's name.
        Name: string
        /// Number of presynaptic units n.
        Rows: int
        /// Number of postsynaptic units m.
        Columns: int
    }

/// Vectors and row-major matrices as plain arrays of float64.
module internal Dense =
    /// ⟨a, b⟩.
    let dot (a: float[]) (b: float[]) =
        Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b

    /// Mᵀx; M_ij at [i * columns + j].
    let apply (m: float[]) rows columns (x: float[]) =
        Array.init columns (fun j -> Seq.sum (seq { for i in 0 .. rows - 1 -> m[i * columns + j] * x[i] }))

    /// M v.
    let applyT (m: float[]) rows columns (v: float[]) =
        Array.init rows (fun i -> Seq.sum (seq { for j in 0 .. columns - 1 -> m[i * columns + j] * v[j] }))

    /// p ⊗ q.
    let outer (p: float[]) (q: float[]) =
        Array.init (p.Length * q.Length) (fun k -> p[k / q.Length] * q[k % q.Length])

    /// total ← total + share.
    let addInto (total: float[]) (share: float[]) =
        for k in 0 .. total.Length - 1 do
            total[k] <- total[k] + share[k]
