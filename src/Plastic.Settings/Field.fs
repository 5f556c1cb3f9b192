namespace Plastic.Settings

open System
open System.Globalization
open Plastic.Core

/// What a setting holds.
type Value =
    /// A whole number.
    | Whole of int64
    /// Infinity stands for "none".
    | Number of float
    /// On or off.
    | Switch of bool
    /// One of the words of its field.
    | Word of string

    /// As on the command line; numbers in the invariant culture, in the shortest form that reads back the same.
    member v.Text =
        match v with
        | Whole n -> n.ToString CultureInfo.InvariantCulture
        | Number x -> string (RuleValue.Number x)
        | Switch on -> string (RuleValue.Switch on)
        | Word word -> word

    /// As in config.json: null for no bound.
    member v.Json =
        match v with
        | Number x when Double.IsPositiveInfinity x -> "null"
        | Word word -> $"\"{word}\""
        | _ -> v.Text

/// What a setting may hold.
type Kind =
    /// Whole numbers from low to high.
    | Wholes of low: int64 * high: int64
    /// Numbers from low to high.
    | Numbers of low: float * high: float
    /// Numbers, or none for no bound.
    | Bounds of low: float * high: float
    /// True or false.
    | Switches
    /// One of a few words.
    | Words of string list
    /// Names of tasks, cells or rules.
    | Names of string list

    /// In words, to follow "must be".
    member k.Expected =
        match k with
        | Wholes(low, high) -> $"a whole number from {low} to {high}"
        | Numbers(low, high) -> $"a number from {(Number low).Text} to {(Number high).Text}"
        | Bounds(low, high) -> $"a number from {(Number low).Text} to {(Number high).Text}, or none"
        | Switches -> "true or false"
        | Words words
        | Names words -> String.Join(", ", words)

/// What can be wrong with settings.
type Fault =
    /// A text without '='.
    | NoSetting of given: string
    /// A key that no setting has, and the closest that one has.
    | UnknownKey of given: string * nearest: string option
    /// A setting given more than once, or one value of it.
    | Repeated of key: string
    /// A setting that the task does not read.
    | Foreign of key: string * task: string * readers: string list
    /// A setting of the network or its training, for a network that has been trained.
    | Structural of key: string
    /// A setting that cannot be changed once the run has started.
    | Begun of key: string * free: string list
    /// More values than a setting accepts.
    | TooMany of key: string * most: int
    /// Several values where one is wanted.
    | Several of key: string
    /// An unknown name of a task, a rule or a cell.
    | UnknownName of key: string * given: string * nearest: string option * known: string list
    /// A value that cannot be read, or is out of range.
    | BadValue of key: string * given: string * expected: string
    /// A number that the engine's arithmetic would round to zero.
    | TooSmall of key: string * given: string
    /// Two values that look like one number with a decimal comma.
    | DecimalComma of key: string * whole: string * fraction: string
    /// Values that conflict with each other.
    | Conflict of string

    /// Whether the command line is at fault, rather than a value.
    member f.IsUsage =
        match f with
        | NoSetting _
        | UnknownKey _
        | Repeated _
        | Several _
        | TooMany _
        | Structural _
        | Begun _
        | Foreign _
        | UnknownName _ -> true
        | BadValue _
        | TooSmall _
        | DecimalComma _
        | Conflict _ -> false

    /// On one line.
    member f.Message =
        match f with
        | NoSetting given -> $"{Quote.text given} is not a setting; write key=value"
        | UnknownKey(given, Some nearest) -> $"unknown setting {Quote.text given}; did you mean {nearest}?"
        | UnknownKey(given, None) -> $"unknown setting {Quote.text given}"
        | Repeated key -> $"{key} is given more than once"
        | Several key -> $"{key} takes one value here"
        | TooMany(key, most) -> $"{key} is given more than {most} values"
        | Structural key -> $"{key} cannot be changed: the network was trained with it"
        | Begun(key, free) ->
            let free = String.Join(", ", free)
            $"{key} cannot be changed once the run has started (only {free} can)"
        | Foreign(key, task, readers) ->
            let readers = String.Join(" and ", readers)
            $"{key} is not a setting of {task}; it belongs to {readers}"
        | UnknownName(key, given, Some nearest, _) -> $"unknown {key} {Quote.text given}; did you mean {nearest}?"
        | UnknownName(key, given, None, known) ->
            let names = String.Join(", ", known)
            $"unknown {key} {Quote.text given}; choose from {names}"
        | BadValue(key, given, expected) -> $"{key} must be {expected}, not {Quote.text given}"
        | TooSmall(key, given) ->
            $"{key}={Quote.text given} would be rounded to 0: write 0, or a number of at least 1.2e-38 in magnitude"
        | DecimalComma(key, whole, fraction) ->
            $"{key}={whole},{fraction} means two values, {whole} and {fraction}: for one number write {key}={whole}.{fraction}, "
            + $"for two {key}={whole}.0,{fraction}"
        | Conflict message -> message

/// One setting: everything about it in one place.
[<NoComparison; NoEquality>]
type Field =
    {
        /// On the command line and in config.json.
        Name: string
        /// What it may hold.
        Kind: Kind
        /// Values of its kind, with which a run is tried to find out whether it reads the setting.
        Trials: Value list
        /// One line for people.
        Help: string
        /// What it holds in given settings.
        Get: RunSettings -> Value
        /// Takes a value returned by `Field.parse` of this field.
        Set: Value -> RunSettings -> RunSettings
    }

/// Reads what a setting is given as text.
[<RequireQualifiedAccess>]
module Field =
    let private number (text: string) =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, x when Double.IsFinite x -> Some x
        | _ -> None

    /// Whether the engine, which computes in float32, would take a text's number for 0 although it is not.
    let private vanishes (text: string) (x: float) =
        let digits = text.Split('e', 'E')[0]
        abs x < 1.17549435e-38 && digits |> Seq.exists (fun c -> c >= '1' && c <= '9')

    /// A text as a value of the field.
    let parse (field: Field) (text: string) : Result<Value, Fault> =
        let bad = Error(BadValue(field.Name, text, field.Kind.Expected))

        match field.Kind with
        | Wholes(low, high) ->
            match Int64.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) with
            | true, n when n >= low && n <= high -> Ok(Whole n)
            | _ -> bad
        | Bounds _ when text = "none" -> Ok(Number infinity)
        | Numbers(low, high)
        | Bounds(low, high) ->
            match number text with
            | Some x when vanishes text x -> Error(TooSmall(field.Name, text))
            | Some x when x >= low && x <= high -> Ok(Number x)
            | _ -> bad
        | Switches ->
            match text with
            | "true"
            | "on" -> Ok(Switch true)
            | "false"
            | "off" -> Ok(Switch false)
            | _ -> bad
        | Words words
        | Names words ->
            match
                words
                |> List.tryFind (fun w -> String.Equals(w, text, StringComparison.OrdinalIgnoreCase)),
                field.Kind
            with
            | Some word, _ -> Ok(Word word)
            | None, Names _ -> Error(UnknownName(field.Name, text, Nearest.find words text, words))
            | None, _ -> bad
