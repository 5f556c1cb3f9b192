namespace Plastic.Core

open System.Collections.Generic

/// Values for the leaves of an expression.
type Bindings =
    {
        /// Inputs and parameters by name.
        Vectors: IReadOnlyDictionary<string, float[]>
        /// Matrices by name, row-major [Rows × Columns].
        Matrices: IReadOnlyDictionary<string, float[]>
    }

/// The value of an expression, node by node in float64: what gradient checks compare against.
[<RequireQualifiedAccess>]
module Evaluate =
    let private product (m: Matrix) (values: float[]) transposed (x: float[]) =
        let at i j = values[i * m.Columns + j]

        if transposed then
            Array.init m.Rows (fun i -> Seq.sum (Seq.mapi (fun j v -> at i j * v) x))
        else
            Array.init m.Columns (fun j -> Seq.sum (Seq.mapi (fun i v -> at i j * v) x))

    /// The values of several roots, computed together. Raises KeyNotFoundException for an unbound leaf.
    let many (bindings: Bindings) (roots: Expr list) : float[] list =
        let known = Dictionary<Expr, float[]>(HashIdentity.Reference)

        for e in Expr.inOrder roots do
            known[e] <-
                match e.Op with
                | Op.Input name
                | Op.Parameter name -> bindings.Vectors[name]
                | Op.Constant c -> Array.create e.Length c
                | Op.Alias x -> known[x]
                | Op.Map(f, x) -> Array.map (Scalar.unary f) (known[x])
                | Op.Zip(f, a, b) -> Array.map2 (Scalar.binary f) (known[a]) (known[b])
                | Op.Sum x -> [| Array.sum (known[x]) |]
                | Op.Dot(a, b) -> [| Scalar.dot (known[a]) (known[b]) |]
                | Op.Broadcast s -> Array.create e.Length (known[s][0])
                | Op.Slice(x, start) -> Array.sub (known[x]) start e.Length
                | Op.Concat pieces -> Array.concat (pieces |> List.map (fun x -> known[x]))
                | Op.Apply(m, x) -> product m (bindings.Matrices[m.Name]) false (known[x])
                | Op.ApplyT(m, v) -> product m (bindings.Matrices[m.Name]) true (known[v])

        roots |> List.map (fun root -> known[root])

    /// The value of one expression.
    let one bindings root : float[] = many bindings [ root ] |> List.head
