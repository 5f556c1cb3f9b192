namespace Plastic.Claims

open System
open System.Collections.Generic
open Plastic.Settings

/// A paper whose findings are claims.
type Paper =
    {
        /// As on the command line.
        Key: string
        /// Authors, title and year.
        Citation: string
    }

/// A claim with the runs that it rests on.
[<Sealed>]
type PlannedClaim internal (claim: Claim, scale: Scale, plans: Plan[], reduced: Lazy<string>, premises: PlannedClaim[])
    =
    /// What is claimed.
    member _.Claim = claim
    /// The size of its runs.
    member _.Scale = scale
    /// The runs of each of its groups.
    member _.Plans: IReadOnlyList<Plan> = plans
    /// The labels of its groups.
    member _.Labels: IReadOnlyList<string> = [| for group in claim.Groups -> group.Label |]
    /// What must be supported for it to say anything; their runs are among its own.
    member _.Premises: IReadOnlyList<PlannedClaim> = premises

    /// What is unlike the paper: first what is so at every scale, then each setting that is not the published one, which follows in brackets. Empty for nothing.
    member _.Reduced =
        [ claim.Differs; reduced.Value ]
        |> List.filter (fun text -> text <> "")
        |> String.concat "; "

    /// The seeds that all of its groups should have.
    member _.Seeds: IReadOnlyList<int64> = plans[0].Seeds

/// All claims.
[<AbstractClass; Sealed>]
type Claims =
    /// In the order of their years.
    static member Papers: IReadOnlyList<Paper> =
        [|
            {
                Key = "miconi2016"
                Citation = "Miconi: Backpropagation of Hebbian plasticity for continual learning, 2016"
            }
            {
                Key = "miconi2018"
                Citation =
                    "Miconi, Clune, Stanley: Differentiable plasticity: training plastic neural networks with backpropagation, ICML 2018"
            }
            {
                Key = "miconi2019"
                Citation =
                    "Miconi, Rawal, Clune, Stanley: Backpropamine: training self-modifying neural networks with differentiable neuromodulated plasticity, ICLR 2019"
            }
            {
                Key = "duan2023"
                Citation =
                    "Duan, Jia, Li, Zhong, Ma: Hebbian and Gradient-based Plasticity Enables Robust Memory and Rapid Learning in RNNs, ICLR 2023"
            }
        |]

    /// In the order of the papers.
    static member All: IReadOnlyList<Claim> =
        [|
            yield! Miconi2016.all
            yield! Miconi2018.all
            yield! Miconi2019.all
            yield! Duan2023.all
        |]

    /// The words that select claims: their names, and the papers' keys.
    static member Words: IReadOnlyList<string> =
        [|
            for paper in Claims.Papers -> paper.Key
            for claim in Claims.All -> claim.Name
        |]

    /// The claims that words select, in the order of all; without words all of them.
    static member Named(words: IReadOnlyCollection<string>) : IReadOnlyList<Claim> =
        [|
            for claim in Claims.All do
                if
                    words.Count = 0
                    || Seq.contains claim.Name words
                    || Seq.contains claim.Paper words
                then
                    claim
        |]

    /// The image sets that some of the claims' tasks need at a scale.
    static member ImageSets(claims: IReadOnlyList<Claim>, scale: Scale) : IReadOnlyList<string> =
        let sets =
            [
                for claim in claims do
                    for group in claim.Groups do
                        yield! Experiments.imageSets (group.At scale).Experiment
            ]

        Array.ofList (List.distinct sets)

    /// Claims with their runs, whose rules and tasks are those of a library. Without seeds, those of the experiments, and at least five
    /// at small scale and four at the published size.
    static member Plan
        (library: Library, scale: Scale, seeds: IReadOnlyList<int64>, claims: IReadOnlyList<Claim>)
        : IReadOnlyList<PlannedClaim> =
        let given = List.ofSeq seeds

        let rec plan (claim: Claim) =
            let at scale =
                [ for group in claim.Groups -> Group.plan library scale given group ]

            let plans = at scale
            let labels = [ for group in claim.Groups -> group.Label ]
            let reduced = lazy Reduction.text (List.zip3 labels plans (at Scale.Paper))
            PlannedClaim(claim, scale, Array.ofList plans, reduced, [| for premise in claim.Premises -> plan premise |])

        [| for claim in claims -> plan claim |]
