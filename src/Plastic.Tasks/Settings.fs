namespace Plastic.Tasks

open Plastic.Core

/// How the learning rate goes on.
type Schedule =
    | Constant
    /// From lr to lr/10 along half a cosine, moved on once per line of metrics.jsonl (Duan et al. 2023, few-shot).
    | Cosine

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
        LayerNorm: bool
        FrozenWeights: bool
        InnerLoss: InnerLossMean
        Batch: int
        LearningRate: float
        Schedule: Schedule
        WeightDecay: float
        Beta1: float
        Beta2: float
        Epsilon: float
        MaxGradientNorm: float
        MaxBatch: int
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
            Cell = Rnn
            Rule = "gradient"
            Hidden = 128
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
            LearningRate = 1e-3
            Schedule = Schedule.Constant
            WeightDecay = 0.0
            Beta1 = 0.9
            Beta2 = 0.999
            Epsilon = 1e-8
            MaxGradientNorm = 5.0
            MaxBatch = 20000
            ValidateEvery = 200
            ValidationBatches = 100
            TestBatches = 100
            LogEvery = 50
            Seed = 0L
        }
