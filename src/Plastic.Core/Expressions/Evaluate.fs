namespace Plastic.Core

open System.Collections.Generic

/// Values for the leaves of an expression.
type internal Bindings =
    {
        /// Inputs and parameters by name.
        Vectors: IReadOnlyDictionary<string, float[]>
        /// Matrices by name, row-major [Rows × Columns].
        Matrices: IReadOnlyDictionary<string, float[]>
    }

/// The value of an expression, node by node in float64: what gradient checks compare against.
[<RequireQualifiedAccess>]
module internal Evaluate =
    /// The values of several roots, computed together. Raises KeyNotFoundException for an unbound leaf.
    let many (bindings: Bindings) (roots: Expr list) : float[] list =
        let matrix (m: Matrix) : MatrixValues =
            {
                Rows = m.Rows
                Columns = m.Columns
                Values = bindings.Matrices[m.Name]
            }

        let known = Dictionary<Expr, float[]>(HashIdentity.Reference)

        for e in Expr.inOrder roots do
            known[e] <-
                match e.Node with
                | Node.Input name
                | Node.Parameter name -> bindings.Vectors[name]
                | Node.Constant c -> Array.create e.Length c
                | Node.Alias x -> known[x]
                | Node.Computed operation ->
                    operation
                    |> Operation.map (fun x -> known[x]) matrix
                    |> Operation.value e.Length

        roots |> List.map (fun root -> known[root])

    /// The value of one expression.
    let one bindings root : float[] = many bindings [ root ] |> List.head
