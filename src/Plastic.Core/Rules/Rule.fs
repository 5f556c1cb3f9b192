namespace Plastic.Core

/// A plastic layer as a rule sees it within one step of one sample.
type Activity =
    {
        /// The synapse, [n × m]; as a matrix to differentiate by it stands for F as well as for W.
        Synapse: Matrix
        /// What came in, [n].
        Pre: Expr
        /// What the layer's units did with it, [m], after their nonlinearity.
        Post: Expr
        /// The fast bias f [m] at the start of the step; zero where biases do not learn.
        FastBias: Expr
        /// The learning rates α of the biases, [m].
        BiasAlpha: Expr
    }

/// All that a rule may use.
type Plasticity =
    {
        /// The plastic layers, in their order.
        Layers: Activity list
        /// The inner loss L of this step, a scalar function of the network's own outputs.
        InnerLoss: Expr
        /// The network's last output m, a scalar, where it drives plasticity.
        Modulator: Expr option
        /// What the rules' settings hold; a rule reads its own.
        Values: RuleValues
    }

    /// What a setting of the rule holds: a number (infinity for no bound), or whether a switch is on.
    member seen.Value(setting: RuleSetting<'T>) : 'T = seen.Values.Value setting

/// How one layer learns at this step.
type Learning =
    {
        /// The update of the layer's fast weights.
        Update: Update
        /// The fast bias at the next step, [m]; None where biases do not learn.
        Bias: Expr option
    }

/// What a rule makes of a step.
type Learned =
    {
        /// One per layer, in their order.
        Layers: Learning list
        /// The inner learning rate, a scalar to look at.
        Rate: Expr
        /// What is forgotten in a step, a scalar to look at.
        Decay: Expr
    }

/// A plasticity rule: a pure function from what the layers did to how their fast weights change.
type Rule =
    {
        /// On the command line and in files: letters, digits and '_'.
        Name: string
        /// One line for lists.
        Summary: string
        /// What changes, as an equation.
        Equation: string
        /// Where the rule comes from.
        Source: string
        /// Whether biases learn too.
        LearnsBiases: bool
        /// k of U(−k, k), where α starts at random.
        AlphaSpread: float
        /// Whether the rule is driven by the network's last output, so modulation must be on.
        NeedsModulator: bool
        /// The setting that bounds its traces; None where nothing does.
        TraceBound: RuleSetting<float> option
        /// The settings that it reads, in the order in which they are shown.
        Settings: RuleSetting list
        /// Vectors of the rule's own that are trained; it reads them as Expr.parameter name. Where they start may depend on
        /// its settings.
        Parameters: RuleValues -> Parameter list
        /// None for a network that does not learn within the episode.
        Learn: (Plasticity -> Learned) option
    }

    /// Whether anything changes within the episode.
    member r.IsPlastic = r.Learn.IsSome
