namespace Plastic.Core

/// How a parameter starts.
type Initial =
    /// Every element the same.
    | Fill of float
    /// Each element from U(−bound, bound).
    | Uniform of bound: float

/// A named array that training may change.
type Parameter =
    {
        Name: string
        /// [n; m] for a matrix (row-major, pre × post), [n] for a vector.
        Shape: int[]
        /// False where the values stay as they were initialised.
        Trained: bool
        Initial: Initial
    }

    member p.Size = Array.fold (*) 1 p.Shape

/// How a synapse's fast weights F [n, m] change at the end of a step:
/// F' = clamp(keep·F + Σ_k rate·α∘(p_k ⊗ q_k), ±Bound), α the synapse's learning rate per connection (or 1).
type Update =
    {
        /// Scalar: what remains of F, 1 − λ.
        Keep: Expr
        /// Scalar: η after clipping.
        Rate: Expr
        /// The direction: p_k [n] from pre, q_k [m] from post.
        Pairs: (Expr * Expr) list
        /// Largest magnitude of an element of F; infinity for none.
        Bound: float
    }

/// One layer's connections: slow W [n, m], and, where it learns, fast F (zero at the start of an episode) and α.
type Synapse =
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
type State = { Name: string; Next: Expr }

/// One time step of one sample. This is the whole description of a network: everything else is derived from it.
type Step =
    {
        States: State list
        Synapses: Synapse list
        /// Named values that a caller may read at every step.
        Outputs: (string * Expr) list
        /// Scalar: what this step adds to the batch's loss.
        Loss: Expr
        Parameters: Parameter list
        /// Episodes in a batch B. Loss, and an inner loss over the batch, are written for this many.
        Batch: int
    }
