namespace Plastic.CommandLine

open System
open Argu
open Plastic.Settings

/// Reads the commands about clusters.
[<RequireQualifiedAccess>]
module internal ClusterReading =
    // A year: what no cluster allows.
    let private longest = 527_040L

    /// Minutes of "H:MM"; 0 where nothing is given.
    let private minutes (text: string option) : Result<int, string> =
        match text with
        | None -> Ok 0
        | Some text ->
            let number (part: string) =
                match
                    Int64.TryParse(part, Globalization.NumberStyles.None, Globalization.CultureInfo.InvariantCulture)
                with
                | true, n when n <= longest -> Some n
                | _ -> None

            match text.Split ':' |> Array.map number with
            | [| Some hours; Some minutes |] when minutes < 60L && text.Length - text.IndexOf ':' = 3 ->
                let all = 60L * hours + minutes

                if all >= 5L && all <= longest then
                    Ok(int all)
                else
                    Error $"--time must be at least 0:05 and at most a year, not {Quote.text text}"
            | _ -> Error $"--time must be hours and minutes, such as 1:30, not {Quote.text text}"

    let private words (text: string option) =
        let mutable found: Collections.Generic.IReadOnlyList<string> = [||]

        if ShellText.TrySplit(Option.defaultValue "" text, &found) then
            Ok found
        else
            Error $"--sbatch has a quote that is not closed: {Quote.text (Option.defaultValue String.Empty text)}"

    let private engine (text: string option) =
        match text with
        | None
        | Some "slurm" -> Ok TaskEngine.Slurm
        | Some "list" -> Ok TaskEngine.List
        | Some other -> Error $"--engine must be slurm or list, not {Quote.text other}"

    let submit (loader: ICodeLoader) (r: ParseResults<SubmitArguments>) : Command =
        let options =
            OptionValues.folder (r.TryGetResult SubmitArguments.Out),
            OptionValues.whole "--at-once" 0L 1L 1_000_000L (r.TryGetResult At_Once),
            OptionValues.whole "--cpus" 2L 1L 1024L (r.TryGetResult Cpus),
            minutes (r.TryGetResult Time),
            words (r.TryGetResult Sbatch),
            engine (r.TryGetResult Engine)

        match options with
        | Error fault, _, _, _, _, _
        | _, Error fault, _, _, _, _
        | _, _, Error fault, _, _, _
        | _, _, _, Error fault, _, _
        | _, _, _, _, Error fault, _
        | _, _, _, _, _, Error fault -> Refusal.usage fault
        | Ok _, Ok _, Ok _, Ok _, Ok sbatch, Ok TaskEngine.List when sbatch.Count > 0 ->
            Refusal.usage "--sbatch is for --engine slurm"
        | Ok out, Ok atOnce, Ok cpus, Ok minutes, Ok sbatch, Ok engine ->
            let given = r.GetResults SubmitArguments.Name_And_Settings
            let seed = r.TryGetResult SubmitArguments.Seed

            let option name value =
                match value with
                | Some value -> [ name; value ]
                | None -> []

            let same =
                List.concat given
                @ option "--seed" seed
                @ option "--out" (r.TryGetResult SubmitArguments.Out)

            PlanReading.plan loader "submit" given seed (fun plan ->
                if plan.IsTest then
                    Refusal.usage
                        $"{plan.Name} trains nothing and takes seconds: plastic train {plan.Name} tests the networks of another experiment"
                else
                    SubmitRequest(
                        plan,
                        same,
                        out,
                        int atOnce,
                        Resources(int cpus, 0L, "", ""),
                        minutes,
                        sbatch,
                        engine,
                        r.Contains SubmitArguments.Dry_Run
                    ))

    let work (r: ParseResults<WorkArguments>) : Command =
        Refusal.words "work" (r.GetResults Submission_And_Task) (fun given ->
            match
                given,
                OptionValues.resources
                    (r.TryGetResult WorkArguments.Threads)
                    (r.TryGetResult WorkArguments.History)
                    None
            with
            | _, Error fault -> Refusal.usage fault
            | [ folder; task ], Ok resources when not (String.IsNullOrWhiteSpace folder) ->
                match OptionValues.whole "TASK" 0L 0L (int64 Int32.MaxValue) (Some task) with
                | Ok task -> WorkRequest(folder, int task, resources, r.Contains WorkArguments.Trust)
                | Error fault -> Refusal.usage fault
            | _ -> Refusal.usage "work needs the folder of a submission and the number of a task")

    let status (r: ParseResults<StatusArguments>) : Command =
        Refusal.words "status" (r.GetResults StatusArguments.Name) (fun given ->
            match given, OptionValues.folder (r.TryGetResult StatusArguments.Out) with
            | _, Error fault -> Refusal.usage fault
            | [ name ], Ok out when not (String.IsNullOrWhiteSpace name) -> StatusRequest(name, out)
            | _ -> Refusal.usage "status needs the name of an experiment or a task with runs (plastic list runs)")
