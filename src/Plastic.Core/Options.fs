namespace Plastic.Core

open System
open System.Collections.Generic

/// How the learning rate α of each connection starts, and whether it is trained.
type AlphaMode =
    /// α = 1 everywhere, not trained.
    | Fixed
    /// Trained from 1.
    | Uniform
    /// Trained from −1.
    | NegativeUniform
    /// Trained from U(−1, 1), element by element.
    | Random

/// Over what the inner loss is averaged besides the outputs.
type InnerLossMean =
    /// Over the batch, as published: directions shrink as 1/B, so training and evaluation must share one batch size.
    | OverBatch
    /// Over nothing else: each sample has its own inner loss, whatever the batch.
    | PerSample

/// Raised when options describe no network; the message has one line per fault.
[<Sealed>]
type OptionsException(faults: string seq) =
    inherit ArgumentException(String.Join("; ", faults))
    member _.Faults = faults

/// Every choice of the network of Duan et al. 2023 (section 3 and appendix A). From C#, start from
/// NetworkOptions.Default and set what differs.
[<CLIMutable>]
type NetworkOptions =
    {
        Cell: Cell
        Rule: Rule
        /// Length of the input vector.
        Inputs: int
        /// Hidden units H.
        Hidden: int
        /// Length of the prediction y.
        Outputs: int
        /// Outputs beyond y that only the inner loss reads.
        Extra: int
        /// Whether a last output drives η and λ.
        Modulation: bool
        Alpha: AlphaMode
        /// p_lr ≥ 0: η = p_lr·2σ(m), or p_lr without modulation.
        InnerLearningRate: float
        /// p_wd ≥ 0: λ = p_wd·2σ(m), or p_wd without modulation.
        InnerWeightDecay: float
        /// Bound on the norm of all directions of a sample together, 1e-15 to 1e15; infinity for none.
        MaxInnerNorm: float
        /// Bound on the magnitude of each fast weight, > 0; infinity for none.
        WeightClip: float
        /// Layer norm of h (eps 1e-5), with trained weight and bias.
        LayerNorm: bool
        /// W and b stay at their initial values (a random network); the rest trains.
        FrozenWeights: bool
        InnerLoss: InnerLossMean
        /// Episodes in a batch B.
        Batch: int
    }

    /// The published defaults: RNN, gradient rule, 128 units, batch of 64.
    static member Default =
        {
            Cell = Rnn
            Rule = Rules.Gradient.rule
            Inputs = 16
            Hidden = 128
            Outputs = 1
            Extra = 4
            Modulation = true
            Alpha = Random
            InnerLearningRate = 0.1
            InnerWeightDecay = 0.1
            MaxInnerNorm = 1.0
            WeightClip = infinity
            LayerNorm = false
            FrozenWeights = false
            InnerLoss = OverBatch
            Batch = 64
        }

    /// All outputs of the network, D = outputs + extra + 1 if modulated.
    member o.FullOutputs = o.Outputs + o.Extra + (if o.Modulation then 1 else 0)

    /// What is wrong with the options, one line each; empty when they describe a network.
    member o.Faults: IReadOnlyList<string> =
        let atLeast low name value =
            if value < low then
                [ $"{name} must be at least {low}, not {value}" ]
            else
                []

        let rate name value =
            if Double.IsFinite value && value >= 0.0 then
                []
            else
                [ $"{name} must be a number ≥ 0, not {value}" ]

        [
            yield! atLeast 1 "inputs" o.Inputs
            yield! atLeast 1 "hidden" o.Hidden
            yield! atLeast 1 "outputs" o.Outputs
            yield! atLeast 0 "extra" o.Extra
            yield! atLeast 1 "batch" o.Batch
            yield! rate "inner learning rate" o.InnerLearningRate
            yield! rate "inner weight decay" o.InnerWeightDecay

            if
                not (o.MaxInnerNorm >= 1e-15 && o.MaxInnerNorm <= 1e15)
                && not (Double.IsPositiveInfinity o.MaxInnerNorm)
            then
                yield $"inner norm bound must be 1e-15 to 1e15 or infinity, not {o.MaxInnerNorm}"

            if not (o.WeightClip > 0.0) then
                yield $"weight clip must be > 0, not {o.WeightClip}"
        ]
