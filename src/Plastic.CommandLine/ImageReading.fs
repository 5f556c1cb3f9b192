namespace Plastic.CommandLine

open System
open Argu
open Plastic.Settings
open Plastic.Tasks

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

    /// The same, where the images get a size.
    let private sized (name: string) (side: int) (use': string -> Command) : Command =
        match FewShotTask.SideOf name with
        | ValueSome known when known <> side ->
            Refusal.usage $"a set called {name} has --side {known}, not {side}; give it another --name"
        | _ -> named name use'

    let private import source (r: ParseResults<DataArguments>) directory : Command =
        let given = r.TryGetResult DataArguments.Side

        match r.TryGetResult DataArguments.Name, OptionValues.whole "--side" 32L 8L 512L given with
        | _, Error fault -> Refusal.usage fault
        | None, _ -> Refusal.usage "data import needs --name NAME, what to call the image set"
        | Some name, Ok side when given.IsSome ->
            sized name (int side) (fun name -> ImageImportRequest(source, name, ValueSome(int side), directory))
        | Some name, Ok _ ->
            named name (fun name -> ImageImportRequest(source, name, FewShotTask.SideOf name, directory))

    let private signs (r: ParseResults<DataArguments>) directory : Command =
        let drawn usual side =
            sized (r.TryGetResult DataArguments.Name |> Option.defaultValue usual) side (fun name ->
                ImageGetRequest(name, side, directory))

        match r.TryGetResult DataArguments.Side with
        | None
        | Some "32" -> drawn "signs" 32
        | Some "84" -> drawn "signs84" 84
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
