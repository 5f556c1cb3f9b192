namespace Plastic.CommandLine

open System
open Argu
open Plastic.Settings

/// Reads `data import|list|show|get`.
[<RequireQualifiedAccess>]
module internal ImageReading =
    let private verbs = [ "import"; "list"; "show"; "get" ]

    /// The options that only some of the commands take, and which do.
    let private takers (r: ParseResults<DataArguments>) =
        [
            "--name", r.Contains DataArguments.Name, [ "import"; "get" ]
            "--side", r.Contains DataArguments.Side, [ "import"; "get" ]
            "--check", r.Contains DataArguments.Check, [ "show" ]
            "--output", r.Contains DataArguments.Output, [ "show" ]
        ]

    let private named (name: string) (use': string -> Command) : Command =
        match ImageSetName.Fault name with
        | null -> use' name
        | fault -> Refusal.usage fault

    let private import source (r: ParseResults<DataArguments>) directory : Command =
        match
            r.TryGetResult DataArguments.Name,
            OptionValues.whole "--side" 32L 8L 512L (r.TryGetResult DataArguments.Side)
        with
        | _, Error fault -> Refusal.usage fault
        | None, _ -> Refusal.usage "data import needs --name NAME, what to call the image set"
        | Some name, Ok side -> named name (fun name -> ImageImportRequest(source, name, int side, directory))

    let private signs (r: ParseResults<DataArguments>) directory : Command =
        match r.TryGetResult DataArguments.Side with
        | None
        | Some "32" ->
            named (r.TryGetResult DataArguments.Name |> Option.defaultValue "signs") (fun name ->
                ImageGetRequest(name, 32, directory))
        | Some "84" ->
            named (r.TryGetResult DataArguments.Name |> Option.defaultValue "signs84") (fun name ->
                ImageGetRequest(name, 84, directory))
        | Some other -> Refusal.usage $"data get signs draws --side 32 or 84, not {Quote.text other}"

    let private show name (r: ParseResults<DataArguments>) directory : Command =
        let sheet = r.TryGetResult DataArguments.Output |> Option.defaultValue ""

        if sheet = "" || sheet.EndsWith(".png", StringComparison.OrdinalIgnoreCase) then
            named name (fun name -> ImageShowRequest(name, r.Contains DataArguments.Check, sheet, directory))
        else
            Refusal.usage $"data show -o needs a name that ends in .png, not {Quote.text sheet}"

    let request (r: ParseResults<DataArguments>) : Command =
        Refusal.words "data" (r.GetResults DataArguments.Verb_And_What) (fun given ->
            let directory = r.TryGetResult DataArguments.Data |> Option.defaultValue ""

            let misplaced =
                takers r
                |> List.tryFind (fun (_, isGiven, takers) ->
                    isGiven
                    && not (given |> List.tryHead |> Option.exists (fun verb -> List.contains verb takers)))

            match given, misplaced with
            | verb :: _, _ when not (List.contains verb verbs) -> Refusal.unknown "data command" verbs verb
            | _ :: _, Some(option, _, takers) ->
                let takers = takers |> List.map (fun verb -> $"data {verb}")
                Refusal.usage $"{option} is for {Refusal.join takers}"
            | [ "import"; source ], _ -> import source r directory
            | [ "list" ], _ -> ImageListRequest directory
            | [ "show"; name ], _ -> show name r directory
            | [ "get"; "signs" ], _ -> signs r directory
            | [ "get"; other ], _ -> Refusal.unknown "image set to get" [ "signs" ] other
            | _ -> Refusal.usage "data needs import SOURCE, list, show NAME or get signs (see plastic data --help)")
