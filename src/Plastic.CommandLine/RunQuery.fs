namespace Plastic.CommandLine

open System
open System.Globalization
open System.IO.Enumeration
open Plastic.Settings

/// A condition on runs, "rule=hebbian", "loss<0.1", "age>2d".
[<Sealed>]
type Condition internal (key: string, operator: string, value: string) =
    /// Factors of the units of durations in seconds, and of sizes in bytes.
    static let units =
        [
            "kB", 1e3
            "MB", 1e6
            "GB", 1e9
            "s", 1.0
            "m", 60.0
            "h", 3600.0
            "d", 86400.0
        ]

    /// A number, with a unit if it has one.
    static let number (text: string) =
        let digits, factor =
            match
                units
                |> List.tryFind (fun (unit, _) -> text.EndsWith(unit, StringComparison.Ordinal))
            with
            | Some(unit, factor) -> text.Substring(0, text.Length - unit.Length), factor
            | None -> text, 1.0

        match Double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, x -> Some(x * factor)
        | _ -> None

    static let operators = [ "!="; "<="; ">="; "="; "<"; ">" ]

    /// What it is about: a setting, or one of `Facts`.
    member _.Key = key

    /// What `list runs` knows of a run besides its settings.
    static member internal Facts =
        [
            "experiment"
            "name"
            "tag"
            "state"
            "step"
            "loss"
            "validation"
            "measure"
            "validation_measure"
            "age"
            "size"
        ]

    /// The condition in a text; a fault is one line.
    static member internal Parse(text: string) : Result<Condition, string> =
        // The first operator in the text, the longest of those that begin there.
        let found =
            operators
            |> List.map (fun operator -> text.IndexOf(operator, StringComparison.Ordinal), operator)
            |> List.filter (fun (at, _) -> at > 0)
            |> List.sortBy (fun (at, operator) -> at, -operator.Length)

        match found with
        | [] -> Error $"{Quote.text text} is not a condition; write key=value, or !=, <, <=, >, >= in place of ="
        | (at, operator) :: _ ->
            Ok(Condition(text.Substring(0, at).Trim(), operator, text.Substring(at + operator.Length).Trim()))

    /// Why a word is no key of a condition or an order of runs that have these settings, on one line; null where it is one.
    static member Fault(key: string, settings: Collections.Generic.IEnumerable<string>) : string | null =
        let known = Condition.Facts @ List.ofSeq settings

        if List.contains key known then
            null
        else
            let close =
                match Nearest.find known key with
                | Some name -> $"; did you mean {name}?"
                | None -> "; choose a setting, or " + String.Join(", ", Condition.Facts)

            $"{Quote.text key} is nothing that runs have{close}"

    /// Whether a text meets it: numbers by their size, other texts by their letters, where * stands for
    /// any of them.
    member private _.IsMetBy(text: string) : bool =
        match number text, number value with
        | Some x, Some y ->
            match operator with
            | "=" -> x = y
            | "!=" -> x <> y
            | "<" -> x < y
            | "<=" -> x <= y
            | ">" -> x > y
            | _ -> x >= y
        | _ ->
            let isLike = FileSystemName.MatchesSimpleExpression(value, text)

            match operator with
            | "=" -> isLike
            | "!=" -> not isLike
            | _ -> false

    /// Whether a run meets it whose value has this text, or whose several values, such as tags, have these texts.
    member c.Holds(texts: Collections.Generic.IEnumerable<string>) : bool =
        if operator = "!=" then
            texts |> Seq.forall c.IsMetBy
        else
            texts |> Seq.exists c.IsMetBy

/// What a person calls runs; no part of what they are.
[<Sealed>]
type Label internal (name: string, tags: string list) =
    /// Empty for none.
    member _.Name = name
    /// In the order given.
    member _.Tags: Collections.Generic.IReadOnlyList<string> = Array.ofList tags
    /// Whether it says nothing.
    member _.IsEmpty = name = "" && tags.IsEmpty

    /// A label of words that need no quotes.
    static member internal Parse(name: string option, tags: string list) : Result<Label, string> =
        let isWord (word: string) =
            word.Length > 0
            && word.Length <= 40
            && word
               |> Seq.forall (fun c -> Char.IsLetterOrDigit c || c = '-' || c = '_' || c = '.')
            && Char.IsLetterOrDigit word[0]

        match (Option.toList name) @ tags |> List.tryFind (isWord >> not) with
        | Some word ->
            Error
                $"a name or a tag is at most 40 letters, digits, '-', '_' and '.', and begins with a letter or a digit, not {Quote.text word}"
        | None -> Ok(Label(defaultArg name "", List.distinct tags))
