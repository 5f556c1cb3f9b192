namespace Plastic.Settings

open System
open Plastic.Core

/// How a setting is described, by what it holds: a name, the help, and how to read it from settings and write it.
module internal FieldForms =
    let private withTrials trials name kind help get set =
        {
            Name = name
            Kind = kind
            Trials = trials
            Help = help
            Get = get
            Set = set
        }

    let private field name kind =
        let trials =
            match kind with
            | Wholes(low, high) -> [ Whole low; Whole(min high (low + 1L)) ]
            | Numbers(low, high) -> [ Number low; Number(min high (low + 0.5)) ]
            | Bounds(low, high) -> [ Number low; Number high; Number infinity ]
            | Switches -> [ Switch true; Switch false ]
            | Words words
            | Names words -> words |> List.map Word

        withTrials trials name kind

    let private mismatch name value =
        invalidArg name $"the setting {name} does not hold {value}"

    /// Whole numbers of 64 bits, from low to high.
    let whole64 name low high help get set =
        let write value settings =
            match value with
            | Whole n -> set settings n
            | other -> mismatch name other

        field name (Wholes(low, high)) help (get >> Whole) write

    /// Whole numbers from low to high.
    let whole name (low: int) (high: int) help (get: RunSettings -> int) set =
        whole64 name (int64 low) (int64 high) help (get >> int64) (fun s n -> set s (int n))

    let private real name kind help get set =
        let write value settings =
            match value with
            | Number x -> set settings x
            | other -> mismatch name other

        field name kind help (get >> Number) write

    /// Numbers from low to high.
    let number name low high = real name (Numbers(low, high))
    /// Numbers from low to high, or none for no bound.
    let bound name low high = real name (Bounds(low, high))

    /// True or false.
    let switch name help get set =
        let write value settings =
            match value with
            | Switch on -> set settings on
            | other -> mismatch name other

        field name Switches help (get >> Switch) write

    let private among kind name (cases: (string * 'a) list) help (get: RunSettings -> 'a) set =
        let read settings =
            cases |> List.find (fun (_, case) -> case = get settings) |> fst |> Word

        let write value settings =
            match value with
            | Word word -> cases |> List.find (fun (name, _) -> name = word) |> snd |> set settings
            | other -> mismatch name other

        field name (kind (List.map fst cases)) help read write

    /// A choice among named cases.
    let choice name = among Words name

    /// A choice among the known cells.
    let named name = among Names name

    /// A choice among the names of known tasks or rules, of which settings hold the name.
    let name name known help (get: RunSettings -> string) set =
        let write value settings =
            match value with
            | Word word -> set settings word
            | other -> mismatch name other

        field name (Names known) help (get >> Word) write

    let listed (names: string list) = String.Join(", ", names)

    let namesOf rules =
        rules |> List.map (fun (rule: Rule) -> rule.Name) |> listed

    /// A setting that rules of a library declare.
    let ofRule (library: Library) (setting: RuleSetting) : Field =
        let ofValue value =
            match value with
            | RuleValue.Number x -> Number x
            | RuleValue.Switch on -> Switch on

        let kind, ends =
            match setting.Kind with
            | RuleSettingKind.Number(low, high) -> Numbers(low, high), [ Number low; Number high ]
            | RuleSettingKind.Bound(low, high) -> Bounds(low, high), [ Number low; Number high; Number infinity ]
            | RuleSettingKind.Switch -> Switches, []

        let trials =
            [ for value in setting.Trials -> ofValue value ] @ ends |> List.distinct

        let get (settings: RunSettings) =
            ofValue (settings.RuleValues.Get setting)

        let set value (settings: RunSettings) =
            let value =
                match value with
                | Number x -> RuleValue.Number x
                | Switch on -> RuleValue.Switch on
                | other -> mismatch setting.Name other

            { settings with
                RuleValues = settings.RuleValues.Set(setting, value)
            }

        withTrials trials setting.Name kind $"{setting.Help} ({namesOf (library.Readers setting.Name)})" get set
