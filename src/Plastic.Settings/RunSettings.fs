namespace Plastic.Settings

open Plastic.Core
open Plastic.Tasks

/// How the learning rate changes during training.
type Schedule =
    /// lr throughout.
    | Constant
    /// From lr to lr/10 along half a cosine, updated once per line of metrics.jsonl (Duan et al. 2023, few-shot).
    | Cosine

/// The optimiser of the trained parameters.
[<RequireQualifiedAccess>]
type OptimiserKind =
    /// AdamW, with or without AMSGrad.
    | AdamW
    /// RMSprop with a bound on each weight's step, and penalties (Miconi 2016).
    | RmsProp

/// All settings of one run, as a flat record. Fields gives the meaning, range and name of each.
[<NoComparison>]
type RunSettings =
    {
        /// What the names of the rule and the task stand for.
        Library: Library
        /// Name of the task.
        Task: string
        /// The settings of the task's episodes.
        Episode: EpisodeSettings
        /// How the network is wired.
        Cell: Cell
        /// Name of the rule by which fast weights change.
        Rule: string
        /// The encoder of the images that steps start with; none where they are read as they are.
        Encoder: EncoderKind voption
        /// The channels of the encoder's first block, 1 to 1024.
        EncoderWidth: int
        /// Updates that train the encoder alone, as a prototypical network, before the first step.
        EncoderWarmup: int
        /// Hidden units H, 1 to 4096; of the cells that have them.
        Hidden: int
        /// Outputs beyond the prediction, which the inner loss and the output layer's post contain, 0 to 1024.
        Extra: int
        /// Whether the last output m modulates plasticity.
        Modulation: bool
        /// How α starts, and whether it is trained.
        Alpha: AlphaMode
        /// What the rules' settings hold; each rule reads its own.
        RuleValues: RuleValues
        /// Whether h passes through a layer norm; of recurrent cells.
        LayerNorm: bool
        /// Whether layers have biases.
        Biases: bool
        /// Whether W and b keep their initial values.
        FrozenWeights: bool
        /// Standard deviation of initial values; infinity for the published uniform ones.
        InitialDeviation: float
        /// What the inner loss is averaged over, besides the outputs.
        InnerLoss: InnerLossMean
        /// Episodes per batch B, 1 to 65536, also for evaluation.
        Batch: int
        /// What updates the trained parameters.
        Optimiser: OptimiserKind
        /// lr, 0 to 10.
        LearningRate: float
        /// How lr changes.
        Schedule: Schedule
        /// Weight decay of AdamW, 0 to 1.
        WeightDecay: float
        /// Decay rate of AdamW's average of the gradient, below 1.
        Beta1: float
        /// Decay rate of the average of the squared gradient, below 1.
        Beta2: float
        /// Whether AdamW divides by the largest average of the squared gradient so far.
        AmsGrad: bool
        /// Added to the divisor: outside the root for AdamW, inside for RMSprop.
        Epsilon: float
        /// Bound on the step of each weight (RMSprop); infinity for none.
        MaxStep: float
        /// Amount by which each update reduces the magnitude of W and α (RMSprop).
        PenaltyL1: float
        /// Fraction by which each update reduces W and α (RMSprop).
        PenaltyL2: float
        /// Bound on the norm of the gradient; infinity for none.
        MaxGradientNorm: float
        /// Index of the last training batch; the first is 0.
        MaxBatch: int
        /// The number of last training batches that change no weights.
        FreezeLast: int
        /// Steps between validations.
        ValidateEvery: int
        /// Fresh batches per validation.
        ValidationBatches: int
        /// Batches in the test set.
        TestBatches: int
        /// Steps averaged in one line of metrics.jsonl.
        LogEvery: int
        /// Seed of the initial weights and of the training and validation data.
        Seed: int64
    }

    /// The published defaults (Duan et al. 2023, appendix A).
    static member Default =
        {
            Library = Library.BuiltIn
            Task = "cuereward"
            Episode = EpisodeSettings.Default
            Cell = Rnn
            Rule = NetworkOptions.Default.Rule.Name
            Encoder = ValueNone
            EncoderWidth = 64
            EncoderWarmup = 0
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
