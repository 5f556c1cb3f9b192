namespace Plastic.CommandLine

open Argu
open Plastic.Settings

/// Reads the commands about folders of runs.
[<RequireQualifiedAccess>]
module internal RunCommands =
    let private topics = [ "experiments"; "tasks"; "rules"; "runs"; "claims" ]

    /// The place of its data where that is given (else null), the folder of one run, and the words after it.
    let ofRun command (given: string list) (use': string | null -> string -> string list -> Command) : Command =
        match CodeReading.withData given with
        | _, [] -> Refusal.usage $"{command} needs the folder of a run (plastic list runs)"
        | _, run :: _ when System.String.IsNullOrWhiteSpace run ->
            Refusal.usage $"{command} needs the folder of a run, not {Quote.text run} (plastic list runs)"
        | [], run :: rest -> use' null run rest
        | [ data ], run :: rest -> use' (data.Substring CodeReading.dataKey.Length) run rest
        | _ -> Refusal.usage "data=FILE is given twice"

    /// The folder of a run, the place of its data where that is given, and further settings.
    let private withSettings
        command
        given
        faults
        (use': string -> string | null -> Override list -> Command)
        : Command =
        ofRun command given (fun data run settings ->
            match Configuration.parse Library.BuiltIn settings with
            | Error faults -> Refusal.rejected faults
            | Ok overrides ->
                match Configuration.several overrides @ faults overrides with
                | [] -> use' run data overrides
                | faults -> Refusal.rejected faults)

    let resume (r: ParseResults<ResumeArguments>) =
        Refusal.words "resume" (r.GetResults ResumeArguments.Run_And_Settings) (fun given ->
            let options =
                OptionValues.resources
                    (r.TryGetResult ResumeArguments.Threads)
                    (r.TryGetResult ResumeArguments.History)
                    (r.TryGetResult ResumeArguments.Device)
                |> OptionValues.ranked (r.TryGetResult ResumeArguments.Ranks),
                OptionValues.checkpoints (Some "must") (r.TryGetResult ResumeArguments.Checkpoint)

            match options with
            | Error fault, _
            | _, Error fault -> Refusal.usage fault
            | Ok resources, Ok checkpoints ->
                withSettings "resume" given Configuration.begun (fun run data overrides ->
                    let reading = RunReading(r.Contains ResumeArguments.Trust, data)
                    ResumeRequest(run, overrides, resources, checkpoints, reading)))

    let eval (r: ParseResults<EvalArguments>) =
        Refusal.words "eval" (r.GetResults Run_And_Settings) (fun given ->
            match
                OptionValues.resources
                    (r.TryGetResult EvalArguments.Threads)
                    None
                    (r.TryGetResult EvalArguments.Device)
            with
            | Error fault -> Refusal.usage fault
            | Ok resources ->
                withSettings "eval" given Configuration.structural (fun run data overrides ->
                    EvalRequest(run, overrides, resources, RunReading(r.Contains EvalArguments.Trust, data))))

    let list (r: ParseResults<ListArguments>) =
        Refusal.words "list" (r.GetResults ListArguments.Topic) (fun given ->
            let conditions = r.GetResults Filter |> List.map Condition.Parse
            let sort = r.TryGetResult Sort |> Option.defaultValue ""

            let faults =
                conditions
                |> List.choose (fun condition ->
                    match condition with
                    | Error fault -> Some fault
                    | Ok _ -> None)

            let isPlain =
                conditions.IsEmpty
                && sort = ""
                && not (r.Contains ListArguments.Csv)
                && not (r.Contains Reverse)

            match OptionValues.folder (r.TryGetResult ListArguments.Out), given with
            | Error fault, _ -> Refusal.usage fault
            | _ when not faults.IsEmpty -> Refusal.usage (String.concat "; " faults)
            | Ok out, [] when isPlain -> ListRequest(Topic.Everything, out, [], "", false, false)
            | Ok out, [ topic ] ->
                match List.tryFindIndex ((=) topic) topics with
                | Some index when index = 3 || isPlain ->
                    ListRequest(
                        enum<Topic>(index + 1),
                        out,
                        conditions |> List.choose Result.toOption,
                        sort,
                        r.Contains Reverse,
                        r.Contains ListArguments.Csv
                    )
                | Some _ -> Refusal.usage $"--filter, --sort, --reverse and --csv are for runs: plastic list runs"
                | None -> Refusal.unknown "topic" topics topic
            | Ok _, [] -> Refusal.usage $"--filter, --sort, --reverse and --csv are for runs: plastic list runs"
            | Ok _, _ -> Refusal.usage "list takes at most one word")

    let private several command least folder (given: string list list) (use': string list -> string -> Command) =
        Refusal.words command given (fun targets ->
            match OptionValues.folder folder with
            | Error fault -> Refusal.usage fault
            | Ok out ->
                match targets |> List.tryFind System.String.IsNullOrWhiteSpace with
                | Some empty -> Refusal.usage $"{command} needs folders, names or tags of runs, not {Quote.text empty}"
                | None when targets.Length < least ->
                    Refusal.usage $"{command} needs folders, names or tags of runs (plastic list runs)"
                | None -> use' targets out)

    let compare (r: ParseResults<CompareArguments>) =
        several
            "compare"
            1
            (r.TryGetResult CompareArguments.Out)
            (r.GetResults CompareArguments.Runs)
            (fun targets out -> CompareRequest(targets, out, r.Contains CompareArguments.Csv))

    let remove (r: ParseResults<RemoveArguments>) =
        several "rm" 1 (r.TryGetResult RemoveArguments.Out) (r.GetResults RemoveArguments.Runs) (fun targets out ->
            RemoveRequest(targets, out, r.Contains Yes))

    let stop (r: ParseResults<StopArguments>) =
        several "stop" 1 (r.TryGetResult StopArguments.Out) (r.GetResults StopArguments.Runs) (fun targets out ->
            StopRequest(targets, out))

    let show (r: ParseResults<ShowArguments>) =
        Refusal.words "show" (r.GetResults ShowArguments.Run) (fun given ->
            ofRun "show" given (fun data run rest ->
                match data, rest with
                | null, [] -> ShowRequest(run)
                | _ -> Refusal.usage "show takes one folder"))

    let analyse (r: ParseResults<AnalyseArguments>) =
        Refusal.words "analyse" (r.GetResults AnalyseArguments.Run) (fun given ->
            let folder =
                match r.TryGetResult AnalyseArguments.Output with
                | Some text when System.String.IsNullOrWhiteSpace text || Seq.exists System.Char.IsControl text ->
                    Error $"--output must name a folder, not {Quote.text text}"
                | text -> Ok(Option.defaultValue "" text)

            match
                OptionValues.whole "--episodes" 256L 16L 1024L (r.TryGetResult AnalyseArguments.Episodes),
                OptionValues.resources (r.TryGetResult AnalyseArguments.Threads) None None,
                folder
            with
            | Error fault, _, _
            | _, Error fault, _
            | _, _, Error fault -> Refusal.usage fault
            | Ok episodes, Ok resources, Ok folder ->
                ofRun "analyse" given (fun data run rest ->
                    match rest with
                    | [] ->
                        let reading = RunReading(r.Contains AnalyseArguments.Trust, data)
                        AnalyseRequest(run, folder, int episodes, resources, reading)
                    | _ ->
                        Refusal.usage "analyse takes the folder of one run, so each run needs an analysis of its own"))

    let watch (r: ParseResults<WatchArguments>) =
        Refusal.words "watch" (r.GetResults Folder) (fun given ->
            match given, OptionValues.whole "--port" 0L 0L 65535L (r.TryGetResult Port) with
            | _, Error fault -> Refusal.usage fault
            | _ :: _ :: _, _ -> Refusal.usage "watch takes one folder"
            | [ empty ], _ when System.String.IsNullOrWhiteSpace empty ->
                Refusal.usage $"watch needs the folder that holds runs/, not {Quote.text empty}"
            | folders, Ok port ->
                WatchRequest(List.tryHead folders |> Option.defaultValue "", int port, RunReading(false, null)))
