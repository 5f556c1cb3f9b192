namespace Plastic.Core

open System
open System.Collections.Generic

/// How the learning rate α of each connection starts, and whether it is trained.
[<RequireQualifiedAccess>]
type AlphaMode =
    /// α = 1 everywhere, not trained.
    | Fixed
    /// Trained from 1.
    | Uniform
    /// Trained from −1.
    | NegativeUniform
    /// Trained from U(−k, k), element by element; k is the rule's AlphaSpread, 1 as published by Duan et al.
    | Random
    /// One α for all connections of a layer and one for its biases, each trained from U(−k, k). Not with a bounded trace.
    | Shared

/// Where W, b and α start.
[<RequireQualifiedAccess>]
type Start =
    /// W and b ~ U(−k, k), k = scale/√m, and α by its mode (Duan et al. 2023, appendix A).
    | Scaled
    /// W, b and whatever of α is random ~ N(0, deviation²) (Miconi 2016).
    | Normal of deviation: float

/// What the network is trained to make small, at the steps that count.
type Loss =
    /// Mean over the outputs of (y − target)².
    | MeanSquaredError
    /// Sum over the outputs of (y − target)².
    | SquaredError
    /// −Σ target·log softmax(y).
    | CrossEntropy

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

/// Every choice of a network: those of Duan et al. 2023 (section 3 and appendix A), and of Miconi 2016 and what followed. From
/// C#, start from NetworkOptions.Default and set what differs.
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
        /// Whether a last output m drives plasticity: η and λ by 2σ(m), or M = tanh m.
        Modulation: bool
        Alpha: AlphaMode
        /// p_lr ≥ 0: η = p_lr·2σ(m), or p_lr without modulation.
        InnerLearningRate: float
        /// p_wd ≥ 0: λ = p_wd·2σ(m), or p_wd without modulation.
        InnerWeightDecay: float
        /// Bound on the norm of all directions of a sample together, 1e-15 to 1e15; infinity for none.
        MaxInnerNorm: float
        /// Bound on the magnitude of each fast weight of a rule with directions, > 0; infinity for none.
        WeightClip: float
        /// Bound on the magnitude of each trace that the network modulates, > 0; infinity for none.
        TraceClip: float
        /// What the trained rate η of a trace starts from, 0 to 1.
        TraceRate: float
        /// γ of bohp, 0 to 1: what remains of its trace after a step.
        TraceDecay: float
        /// Whether γ is trained, from TraceDecay.
        TrainsTraceDecay: bool
        /// Layer norm of h (eps 1e-5), with trained weight and bias; of recurrent cells.
        LayerNorm: bool
        /// Whether layers have biases.
        Biases: bool
        /// W and b stay at their initial values (a random network); the rest trains.
        FrozenWeights: bool
        Start: Start
        Loss: Loss
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
            Alpha = AlphaMode.Random
            InnerLearningRate = 0.1
            InnerWeightDecay = 0.1
            MaxInnerNorm = 1.0
            WeightClip = infinity
            TraceClip = 1.0
            TraceRate = 0.01
            TraceDecay = 0.98
            TrainsTraceDecay = false
            LayerNorm = false
            Biases = true
            FrozenWeights = false
            Start = Start.Scaled
            Loss = MeanSquaredError
            InnerLoss = OverBatch
            Batch = 64
        }

    /// All outputs of the network, D = outputs + extra + 1 if modulated.
    member o.FullOutputs = o.Outputs + o.Extra + (if o.Modulation then 1 else 0)

    /// The units: hidden ones, or the outputs where there are no others; an attractor's are its outputs, or its inputs where those
    /// are more.
    member o.Units =
        match o.Cell with
        | Rnn
        | Lstm
        | TwoLayer -> o.Hidden
        | SingleLayer -> o.FullOutputs
        | Attractor -> max o.Inputs o.FullOutputs

    /// The numbers that the rule may use.
    member o.Rates: Rates =
        {
            LearningRate = o.InnerLearningRate
            WeightDecay = o.InnerWeightDecay
            MaxNorm = o.MaxInnerNorm
            WeightClip = o.WeightClip
            TraceClip = o.TraceClip
            TraceRate = o.TraceRate
            TraceDecay = o.TraceDecay
            TrainsTraceDecay = o.TrainsTraceDecay
        }

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

            if not (o.TraceClip > 0.0) then
                yield $"trace clip must be > 0, not {o.TraceClip}"

            for name, value in [ "trace rate", o.TraceRate; "trace decay", o.TraceDecay ] do
                if not (value >= 0.0 && value <= 1.0) then
                    yield $"{name} must be 0 to 1, not {value}"

            match o.Start with
            | Start.Normal deviation when not (deviation > 0.0 && Double.IsFinite deviation) ->
                yield $"the deviation of initial values must be a number > 0, not {deviation}"
            | _ -> ()

            if o.Rule.NeedsModulator && not o.Modulation then
                yield $"rule {o.Rule.Name} is driven by the last output: modulation must be on"

            if o.Rule.BoundsTraces && o.Alpha = AlphaMode.Shared && Double.IsFinite o.TraceClip then
                yield
                    $"one α for a layer does not go with the bounded traces of {o.Rule.Name}: take another alpha or no trace clip"

            match o.Cell with
            | SingleLayer
            | TwoLayer
            | Attractor when o.LayerNorm -> yield "layer norm is of h in an RNN or LSTM"
            | _ -> ()
        ]
