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

/// What is compared. Runs of different groups are paired by their seeds.
type Effect =
    /// The first group's quantity less that of the best of the others: the least where less is claimed, the greatest where more is.
    | Lead of Group * others: Group list * Quantity
    /// The largest of the groups' quantities over the least.
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
    /// The bound lies in the interval, there are too few seeds, or a premise is not supported.
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
        /// The number of seeds that they should have.
        Planned: int
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
        /// What is unlike the paper at every scale, in words; empty for nothing.
        Differs: string
        /// Whether it is a variant or a question of ours, beside the paper's findings.
        IsOurs: bool
        /// What must be supported for this claim to say anything, about some of the same groups: that a task is hard, where an advantage on hard tasks
        /// is claimed.
        Premises: Claim list
    }

    /// The groups whose runs it rests on.
    member claim.Groups: IReadOnlyList<Group> =
        match claim.Effect with
        | Lead(one, others, _) -> Array.ofList (one :: others)
        | Spread(groups, _) -> Array.ofList groups
        | Level(group, _) -> [| group |]

    /// The number that is read of each run.
    member claim.Quantity: Quantity =
        match claim.Effect with
        | Lead(_, _, quantity)
        | Spread(_, quantity)
        | Level(_, quantity) -> quantity

    /// Whether the effect is a ratio, whose neutral value is 1.
    member claim.IsRatio: bool =
        match claim.Effect with
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
        | Spread _ -> $"{quantity}, largest / least"
        | Level(one, _) -> $"{quantity}, {one.Label}"

/// From numbers of runs to findings.
[<RequireQualifiedAccess>]
module Finding =
    /// With fewer seeds than this nothing is decided: two or three values say little about their spread.
    let LeastSeeds = 4

    /// The effect of some seeds from their groups' quantities, in the order of the claim's groups: of the statistic of each group, so that the best
    /// of several is not the luckiest of every seed. Of a ratio its logarithm.
    let private effect (claim: Claim) (seeds: float[][]) : float =
        let statistic =
            match claim.Statistic with
            | Mean -> Array.average
            | Median -> Bootstrap.median

        let scaled x = if claim.IsRatio then log x else x

        let groups =
            [
                for group in 0 .. claim.Groups.Count - 1 ->
                    seeds |> Array.map (fun seed -> scaled seed[group]) |> statistic
            ]

        match claim.Effect with
        | Level _ -> List.head groups
        | Spread _ -> List.max groups - List.min groups
        | Lead _ ->
            match claim.Side with
            | Below -> List.head groups - List.min (List.tail groups)
            | Above -> List.head groups - List.max (List.tail groups)

    /// The finding from the quantities of each group's runs, by seed. Seeds that not all groups have are left out, and while there are fewer than
    /// planned nothing is decided: a seed that failed says something too.
    let ofQuantities
        (claim: Claim)
        (planned: int)
        (quantities: IReadOnlyList<IReadOnlyDictionary<int64, float>>)
        : Finding =
        let seeds =
            quantities
            |> Seq.map (fun group -> Set.ofSeq group.Keys)
            |> Set.intersectMany
            |> Array.ofSeq

        let vectors =
            seeds |> Array.map (fun seed -> [| for group in quantities -> group[seed] |])

        let shown x = if claim.IsRatio then exp x else x

        let interval =
            match vectors with
            | [||] -> ValueNone
            | [| one |] ->
                ValueSome
                    {
                        Low = nan
                        Estimate = shown (effect claim [| one |])
                        High = nan
                    }
            | _ ->
                let interval = Bootstrap.interval (effect claim) vectors

                ValueSome
                    {
                        Low = shown interval.Low
                        Estimate = shown interval.Estimate
                        High = shown interval.High
                    }

        let verdict =
            match interval with
            | ValueSome interval when seeds.Length >= max LeastSeeds planned ->
                match claim.Side with
                | Below when interval.High < claim.Bound -> Verdict.Supported
                | Below when interval.Low > claim.Bound -> Verdict.Refuted
                | Above when interval.Low > claim.Bound -> Verdict.Supported
                | Above when interval.High < claim.Bound -> Verdict.Refuted
                | _ -> Verdict.Undecided
            | _ -> Verdict.Undecided

        {
            Interval = interval
            Seeds = seeds.Length
            Planned = planned
            Verdict = verdict
        }

    /// The finding where premises have these: undecided unless all are supported.
    let given (premises: IReadOnlyCollection<Finding>) (finding: Finding) : Finding =
        if premises |> Seq.forall _.Verdict.IsSupported then
            finding
        else
            { finding with
                Verdict = Verdict.Undecided
            }
