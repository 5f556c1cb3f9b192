namespace Plastic.Core

open System
open System.Collections.Generic
open System.Globalization

/// A value of a rule's setting.
[<RequireQualifiedAccess>]
type RuleValue =
    /// Infinity stands for no bound.
    | Number of float
    /// On or off.
    | Switch of bool

    /// As on the command line: the number, none for no bound, true or false.
    override value.ToString() =
        match value with
        | Number x when Double.IsPositiveInfinity x -> "none"
        | Number x -> x.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant()
        | Switch on -> if on then "true" else "false"

/// What a rule's setting may hold.
[<RequireQualifiedAccess>]
type RuleSettingKind =
    /// A number from low to high.
    | Number of low: float * high: float
    /// A number from low to high, or infinity for no bound.
    | Bound of low: float * high: float
    /// On or off.
    | Switch

    /// Whether it may hold the value.
    member kind.Allows(value: RuleValue) =
        match kind, value with
        | Number(low, high), RuleValue.Number x -> x >= low && x <= high
        | Bound(low, high), RuleValue.Number x -> x >= low && x <= high || Double.IsPositiveInfinity x
        | Switch, RuleValue.Switch _ -> true
        | (Number _ | Bound _), RuleValue.Switch _
        | Switch, RuleValue.Number _ -> false

    /// In words, to follow "must be".
    member kind.Expected =
        match kind with
        | Number(low, high) -> $"a number from {RuleValue.Number low} to {RuleValue.Number high}"
        | Bound(low, high) -> $"a number from {RuleValue.Number low} to {RuleValue.Number high}, or none"
        | Switch -> "true or false"

/// A number or a switch of a rule, declared once, beside the equation that reads it. Options, settings, `config --explain`, the
/// command line, warnings and checks know it from here. Rules that share a setting declare the same one.
[<AbstractClass>]
type RuleSetting internal (name: string, kind: RuleSettingKind, standard: RuleValue, trials: RuleValue[], help: string)
    =
    do
        if
            name = ""
            || not (Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = '_') name)
        then
            invalidArg (nameof name) $"a setting's name must consist of ASCII letters, digits and '_', not '{name}'"

        for value in Array.append [| standard |] trials do
            if not (kind.Allows value) then
                invalidArg
                    (nameof standard)
                    $"the default and the trial values of {name} must be {kind.Expected}, not {value}"

    let trials = Array.append trials [| standard |] |> Array.distinct

    /// On the command line and in config.json.
    member _.Name = name
    /// What it may hold.
    member _.Kind = kind
    /// What it holds where nothing else is given.
    member _.Default = standard
    /// The values at which laws and gradient checks try the rule, the default among them. With any of them an episode stays
    /// finite; with the first, plasticity changes what a small network does within a few steps.
    member _.Trials: IReadOnlyList<RuleValue> = trials
    /// One line for people.
    member _.Help = help

    /// Two declarations are equal when all that they declare is.
    override _.Equals other =
        match other with
        | :? RuleSetting as other ->
            name = other.Name
            && kind = other.Kind
            && standard = other.Default
            && trials = Array.ofSeq other.Trials
            && help = other.Help
        | _ -> false

    override _.GetHashCode() = name.GetHashCode()
    override _.ToString() = name

/// A rule's setting with the type of what it holds: float for a number or a bound, bool for a switch.
[<Sealed>]
type RuleSetting<'T> internal (name, kind, standard: 'T, trials: 'T[], help, value: 'T -> RuleValue) =
    inherit RuleSetting(name, kind, value standard, Array.map value trials, help)

    /// As a value of any setting.
    member internal _.Pack(held: 'T) = value held

    /// What a value of this setting holds. Raises ArgumentException for a value of another kind.
    member internal _.Unpack(value: RuleValue) : 'T =
        let held =
            match value with
            | RuleValue.Number x -> box x
            | RuleValue.Switch on -> box on

        match held with
        | :? 'T as held -> held
        | _ -> invalidArg (nameof value) $"{name} must be {kind.Expected}, not {value}"

/// How a rule declares its settings. Raise ArgumentException where the default or a trial is out of range, or the name has
/// other characters than ASCII letters, digits and '_'.
[<RequireQualifiedAccess>]
module RuleSetting =
    let private ofFloats kind name low high standard (trials: float seq) help =
        RuleSetting<float>(name, kind (low, high), standard, Array.ofSeq trials, help, RuleValue.Number)

    /// A setting that holds a number from low to high.
    let number name (low, high) standard trials help : RuleSetting<float> =
        ofFloats RuleSettingKind.Number name low high standard trials help

    /// A setting that holds a bound from low to high, or infinity for none.
    let bound name (low, high) standard trials help : RuleSetting<float> =
        ofFloats RuleSettingKind.Bound name low high standard trials help

    /// A setting that is on or off; it is tried both ways.
    let switch name standard help : RuleSetting<bool> =
        RuleSetting<bool>(name, RuleSettingKind.Switch, standard, [| not standard |], help, RuleValue.Switch)

/// The values of rules' settings. Immutable; whatever was not given is as its rule declares it.
[<Sealed>]
type RuleValues private (given: Map<string, RuleSetting * RuleValue>) =
    /// Every setting as its rule declares it.
    static member Default = RuleValues Map.empty

    /// What the setting holds, as a value of any kind.
    member _.Get(setting: RuleSetting) : RuleValue =
        match given.TryFind setting.Name with
        | Some(_, value) -> value
        | None -> setting.Default

    /// What the setting holds: a number (infinity for no bound), or whether a switch is on.
    member values.Value(setting: RuleSetting<'T>) : 'T = setting.Unpack(values.Get setting)

    /// The same values with another one of the setting. Its range is checked with the options, its kind here: raises
    /// ArgumentException for a switch in place of a number, or the other way round.
    member _.Set(setting: RuleSetting, value: RuleValue) : RuleValues =
        match setting.Kind, value with
        | RuleSettingKind.Switch, RuleValue.Number _
        | (RuleSettingKind.Number _ | RuleSettingKind.Bound _), RuleValue.Switch _ ->
            invalidArg (nameof value) $"{setting.Name} must be {setting.Kind.Expected}, not {value}"
        | _ when value = setting.Default -> RuleValues(given.Remove setting.Name)
        | _ -> RuleValues(given.Add(setting.Name, (setting, value)))

    /// The same values with another one of the setting; its range is checked with the options.
    member values.With(setting: RuleSetting<'T>, value: 'T) : RuleValues = values.Set(setting, setting.Pack value)

    member private _.Given = given |> Map.map (fun _ (_, value) -> value)

    /// Values out of their range, one line each.
    member internal _.Faults: string list =
        [
            for KeyValue(name, (setting, value)) in given do
                if not (setting.Kind.Allows value) then
                    $"{name} must be {setting.Kind.Expected}, not {value}"
        ]

    /// Equal when every setting holds the same.
    override values.Equals other =
        match other with
        | :? RuleValues as other -> values.Given = other.Given
        | _ -> false

    override values.GetHashCode() = hash values.Given

    override _.ToString() =
        String.Join(", ", given |> Map.toSeq |> Seq.map (fun (name, (_, value)) -> $"{name} {value}"))
