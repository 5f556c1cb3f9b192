namespace Plastic.Core

/// A plastic layer as a rule sees it within one step of one sample.
type Activity =
    {
        /// The synapse, [n × m]; as a matrix to differentiate by it stands for F as well as for W.
        Synapse: Matrix
        /// The fast bias f [m] at the start of the step.
        FastBias: Expr
        /// What came in, [n].
        Pre: Expr
        /// What the layer's units did with it, [m], after their nonlinearity.
        Post: Expr
    }

/// The direction G in which one layer learns at this step, before η and α.
type Direction =
    {
        /// Of F: Σ p ⊗ q, p [n], q [m].
        Pairs: (Expr * Expr) list
        /// Of f, [m].
        Bias: Expr
    }

/// All that a rule may use.
type Plasticity =
    {
        Layers: Activity list
        /// The self-made loss L of this step, a scalar of the network's own outputs.
        InnerLoss: Expr
    }

/// A plasticity rule: a pure function from what the layers did to the directions in which they learn, one per layer and
/// in their order. The network turns directions into updates: it clips their common norm, scales by η and α and decays
/// by λ.
type Rule =
    {
        Name: string
        /// One line for lists.
        Summary: string
        /// The direction as an equation.
        Equation: string
        /// Where the rule comes from.
        Source: string
        /// None for a network that does not learn within the episode.
        Directions: (Plasticity -> Direction list) option
    }
