namespace Plastic.Settings

open Plastic.Core
open Plastic.Tasks

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

/// Every choice of one run, flat. What each means, its range and its name on the command line stand in Fields.
[<NoComparison>]
type RunSettings =
    {
        Task: string
        /// What shapes the episodes of its task.
        Episode: EpisodeSettings
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
            Episode = EpisodeSettings.Default
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
