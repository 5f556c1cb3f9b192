namespace Plastic.Core

/// The rules that have a name. Tests enumerate this list: a rule cannot exist without its laws.
[<RequireQualifiedAccess>]
module Registry =
    let rules: Rule list =
        [
            Plastic.Core.Rules.Gradient.rule
            Plastic.Core.Rules.Hebbian.rule
            Plastic.Core.Rules.None.rule
            Plastic.Core.Rules.Bohp.rule
            Plastic.Core.Rules.Trace.rule
            Plastic.Core.Rules.Oja.rule
            Plastic.Core.Rules.Neuromodulated.rule
            Plastic.Core.Rules.Retroactive.rule
        ]

    /// The rule of that name.
    let tryFind (name: string) =
        rules |> List.tryFind (fun rule -> rule.Name = name)
