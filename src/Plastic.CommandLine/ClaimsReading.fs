namespace Plastic.CommandLine

open Argu
open Plastic.Claims
open Plastic.Settings

/// Reads `claims`.
[<RequireQualifiedAccess>]
module internal ClaimsReading =
    let private library (loader: ICodeLoader) sets =
        (Library.BuiltIn, loader.Images sets)
        ||> Seq.fold (fun library (struct (task, file)) -> Joining.Task(library, task, file))

    let private scale (text: string option) =
        match text with
        | None -> Ok Scale.Small
        | Some text ->
            match Scale.All |> Seq.tryFind (fun scale -> scale.Name = text) with
            | Some scale -> Ok scale
            | None -> Error $"--scale must be small or paper, not {Quote.text text}"

    /// The request that the arguments make.
    let request (loader: ICodeLoader) (r: ParseResults<ClaimsArguments>) : Command =
        Refusal.words "claims" (r.GetResults ClaimsArguments.Claims) (fun words ->
            let options =
                OptionValues.folder (r.TryGetResult ClaimsArguments.Out),
                OptionValues.resources
                    (r.TryGetResult ClaimsArguments.Threads)
                    (r.TryGetResult ClaimsArguments.History)
                    None,
                OptionValues.whole "--jobs" 1L 1L 1024L (r.TryGetResult ClaimsArguments.Jobs),
                OptionValues.checkpoints None (r.TryGetResult ClaimsArguments.Checkpoint),
                OptionValues.seeds (r.TryGetResult ClaimsArguments.Seed),
                scale (r.TryGetResult ClaimsArguments.Scale)

            match options, words |> List.tryFind (fun word -> not (Seq.contains word Claims.Words)) with
            | (Error fault, _, _, _, _, _), _
            | (_, Error fault, _, _, _, _), _
            | (_, _, Error fault, _, _, _), _
            | (_, _, _, Error fault, _, _), _
            | (_, _, _, _, Error fault, _), _
            | (_, _, _, _, _, Error fault), _ -> Refusal.usage fault
            | _, Some word ->
                let hint = Refusal.meant Claims.Words word
                Refusal.usage $"unknown claim {Quote.text word}{hint} (see plastic list claims)"
            | (Ok out, Ok resources, Ok jobs, Ok checkpoints, Ok seeds, Ok scale), None ->
                let library = library loader (Claims.ImageSets(Claims.Named words, scale))
                let given = seeds |> Option.defaultValue [] |> Array.ofList
                let all = Claims.Plan(library, scale, given, Claims.All)
                let names = Claims.Named words |> Seq.map _.Name |> Set.ofSeq

                ClaimsRequest(
                    all,
                    [|
                        for planned in all do
                            if names.Contains planned.Claim.Name then
                                planned
                    |],
                    seeds.IsNone,
                    out,
                    resources,
                    int jobs,
                    checkpoints,
                    r.Contains No_Training,
                    r.Contains ClaimsArguments.Dry_Run
                ))
