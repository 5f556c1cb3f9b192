namespace Plastic.Laws

open Plastic.Core

/// The laws that every rule must obey, whatever it computes: correct derivatives, independent samples, equivalent hidden units,
/// agreement of the engine with the interpreter. What a particular rule is meant to compute is left to its own tests.
[<RequireQualifiedAccess>]
module Laws =
    /// The laws of a rule, which need not be in the registry. Each is checked on random networks that learn by it, of every
    /// cell and with every option, and on random episodes.
    let ofRule (rule: Rule) : Law list =
        [
            StepLaws.shapes rule
            StepLaws.firstStep rule
            if StepLaws.readsRates rule then
                StepLaws.still rule
            GradientLaws.slope Lowering.through rule
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
