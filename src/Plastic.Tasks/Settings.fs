namespace Plastic.Tasks

open Plastic.Core

/// How the learning rate goes on.
type Schedule =
    | Constant
    /// From lr to lr/10 along half a cosine, moved on once per line of metrics.jsonl (Duan et al. 2023, few-shot).
    | Cosine

/// How weights follow their gradient.
[<RequireQualifiedAccess>]
type OptimiserKind =
    | AdamW
    /// Steps bounded one by one, and penalties beside them (Miconi 2016).
    | RmsProp

/// The random functions of regression.
[<RequireQualifiedAccess>]
type FunctionKind =
    /// 12 variables, an affine map.
    | Linear
    /// 6 variables, two tanh units, an affine map.
    | Mlp

/// Every choice of one run, flat. What each means, its range and its name on the command line stand in Fields.
[<NoComparison>]
type Settings =
    {
        Task: string
        /// Standard deviation of the noise on what is shown (cuereward, regression).
        Noise: float
        /// Elements n of a sequence (seqreproduction).
        SequenceLength: int
        /// Steps m between a sequence and its reproduction (seqreproduction).
        Delay: int
        /// Pairs K that are shown (regression).
        Pairs: int
        Function: FunctionKind
        /// Bits of a pattern (patterns).
        Bits: int
        /// Patterns that are shown (patterns).
        Patterns: int
        /// How often all of them are shown (patterns).
        Cycles: int
        /// Steps that a pattern is shown (patterns).
        Shown: int
        /// Steps of nothing after it (patterns).
        Pause: int
        Cell: Cell
        Rule: string
        Hidden: int
        Extra: int
        Modulation: bool
        Alpha: AlphaMode
        InnerLearningRate: float
        InnerWeightDecay: float
        /// Infinity for none, as for the other bounds.
        MaxInnerNorm: float
        WeightClip: float
        TraceClip: float
        TraceRate: float
        Gamma: float
        TrainGamma: bool
        LayerNorm: bool
        Biases: bool
        FrozenWeights: bool
        /// Standard deviation of initial values; infinity for the published uniform ones.
        InitialDeviation: float
        InnerLoss: InnerLossMean
        Batch: int
        Optimiser: OptimiserKind
        LearningRate: float
        Schedule: Schedule
        WeightDecay: float
        Beta1: float
        Beta2: float
        AmsGrad: bool
        Epsilon: float
        MaxStep: float
        PenaltyL1: float
        PenaltyL2: float
        MaxGradientNorm: float
        MaxBatch: int
        /// Training batches at the end that change nothing.
        FreezeLast: int
        ValidateEvery: int
        ValidationBatches: int
        TestBatches: int
        LogEvery: int
        Seed: int64
    }

    /// The published defaults (Duan et al. 2023, appendix A).
    static member Default =
        {
            Task = "cuereward"
            Noise = 0.1
            SequenceLength = 20
            Delay = 20
            Pairs = 20
            Function = FunctionKind.Linear
            Bits = 50
            Patterns = 2
            Cycles = 1
            Shown = 3
            Pause = 1
            Cell = Rnn
            Rule = "gradient"
            Hidden = 128
            Extra = 4
            Modulation = true
            Alpha = AlphaMode.Random
            InnerLearningRate = 0.1
            InnerWeightDecay = 0.1
            MaxInnerNorm = 1.0
            WeightClip = infinity
            TraceClip = 1.0
            TraceRate = 0.01
            Gamma = 0.98
            TrainGamma = false
            LayerNorm = false
            Biases = true
            FrozenWeights = false
            InitialDeviation = infinity
            InnerLoss = OverBatch
            Batch = 64
            Optimiser = OptimiserKind.AdamW
            LearningRate = 1e-3
            Schedule = Schedule.Constant
            WeightDecay = 0.0
            Beta1 = 0.9
            Beta2 = 0.999
            AmsGrad = true
            Epsilon = 1e-8
            MaxStep = infinity
            PenaltyL1 = 0.0
            PenaltyL2 = 0.0
            MaxGradientNorm = 5.0
            MaxBatch = 20000
            FreezeLast = 0
            ValidateEvery = 200
            ValidationBatches = 100
            TestBatches = 100
            LogEvery = 50
            Seed = 0L
        }
