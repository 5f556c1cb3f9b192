namespace Plastic.CommandLine

open System
open System.Globalization
open Argu
open Plastic.Settings

/// Reads `export`.
[<RequireQualifiedAccess>]
module internal ExportReading =
    let private formats = [ ".npz"; ".safetensors"; ".csv" ]

    let private listed (text: string) =
        text.Split(',', StringSplitOptions.TrimEntries) |> List.ofArray

    /// "1,5,10..12" as steps from 1 on, in order.
    let private steps (text: string) : int list option =
        let number (text: string) =
            match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, n when n >= 1 && n <= 1_000_000 -> Some n
            | _ -> None

        let range (part: string) =
            match part.Split ".." |> Array.map number with
            | [| Some one |] -> Some [ one ]
            | [| Some first; Some last |] when first <= last && last - first < 100_000 -> Some [ first..last ]
            | _ -> None

        let ranges = listed text |> List.map range

        if List.forall Option.isSome ranges then
            ranges |> List.choose id |> List.concat |> List.distinct |> List.sort |> Some
        else
            None

    let private choice (r: ParseResults<ExportArguments>) : Result<ExportChoice, string> =
        let layers =
            match r.TryGetResult Layers with
            | None
            | Some "all" -> None
            | Some "none" -> Some []
            | Some text -> Some(listed text)

        match
            OptionValues.whole "--episodes" 8L 1L 100_000L (r.TryGetResult Episodes),
            r.TryGetResult ExportArguments.Steps
        with
        | Error fault, _ -> Error fault
        | Ok episodes, None -> Ok(ExportChoice(int episodes, layers, None, false))
        | Ok episodes, Some "all" -> Ok(ExportChoice(int episodes, layers, None, true))
        | Ok episodes, Some text ->
            match steps text with
            | Some steps -> Ok(ExportChoice(int episodes, layers, Some steps, false))
            | None -> Error $"--steps must be steps from 1 on, such as 1,5,10..12, or all; not {Quote.text text}"

    /// Whether a word names an experiment or a task rather than the folder of a run.
    let private isPlan (words: string list) =
        match CodeReading.withData words, words with
        | (_ :: _, rest), _ -> List.forall CodeReading.isSetting rest
        | _, name :: _ ->
            List.contains name (Experiments.names Library.BuiltIn)
            || CodeReference.IsCode name
        | _, [] -> false

    let request (loader: ICodeLoader) (r: ParseResults<ExportArguments>) : Command =
        Refusal.words "export" (r.GetResults ExportArguments.What) (fun given ->
            let options =
                choice r,
                OptionValues.resources (r.TryGetResult ExportArguments.Threads) None None,
                OptionValues.folder (r.TryGetResult ExportArguments.Out)

            let file = r.TryGetResult Output |> Option.defaultValue ""

            let ends =
                formats
                |> List.filter (fun format -> file.EndsWith(format, StringComparison.OrdinalIgnoreCase))

            match options with
            | Error fault, _, _
            | _, Error fault, _
            | _, _, Error fault -> Refusal.usage fault
            | _, _, Ok out when List.tryHead given = Some "tensorboard" ->
                match file with
                | "" ->
                    PlanReading.plan
                        loader
                        "export tensorboard"
                        [ given.Tail ]
                        (r.TryGetResult ExportArguments.Seed)
                        (fun plan -> ExportTensorBoardRequest(plan, out))
                | _ -> Refusal.usage "export tensorboard writes a folder, tensorboard/ beside runs/, and takes no -o"
            | _ when ends.IsEmpty -> Refusal.usage $"export needs -o FILE, whose name ends in {Refusal.join formats}"
            | Ok _, _, Ok out when isPlan given ->
                if ends = [ ".csv" ] then
                    PlanReading.plan loader "export" [ given ] (r.TryGetResult ExportArguments.Seed) (fun plan ->
                        ExportMetricsRequest(plan, out, file))
                else
                    Refusal.usage
                        "metrics of an experiment's runs are exported as .csv; give the folder of a run for .npz or .safetensors"
            | Ok choice, Ok resources, Ok _ ->
                RunCommands.ofRun "export" given (fun data run rest ->
                    match rest with
                    | [] ->
                        ExportRunRequest(
                            run,
                            file,
                            choice,
                            resources,
                            RunReading(r.Contains ExportArguments.Trust, data)
                        )
                    | _ ->
                        Refusal.usage
                            "export takes the folder of one run, so each run needs an export of its own; or the name of an experiment or a task with settings"))
