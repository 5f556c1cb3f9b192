namespace Plastic.Tasks

/// The random functions of regression.
[<RequireQualifiedAccess>]
type FunctionKind =
    /// 12 variables, an affine map.
    | Linear
    /// 6 variables, two tanh units, an affine map.
    | Mlp

/// What shapes the episodes of the tasks; each task reads the settings that it names in Reads.
[<NoComparison>]
type EpisodeSettings =
    {
        /// Standard deviation of the noise on what is shown, ≥ 0 (cuereward, regression).
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
        /// Steps without input after it (patterns).
        Pause: int
    }

    /// The published values (Duan et al. 2023, appendix A; patterns: Miconi, Clune and Stanley 2018, section 4.1, in small).
    static member Default =
        {
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
        }
