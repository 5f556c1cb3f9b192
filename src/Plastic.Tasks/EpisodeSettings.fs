namespace Plastic.Tasks

/// The random functions of regression.
[<RequireQualifiedAccess>]
type FunctionKind =
    /// 12 variables, an affine map.
    | Linear
    /// 6 variables, two tanh units, an affine map.
    | Mlp

/// Which label each class of an episode gets.
type FewShotLabels =
    /// Its rank among the episode's classes by their numbers, as published. So a training class's identity says something about its
    /// label: class 0 always has label 0.
    | Sorted = 0
    /// Any, each permutation with the same probability.
    | Shuffled = 1

/// The settings of the tasks' episodes; each task reads those that it names in Reads.
[<NoComparison>]
type EpisodeSettings =
    {
        /// Standard deviation of the noise on the values shown, ≥ 0 (cuereward, regression).
        Noise: float
        /// Number n of elements in a sequence (seqreproduction).
        SequenceLength: int
        /// Steps m between a sequence and its reproduction (seqreproduction).
        Delay: int
        /// Number K of pairs shown (regression).
        Pairs: int
        /// The random functions (regression).
        Function: FunctionKind
        /// Number of bits in a pattern (patterns).
        Bits: int
        /// Number of patterns shown (patterns).
        Patterns: int
        /// How many times each pattern is shown (patterns).
        Cycles: int
        /// Steps for which a pattern is shown (patterns).
        Shown: int
        /// Steps without input after a pattern (patterns).
        Pause: int
        /// Which label each class has (few-shot tasks).
        Labels: FewShotLabels
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
            Labels = FewShotLabels.Sorted
        }
