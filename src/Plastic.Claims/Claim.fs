namespace Plastic.Claims

open System.Collections.Generic
open Plastic.Settings

/// One number of a run.
type Quantity =
    /// The test loss.
    | TestLoss
    /// The task's additional metric in the test.
    | TestMeasure
    /// The mean loss of the last training batches, which change no weights.
    | FrozenLoss
    /// Of a run that tests another: the mean inner learning rate η(t) over the first steps of the episode, up to this one, over that of
    /// the steps from it on.
    | RateRatio of split: int

/// What is compared. Each gives one number for a seed, so runs of different groups are paired by their seeds.
type Effect =
    /// The first group's quantity less the best of the others': the least where less is claimed, the greatest where more is.
    | Lead of Group * others: Group list * Quantity
    /// The first group's quantity over the second's; the statistic is taken of the logarithms.
    | Ratio of Group * over: Group * Quantity
    /// The largest of the groups' quantities over the least; the statistic is taken of the logarithms.
    | Spread of Group list * Quantity
    /// The quantity itself.
    | Level of Group * Quantity

/// What is said of all seeds together.
type Statistic =
    /// Their mean.
    | Mean
    /// Their median.
    | Median

/// On which side of its bound an effect is claimed to lie.
type Side =
    /// Less than the bound.
    | Below
    /// More than the bound.
    | Above

/// What runs say of a claim.
[<RequireQualifiedAccess>]
type Verdict =
    /// The whole interval lies on the claimed side of the bound.
    | Supported
    /// The whole interval lies on the other side.
    | Refuted
    /// The bound lies in the interval, or there are too few seeds.
    | Undecided

    /// In tables and files.
    member verdict.Name =
        match verdict with
        | Supported -> "supported"
        | Refuted -> "refuted"
        | Undecided -> "undecided"

/// What was found of one claim at one scale.
[<NoComparison>]
type Finding =
    {
        /// The statistic over the seeds, with its interval; without an interval for one seed, without anything for none.
        Interval: Interval voption
        /// The number of seeds that all of its groups have.
        Seeds: int
        /// What follows.
        Verdict: Verdict
    }

/// A finding of a paper as something that can be run.
[<NoComparison>]
type Claim =
    {
        /// As on the command line.
        Name: string
        /// The key of the paper, by which all of its claims are selected.
        Paper: string
        /// Where in the paper.
        Section: string
        /// What it says, in our words.
        Statement: string
        /// What is compared.
        Effect: Effect
        /// What is said of all seeds together.
        Statistic: Statistic
        /// The side that is claimed.
        Side: Side
        /// What the effect is compared with.
        Bound: float
        /// The figure that shows its runs; claims that compare the same runs share one.
        Figure: string
        /// What is smaller at small scale than in the paper, in words; empty for nothing.
        Reduced: string
    }

    /// The groups whose runs it rests on.
    member claim.Groups: IReadOnlyList<Group> =
        match claim.Effect with
        | Lead(one, others, _) -> Array.ofList (one :: others)
        | Ratio(one, other, _) -> [| one; other |]
        | Spread(groups, _) -> Array.ofList groups
        | Level(group, _) -> [| group |]

    /// The number that is read of each run.
    member claim.Quantity: Quantity =
        match claim.Effect with
        | Lead(_, _, quantity)
        | Ratio(_, _, quantity)
        | Spread(_, quantity)
        | Level(_, quantity) -> quantity

    /// Whether the effect is a ratio, whose neutral value is 1.
    member claim.IsRatio: bool =
        match claim.Effect with
        | Ratio _
        | Spread _ -> true
        | Lead _
        | Level _ -> claim.Quantity.IsRateRatio

    /// What the effect is, in words.
    member claim.Measures: string =
        let quantity =
            match claim.Quantity with
            | TestLoss -> "test loss"
            | TestMeasure -> "test metric"
            | FrozenLoss -> "loss of the last batches"
            | RateRatio _ -> "η while storing over η afterwards"

        match claim.Effect with
        | Lead(one, [ other ], _) -> $"{quantity}, {one.Label} − {other.Label}"
        | Lead(one, _, _) -> $"{quantity}, {one.Label} − best of the others"
        | Ratio(one, other, _) -> $"{quantity}, {one.Label} / {other.Label}"
        | Spread _ -> $"{quantity}, largest / least"
        | Level(one, _) -> $"{quantity}, {one.Label}"

/// From numbers of runs to findings.
[<RequireQualifiedAccess>]
module Finding =
    /// With fewer seeds than this nothing is decided: two or three values say little about their spread.
    [<Literal>]
    let private LeastSeeds = 4

    /// One seed's effect from its groups' quantities, in the order of the claim's groups; of a ratio its logarithm.
    let private effect (claim: Claim) (quantities: float list) : float =
        match claim.Effect, quantities with
        | Level _, [ one ] when claim.IsRatio -> log one
        | Level _, [ one ] -> one
        | Ratio _, [ one; other ] -> log (one / other)
        | Spread _, _ -> log (List.max quantities / List.min quantities)
        | Lead _, one :: others ->
            match claim.Side with
            | Below -> one - List.min others
            | Above -> one - List.max others
        | _ -> invalidArg (nameof quantities) $"{claim.Name} has {claim.Groups.Count} groups"

    /// The finding from the quantities of each group's runs, by seed. Seeds that not all groups have are left out.
    let ofQuantities (claim: Claim) (quantities: IReadOnlyList<IReadOnlyDictionary<int64, float>>) : Finding =
        let seeds =
            quantities
            |> Seq.map (fun group -> Set.ofSeq group.Keys)
            |> Set.intersectMany
            |> Array.ofSeq

        let effects =
            seeds
            |> Array.map (fun seed -> effect claim [ for group in quantities -> group[seed] ])

        let statistic =
            match claim.Statistic with
            | Mean -> Array.average
            | Median -> Bootstrap.median

        let shown x = if claim.IsRatio then exp x else x

        match effects with
        | [||] ->
            {
                Interval = ValueNone
                Seeds = 0
                Verdict = Verdict.Undecided
            }
        | [| one |] ->
            {
                Interval =
                    ValueSome
                        {
                            Low = nan
                            Estimate = shown one
                            High = nan
                        }
                Seeds = 1
                Verdict = Verdict.Undecided
            }
        | _ ->
            let interval = Bootstrap.interval statistic effects

            let interval =
                {
                    Low = shown interval.Low
                    Estimate = shown interval.Estimate
                    High = shown interval.High
                }

            let isBelow, isAbove = interval.High < claim.Bound, interval.Low > claim.Bound

            {
                Interval = ValueSome interval
                Seeds = seeds.Length
                Verdict =
                    match claim.Side with
                    | _ when seeds.Length < LeastSeeds -> Verdict.Undecided
                    | Below when isBelow -> Verdict.Supported
                    | Above when isAbove -> Verdict.Supported
                    | _ when isBelow || isAbove -> Verdict.Refuted
                    | _ -> Verdict.Undecided
            }
