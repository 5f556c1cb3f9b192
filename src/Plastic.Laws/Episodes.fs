namespace Plastic.Laws

open FsCheck.FSharp
open Plastic.Core

/// The results of a batch, for comparison with those of another way to compute them.
[<RequireQualifiedAccess>]
module internal Episodes =
    /// All results of a batch, as tensors by name. A parameter that is not trained has no gradient.
    let everything (program: StepProgram) (episode: Episode) : (string * float[]) list =
        [
            yield "sample loss", episode.SampleLoss
            for o in episode.Outputs do
                yield o.Key, o.Value
            for f in episode.FastWeights do
                yield f.Key + " F", f.Value
            for s in episode.States do
                yield s.Key, s.Value
            for p, gradient in Seq.zip program.Parameters episode.Gradients do
                yield "gradient of " + p.Name, gradient
            for i in episode.InputGradients do
                yield "input gradient of " + i.Key, i.Value
        ]

    /// All results of the case in the reference interpreter.
    let ofCase (case: NetworkCase) =
        everything (Networks.program case) (Networks.run case true)

    /// Whether the name is that of fast weights or a fast bias.
    let isFast (name: string) =
        name.EndsWith " F" || name.EndsWith ".fast"

    /// Fails unless both have tensors of the same names, with equal values within the tolerance; its absolute part is in
    /// units of the largest magnitude, or of 1.
    let agree tolerance (expected: (string * float[]) list) (found: (string * float[]) list) =
        let names = List.map fst >> List.sort

        if names expected <> names found then
            raise (NotClose $"tensors {names expected} expected, {names found} found")

        let found = dict found
        Close.together tolerance 1.0 [ for name, x in expected -> name, x, found[name] ]

/// Laws of one rule, made of a property of its networks.
[<RequireQualifiedAccess>]
module internal RuleLaw =
    /// The law that `property` holds on random cases of the rule, and that each kind it notes has at least its required share.
    let often (rule: Rule) name summary count kinds cases property : Law =
        {
            Name = name
            Summary = summary
            Check = fun sampling -> Property.checkOften sampling rule.Name name count kinds cases property
        }

    /// The law that `property` holds on random cases of the rule.
    let always rule name summary count cases (property: NetworkCase -> unit) =
        often rule name summary count [] cases (fun _ case -> property case)
