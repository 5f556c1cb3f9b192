namespace Plastic.CommandLine

open System
open Argu
open Plastic.Settings

/// Reads `new rule|task|project NAME`.
[<RequireQualifiedAccess>]
module internal NewReading =
    let private languages =
        [
            "F#", NewKind.FSharpProject
            "C#", NewKind.CSharpProject
            "laws", NewKind.LawsProject
        ]

    let private isName (name: string) =
        name.Length <= 64
        && Char.IsAsciiLetter name[0]
        && name |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = '_')

    let private named kind (name: string) : Command =
        if name <> "" && isName name then
            NewRequest(kind, name)
        else
            Refusal.usage $"a name is a letter, then letters, digits and '_', at most 64 in all, not {Quote.text name}"

    let request (r: ParseResults<NewArguments>) : Command =
        Refusal.words "new" (r.GetResults Kind_And_Name) (fun given ->
            match given, r.TryGetResult Lang with
            | ([ "rule"; _ ] | [ "task"; _ ]), Some _ -> Refusal.usage "--lang is for new project"
            | [ "rule"; name ], None -> named NewKind.Rule name
            | [ "task"; name ], None -> named NewKind.Task name
            | [ "project"; name ], language ->
                let language = Option.defaultValue "F#" language

                match
                    languages
                    |> List.tryFind (fun (known, _) ->
                        String.Equals(known, language, StringComparison.OrdinalIgnoreCase))
                with
                | Some(_, kind) -> named kind name
                | None -> Refusal.usage $"--lang must be F#, C# or laws, not {Quote.text language}"
            | kind :: _, _ when not (List.contains kind [ "rule"; "task"; "project" ]) ->
                Refusal.unknown "kind" [ "rule"; "task"; "project" ] kind
            | _ -> Refusal.usage "new needs rule, task or project, and one name (see plastic new --help)")
