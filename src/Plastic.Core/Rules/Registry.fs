namespace Plastic.Core

open System.Collections.Generic
open System.Runtime.InteropServices

/// The rules that have a name. Tests enumerate this list: a rule cannot exist without its laws.
[<RequireQualifiedAccess>]
module Registry =
    /// Every rule that has a name, in the order in which they are listed.
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

    /// Each of the settings once. Raises InvalidOperationException where two of one name differ.
    let internal joined (declared: RuleSetting list) : RuleSetting list =
        let settings = List.distinct declared

        match settings |> List.countBy _.Name |> List.tryFind (fun (_, count) -> count > 1) with
        | Some(name, _) ->
            invalidOp $"the setting {name} is declared in two ways: rules that share a setting share its declaration"
        | None -> settings

    /// The settings of all rules, each once: those that several rules share by the file that declares them, then those of one rule.
    let settings: RuleSetting list =
        [
            yield! Descent.settings
            yield! HebbianTrace.settings
            for rule in rules do
                yield! rule.Settings
        ]
        |> joined

    /// The rules that read a setting.
    let readers (setting: RuleSetting) : Rule list =
        rules
        |> List.filter (fun rule -> rule.Settings |> List.exists (fun s -> s.Name = setting.Name))

    /// The rule of that name.
    let tryFind (name: string) =
        rules |> List.tryFind (fun rule -> rule.Name = name)

/// The rules by name, for C#.
[<AbstractClass; Sealed>]
type RuleBook =
    /// Every registered rule.
    static member All: IReadOnlyList<Rule> = ResizeArray Registry.rules

    /// Finds a rule by its name; false, and no rule, if there is none of that name.
    static member TryFind(name: string, [<Out>] rule: byref<Rule>) : bool =
        match Registry.tryFind name with
        | Some found ->
            rule <- found
            true
        | None -> false
