namespace Plastic.Laws

open Plastic.Core

/// The laws that every rule must keep, whatever it computes: what a derivative is, what a batch is, that hidden units are alike,
/// that the engine agrees with the interpreter. What a rule itself is meant to compute is for its own tests to say.
[<RequireQualifiedAccess>]
module Laws =
    /// The laws of a rule, which need not be in the registry. Each is checked on random networks that learn by it, of every
    /// cell and with every option, and on random episodes.
    let ofRule (rule: Rule) : Law list =
        [
            StepLaws.shapes rule
            StepLaws.firstStep rule
            GradientLaws.slope Lowering.program rule
            GradientLaws.adjoint rule
            GradientLaws.secondOrder rule
            TrajectoryLaws.permutation rule
            TrajectoryLaws.batch rule
            TrajectoryLaws.causal rule
            TrajectoryLaws.zero rule
            TrajectoryLaws.bounds rule
            ExecutorLaws.reference rule
            ExecutorLaws.threads rule
        ]
