namespace Plastic.Laws

open System.Collections.Generic
open Plastic.Core

/// How the check of one law of a rule ended, for C#.
[<Sealed>]
type LawResult internal (law: Law, ended: Result<int, Broken>) =
    let broken read =
        match ended with
        | Ok _ -> ""
        | Error broken -> read broken

    /// The law's name, a few words.
    member _.Name = law.Name
    /// What holds, in one sentence.
    member _.Summary = law.Summary
    /// Whether the law held on every case.
    member _.Passed = ended.IsOk

    /// Cases checked, the first failing one included.
    member _.Cases =
        match ended with
        | Ok cases -> cases
        | Error broken -> broken.Cases

    /// What was expected and what came; empty when the law holds.
    member _.Reason = broken _.Reason
    /// The simplest case found that fails; empty when the law holds, or when no single case is to blame.
    member _.Smallest = broken _.Smallest
    /// The case that failed first; empty like Smallest.
    member _.First = broken _.First

    /// The first failing case as "seed,gamma,size", to be checked again; empty like Smallest.
    member _.Replay =
        broken (fun b -> b.Replay |> Option.map string |> Option.defaultValue "")

/// The laws of rules, for C#.
[<AbstractClass; Sealed>]
type RuleLaws =
    /// Checks every law of a rule, each as it is asked for. `seed` decides the random cases; `cases` is the number for each law,
    /// or 0 for each law's own; `replay` is one case alone, "seed,gamma,size", or empty for none.
    /// Raises ArgumentException for a negative number of cases and for a replay of another form.
    static member Check(rule: Rule, seed: int64, cases: int, replay: string) : IEnumerable<LawResult> =
        if cases < 0 then
            invalidArg (nameof cases) $"the number of cases must be 0 or more, not {cases}"

        let case =
            match replay, CaseSeed.TryParse replay with
            | "", _ -> None
            | _, Some case -> Some case
            | _, None ->
                invalidArg (nameof replay) $"replay must be seed,gamma,size (three whole numbers), not {replay}"

        let sampling =
            { Sampling.Default with
                Seed = seed
                Cases = if cases = 0 then None else Some cases
                Replay = case
            }

        Laws.ofRule rule |> Seq.map (fun law -> LawResult(law, law.Check sampling))
