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

    /// Words of F#, also those that it keeps for later: a module cannot be called so.
    let private ofFSharp =
        "abstract and as asr assert base begin break checked class component const constraint continue default delegate do done downcast "
        + "downto elif else end event exception extern external false finally fixed for fun function global if in include inherit inline "
        + "interface internal land lazy let lor lsl lsr lxor match member mixin mod module mutable namespace new null of open or override "
        + "parallel private process protected public pure rec return sealed select sig static struct tailcall then to trait true try type "
        + "upcast use val virtual void when while with yield"

    /// Words of C#: a namespace cannot be called so.
    let private ofCSharp =
        "abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum event "
        + "explicit extern false finally fixed float for foreach goto if implicit in int interface internal is lock long namespace new null "
        + "object operator out override params private protected public readonly ref return sbyte sealed short sizeof stackalloc static "
        + "string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual void volatile while"

    let private named kind (name: string) : Command =
        let language, words =
            match kind with
            | NewKind.CSharpProject -> "C#", ofCSharp
            | _ -> "F#", ofFSharp

        if name <> "" && isName name then
            if words.Split ' ' |> Array.contains name then
                Refusal.usage $"{name} is a word of {language}; choose another name"
            else
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
