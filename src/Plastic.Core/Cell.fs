namespace Plastic.Core

/// The recurrent cell.
type Cell =
    /// h' = relu(recurrent(h) + cell(e)).
    | Rnn
    /// i, f, g, o = recurrent(h) + cell(e); c' = σ(f)c + σ(i)tanh(g); h' = σ(o)tanh(c').
    | Lstm

/// One layer: y = x(W + F) + (b + f).
type internal Layer =
    {
        Matrix: Matrix
        /// b [m].
        Bias: Expr
        /// f [m]; None in a network that does not learn.
        FastBias: Expr option
    }

    member layer.Forward(x: Expr) =
        let bias =
            match layer.FastBias with
            | Some fast -> layer.Bias + fast
            | None -> layer.Bias

        Expr.apply layer.Matrix x + bias

/// What a cell's step gives.
type internal Advance =
    {
        /// The new h, before any layer norm.
        Hidden: Expr
        /// The new c of an LSTM.
        Memory: Expr option
        /// The postsynaptic activity of both gate layers.
        Post: Expr
    }

module internal Cell =
    /// Columns of a gate layer per hidden unit.
    let gates cell =
        match cell with
        | Rnn -> 1
        | Lstm -> 4

    let advance cell (recurrent: Layer) (input: Layer) (h: Expr) (c: Expr) (e: Expr) =
        let drive = recurrent.Forward h + input.Forward e

        match cell with
        | Rnn ->
            let next = Expr.relu drive

            {
                Hidden = next
                Memory = None
                Post = next
            }
        | Lstm ->
            let gate k =
                Expr.slice (k * h.Length) h.Length drive

            let i, f = Expr.sigmoid (gate 0), Expr.sigmoid (gate 1)
            let g, o = Expr.tanh (gate 2), Expr.sigmoid (gate 3)
            let memory = f * c + i * g

            {
                Hidden = o * Expr.tanh memory
                Memory = Some memory
                Post = Expr.concat [ i; f; g; o ]
            }
