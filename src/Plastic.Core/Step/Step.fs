namespace Plastic.Core

/// How a parameter is initialised.
[<RequireQualifiedAccess>]
type Initial =
    /// Every element the same.
    | Fill of float
    /// Each element from U(−bound, bound).
    | Uniform of bound: float
    /// Each element from N(0, deviation²).
    | Normal of deviation: float

/// A named array that training may change.
type Parameter =
    {
        /// Unique in the network: "layer.weight", "layer.bias", "layer.weight.alpha" and so on.
        Name: string
        /// [n; m] for a matrix (row-major, pre × post), [n] for a vector.
        Shape: int[]
        /// False if the parameter keeps its initial values.
        Trained: bool
        /// The distribution of the initial values.
        Initial: Initial
    }

    /// Number of elements.
    member p.Size = Array.fold (*) 1 p.Shape

/// The bound on a synapse's fast weights.
[<RequireQualifiedAccess>]
type Bound =
    /// No bound.
    | Free
    /// F within ±limit, α inside: F' = clamp(keep∘F + rate·α∘D).
    | Weights of limit: float
    /// The trace H within ±limit, α outside: H' = clamp(keep∘H + rate·D), F = α∘H.
    | Trace of limit: float

    /// Infinity for none.
    member internal b.Limit =
        match b with
        | Bound.Free -> infinity
        | Bound.Weights limit
        | Bound.Trace limit -> limit

    /// Whether α is outside, so that the state is a trace H and F = α∘H.
    member internal b.IsOnTrace =
        match b with
        | Bound.Trace _ -> true
        | Bound.Free
        | Bound.Weights _ -> false

/// Bounds of limits that may be infinite.
[<RequireQualifiedAccess>]
module Bound =
    /// A bound on F; none where the limit is infinity.
    let weights limit =
        if System.Double.IsPositiveInfinity limit then
            Bound.Free
        else
            Bound.Weights limit

    /// A bound on the trace; none where the limit is infinity.
    let trace limit =
        if System.Double.IsPositiveInfinity limit then
            Bound.Free
        else
            Bound.Trace limit

/// The eligibility trace E [n, m] of a synapse, zero at the start of an episode: E' = keep·E + rate·Σ_k p_k ⊗ q_k.
type Eligibility =
    {
        /// Scalar.
        Keep: Expr
        /// Scalar.
        Rate: Expr
    }

/// How a synapse's fast weights F [n, m] change at the end of a step, α its learning rate per connection (or 1). Without
/// a bound F' = keep∘F + rate·α∘D, where D = Σ_k p_k ⊗ q_k or, with an eligibility trace, D = E as it was before this
/// step's change. Since then F = α∘H with H' = keep∘H + rate·D, it makes no difference whether α is inside the update
/// or outside the trace; with a bound it does.
type Update =
    {
        /// The fraction of F that remains: scalar, or [m], a value per output.
        Keep: Expr
        /// Scalar: the factor of D.
        Rate: Expr
        /// p_k [n] from pre, q_k [m] from post.
        Pairs: (Expr * Expr) list
        /// None for an update that adds its pairs at once.
        Eligibility: Eligibility option
        /// The bound on F, or on the trace.
        Bound: Bound
    }

    /// Everything that the step computes for the update.
    member internal u.Operands =
        [
            u.Keep
            u.Rate
            match u.Eligibility with
            | Some e ->
                e.Keep
                e.Rate
            | None -> ()
            for p, q in u.Pairs do
                p
                q
        ]

/// One layer's connections: slow W [n, m] and, if it learns, fast F (zero at the start of an episode) and α.
type internal Synapse =
    {
        Matrix: Matrix
        /// The parameter that holds W.
        Weight: string
        /// The parameter that holds α; None for α = 1.
        Alpha: string option
        /// None for a synapse that does not learn.
        Update: Update option
    }

/// A vector carried from step to step, zero at the start of an episode; the step reads it as Expr.input Name.
type internal State = { Name: string; Next: Expr }

/// One time step of one sample. This is the whole description of a network: everything else is derived from it.
type internal Step =
    {
        States: State list
        Synapses: Synapse list
        /// Named values that a caller may read at every step.
        Outputs: (string * Expr) list
        /// Scalar: the step's contribution to the batch's loss.
        Loss: Expr
        Parameters: Parameter list
        /// Episodes in a batch B. The loss, and an inner loss over the batch, are means over this many.
        Batch: int
    }
