namespace Plastic.Claims

/// Runs that differ in nothing but the seed.
type Group =
    {
        /// The experiment or task that they belong to.
        Experiment: string
        /// What is set beyond it, by keys and texts.
        Settings: (string * string) list
    }

/// One number of a run.
type Quantity =
    /// The test loss.
    | TestLoss
    /// The task's metric in the test.
    | TestMeasure
    /// The mean loss of the last training batches, which change no weights.
    | FrozenLoss
    /// The first validated step whose loss is at most this; one validation more than there are where none is.
    | StepBelow of loss: float

/// What is compared, with one value for each seed.
type Effect =
    /// The first group's quantity less the second's, of the same seed.
    | Difference of Group * Group * Quantity
    /// The natural logarithm of the first group's quantity over the second's, of the same seed.
    | LogRatio of Group * Group * Quantity
    /// The quantity itself.
    | Level of Group * Quantity

/// On which side of its bound an effect is claimed to lie.
type Side =
    | Below
    | Above

/// What runs say of a claim.
type Verdict =
    /// The whole interval lies on the claimed side.
    | Supported
    /// The whole interval lies on the other side.
    | Refuted
    /// The interval has the bound in it, or there are fewer than `Verdict.LeastSeeds`.
    | Undecided

/// A finding of a paper as something that can be run.
type Claim =
    {
        /// As on the command line.
        Name: string
        /// The paper, "Duan et al. 2023".
        Paper: string
        /// Where in it, "4.1, figure 2".
        Section: string
        /// What it says, in our words.
        Statement: string
        /// What is compared.
        Effect: Effect
        /// The side that is claimed.
        Side: Side
        /// The value that the effect is compared with.
        Bound: float
    }

    /// The groups whose runs it rests on.
    member claim.Groups: Group list =
        match claim.Effect with
        | Difference(a, b, _)
        | LogRatio(a, b, _) -> [ a; b ]
        | Level(a, _) -> [ a ]

/// What follows from the values of an effect.
[<RequireQualifiedAccess>]
module Verdict =
    /// With fewer seeds than this nothing is decided: the interval of two or three values says little.
    [<Literal>]
    let LeastSeeds = 4

    /// The mean over seeds with its interval, and the verdict. At least two values.
    let ofValues (claim: Claim) (values: float[]) : struct (Interval * Verdict) =
        let interval = values |> Bootstrap.interval Array.average

        let verdict =
            match claim.Side with
            | _ when values.Length < LeastSeeds -> Undecided
            | Below when interval.High < claim.Bound -> Supported
            | Below when interval.Low > claim.Bound -> Refuted
            | Above when interval.Low > claim.Bound -> Supported
            | Above when interval.High < claim.Bound -> Refuted
            | _ -> Undecided

        struct (interval, verdict)
