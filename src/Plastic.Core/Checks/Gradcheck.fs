namespace Plastic.Core

open System.Collections.Generic

/// One derivative, compared with central differences.
type Check =
    {
        /// What is being checked together: "operations", "gradient × LSTM", …
        Group: string
        /// The case and the variable moved.
        Name: string
        /// 1 for a first derivative, 2 for a derivative of a derivative.
        Order: int
        /// The derivative that central differences give.
        Difference: float
        /// |derivative − difference|
        Error: float
        /// The largest error allowed: absolute + relative·|difference|, plus the effect of rounding on the difference.
        Bound: float
    }

    /// False also for an error that is NaN.
    member c.Passed = c.Error <= c.Bound

/// A leaf that a check perturbs: a vector, or all connections of a matrix.
[<RequireQualifiedAccess>]
type internal Variable =
    | Vector of leaves: Expr list
    | Connections of Matrix

    member v.Name =
        match v with
        | Variable.Vector leaves ->
            match leaves.Head.Node with
            | Node.Input name
            | Node.Parameter name -> name
            | _ -> invalidOp "a variable must be a leaf"
        | Variable.Connections m -> m.Name

/// Derivatives by law: along a random direction d, ⟨∇f(x), d⟩ is what (f(x + hd) − f(x − hd))/2h tends to. A
/// directional derivative is itself a scalar expression, so the same comparison serves every order.
[<RequireQualifiedAccess>]
module internal Gradcheck =
    /// The part of the bound that does not depend on the derivative's size.
    let absolute = 1e-7
    /// The part of the bound that is proportional to the derivative.
    let relative = 1e-5

    /// The rounding error of f relative to its magnitude: some tens of the machine epsilon of float64. Where an episode's loss is
    /// large, this limits how accurate f(h) − f(−h) can be.
    let private rounding = 32.0 / 4503599627370496.0

    /// A kink (relu, heaviside, max, min) spoils the difference only if h reaches across it; a wrong derivative spoils it
    /// at every h. So a check passes if it passes at one of these.
    let private steps = [ 1e-5; 1e-6; 1e-7; 1e-8 ]

    /// Compares a derivative at 0, which may be off by some slack, with the central differences of f there.
    let compareWithin (slack: float) group name order (f: float -> float) (derivative: float) : Check =
        let at h =
            let above, below = f h, f -h
            let difference = (above - below) / (2.0 * h)

            {
                Group = group
                Name = name
                Order = order
                Difference = difference
                Error = abs (derivative - difference)
                Bound =
                    slack
                    + absolute
                    + relative * abs difference
                    + rounding * max (abs above) (abs below) / h
            }

        let tried = steps |> Seq.map at |> Seq.cache

        match tried |> Seq.tryFind _.Passed with
        | Some passed -> passed
        | None -> Seq.head tried

    /// Compares a derivative at 0 with the central differences of f there.
    let compare group name order f derivative : Check =
        compareWithin 0.0 group name order f derivative

    /// The leaves and matrices of an expression, each once, in the order of the graph.
    let variables (roots: Expr seq) : Variable list =
        let order = Expr.inOrder roots

        let vectors =
            order
            |> List.filter (fun e ->
                match e.Node with
                | Node.Input _
                | Node.Parameter _ -> true
                | _ -> false)
            |> List.groupBy (fun e -> (Variable.Vector [ e ]).Name)
            |> List.map (snd >> Variable.Vector)

        let matrices =
            order
            |> List.choose (fun e ->
                match e.Node with
                | Node.Computed(Operation.Apply(m, _) | Operation.ApplyT(m, _)) -> Some m
                | _ -> None)
            |> List.distinct
            |> List.map Variable.Connections

        vectors @ matrices

    /// The name of a variable's direction.
    let private along tag name = $"{tag} of {name}"

    /// The contribution of each variable to the derivative of a scalar along the direction `tag`: ⟨∂root/∂v, d_v⟩ as an expression.
    let derivatives tag (variables: Variable list) (root: Expr) : (Variable * Expr) list =
        let leaves =
            variables
            |> List.collect (function
                | Variable.Vector leaves -> leaves
                | Variable.Connections _ -> [])

        let matrices =
            variables
            |> List.choose (function
                | Variable.Vector _ -> None
                | Variable.Connections m -> Some m)

        let bars = Diff.vjp [ root, Expr.scalar 1.0 ] leaves matrices

        variables
        |> List.map (fun v ->
            match v with
            | Variable.Vector leaves ->
                let bar = leaves |> List.map bars.Of |> List.reduce (+)
                v, Expr.dot bar (Expr.input (along tag v.Name) bar.Length)
            | Variable.Connections m ->
                let direction = { m with Name = along tag m.Name }

                v,
                bars.Pairs m
                |> List.map (fun (p, q) -> Expr.dot p (Expr.applyT direction q))
                |> List.fold (+) (Expr.scalar 0.0))

    /// Values of a leaf from its name and size: magnitudes of 0.3 to 1 with random signs, so that operations with a
    /// kink at zero start away from it.
    let private draw seed (name: string) size =
        let stream = RandomStream(Philox.key seed ("gradcheck " + name), 0L, 0)

        Array.init size (fun _ ->
            let sign = if stream.Below 2 = 0 then 1.0 else -1.0
            sign * stream.Uniform(0.3, 1.0))

    let private bind seed (variables: Variable seq) =
        let vectors, matrices = Dictionary<string, float[]>(), Dictionary<string, float[]>()

        for v in variables do
            match v with
            | Variable.Vector leaves -> vectors[v.Name] <- draw seed v.Name leaves.Head.Length
            | Variable.Connections m -> matrices[m.Name] <- draw seed ("matrix " + m.Name) (m.Rows * m.Columns)

        vectors, matrices

    /// Checks claimed derivatives of a scalar along the direction `tag`, one variable at a time, at a point and in
    /// directions drawn from the seed.
    let claims seed group name order tag (root: Expr) (claimed: (Variable * Expr) list) : Check list =
        // A variable that nothing depends on is checked too: its derivative must be zero.
        let vectors, matrices =
            bind seed (List.map fst claimed @ variables (root :: List.map snd claimed))

        let bindings: Bindings =
            {
                Vectors = vectors
                Matrices = matrices
            }

        let values = Evaluate.many bindings (List.map snd claimed)

        let shifted (values: Dictionary<string, float[]>) key (direction: float[]) h =
            let copy = Dictionary values
            copy[key] <- Array.map2 (fun x d -> x + h * d) values[key] direction
            copy

        List.zip claimed values
        |> List.map (fun ((v, _), derivative) ->
            let f h =
                let moved =
                    match v with
                    | Variable.Vector leaves ->
                        let d = draw seed (along tag v.Name) leaves.Head.Length

                        { bindings with
                            Vectors = shifted vectors v.Name d h
                        }
                    | Variable.Connections m ->
                        let d = draw seed ("matrix " + along tag m.Name) (m.Rows * m.Columns)

                        { bindings with
                            Matrices = shifted matrices m.Name d h
                        }

                (Evaluate.one moved root)[0]

            compare group $"{name}, {v.Name}" order f derivative[0])

    /// Checks the derivatives from Diff of a scalar with respect to each of the variables, first and second order.
    let expression seed group name (variables: Variable list) (root: Expr) : Check list =
        let first = derivatives "first" variables root
        let gradient = first |> List.map snd |> List.fold (+) (Expr.scalar 0.0)
        let second = derivatives "second" variables gradient

        claims seed group name 1 "first" root first
        @ claims seed group name 2 "second" gradient second
