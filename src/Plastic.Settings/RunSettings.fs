namespace Plastic.Settings

open Plastic.Core
open Plastic.Tasks

/// How the learning rate changes during training.
type Schedule =
    | Constant
    /// From lr to lr/10 along half a cosine, updated once per line of metrics.jsonl (Duan et al. 2023, few-shot).
    | Cosine

/// The optimiser of the trained parameters.
[<RequireQualifiedAccess>]
type OptimiserKind =
    | AdamW
    /// RMSprop with a bound on each weight's step, and penalties (Miconi 2016).
    | RmsProp

/// All settings of one run, as a flat record. Fields gives the meaning, range and name of each.
[<NoComparison>]
type RunSettings =
    {
        Task: string
        /// The settings of the task's episodes.
        Episode: EpisodeSettings
        Cell: Cell
        Rule: string
        Hidden: int
        Extra: int
        Modulation: bool
        Alpha: AlphaMode
        /// What the rules' settings hold; each rule reads its own.
        RuleValues: RuleValues
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
        /// The number of last training batches that change no weights.
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
            Rule = NetworkOptions.Default.Rule.Name
            Hidden = 128
            Extra = 4
            Modulation = true
            Alpha = AlphaMode.Random
            RuleValues = RuleValues.Default
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
