namespace Plastic.CommandLine

open Argu
open Plastic.Settings

/// Reads the commands about folders of runs.
[<RequireQualifiedAccess>]
module internal RunCommands =
    let private topics = [ "experiments"; "tasks"; "rules"; "runs" ]

    /// The folder of one run, and the words after it.
    let private ofRun command (given: string list) (use': string -> string list -> Command) : Command =
        match given with
        | [] -> Refusal.usage $"{command} needs the folder of a run (plastic list runs)"
        | run :: _ when System.String.IsNullOrWhiteSpace run ->
            Refusal.usage $"{command} needs the folder of a run, not {Quote.text run} (plastic list runs)"
        | run :: rest -> use' run rest

    let private withSettings command given faults (use': string -> Override list -> Command) : Command =
        ofRun command given (fun run settings ->
            match Configuration.parse Library.BuiltIn settings with
            | Error faults -> Refusal.rejected faults
            | Ok overrides ->
                match Configuration.several overrides @ faults overrides with
                | [] -> use' run overrides
                | faults -> Refusal.rejected faults)

    let resume (r: ParseResults<ResumeArguments>) =
        Refusal.words "resume" (r.GetResults ResumeArguments.Run_And_Settings) (fun given ->
            let options =
                OptionValues.resources
                    (r.TryGetResult ResumeArguments.Threads)
                    (r.TryGetResult ResumeArguments.History),
                OptionValues.checkpoints (Some "must") (r.TryGetResult ResumeArguments.Checkpoint)

            match options with
            | Error fault, _
            | _, Error fault -> Refusal.usage fault
            | Ok resources, Ok checkpoints ->
                withSettings "resume" given Configuration.begun (fun run overrides ->
                    ResumeRequest(run, overrides, resources, checkpoints, r.Contains ResumeArguments.Trust)))

    let eval (r: ParseResults<EvalArguments>) =
        Refusal.words "eval" (r.GetResults Run_And_Settings) (fun given ->
            match OptionValues.resources (r.TryGetResult EvalArguments.Threads) None with
            | Error fault -> Refusal.usage fault
            | Ok resources ->
                withSettings "eval" given Configuration.structural (fun run overrides ->
                    EvalRequest(run, overrides, resources, r.Contains EvalArguments.Trust)))

    let list (r: ParseResults<ListArguments>) =
        Refusal.words "list" (r.GetResults ListArguments.Topic) (fun given ->
            match OptionValues.folder (r.TryGetResult ListArguments.Out), given with
            | Error fault, _ -> Refusal.usage fault
            | Ok out, [] -> ListRequest(Topic.Everything, out)
            | Ok out, [ topic ] ->
                match List.tryFindIndex ((=) topic) topics with
                | Some index -> ListRequest(enum<Topic>(index + 1), out)
                | None -> Refusal.unknown "topic" topics topic
            | Ok _, _ -> Refusal.usage "list takes at most one word")

    let show (r: ParseResults<ShowArguments>) =
        Refusal.words "show" (r.GetResults ShowArguments.Run) (fun given ->
            ofRun "show" given (fun run rest ->
                match rest with
                | [] -> ShowRequest(run)
                | _ -> Refusal.usage "show takes one folder"))
