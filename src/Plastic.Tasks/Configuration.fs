namespace Plastic.Tasks

open System
open Plastic.Core

/// A value given to a setting.
[<NoComparison; NoEquality>]
type Override = { Field: Field; Value: Value }

/// From texts to settings and back, all faults gathered.
[<RequireQualifiedAccess>]
module Configuration =
    let private one (text: string) : Result<Override, Fault> =
        match text.IndexOf '=' with
        | -1 -> Error(NoSetting text)
        | at ->
            Fields.find (text.Substring(0, at))
            |> Result.bind (fun field ->
                Field.parse field (text.Substring(at + 1))
                |> Result.map (fun value -> { Field = field; Value = value }))

    let private split results =
        List.choose
            (fun result ->
                match result with
                | Ok value -> Some value
                | Error _ -> None)
            results,
        List.choose
            (fun result ->
                match result with
                | Ok _ -> None
                | Error fault -> Some fault)
            results

    /// Reads "key=value" texts. Gives every fault there is, not the first.
    let parse (texts: string seq) : Result<Override list, Fault list> =
        let given, faults = texts |> Seq.map one |> List.ofSeq |> split

        let repeated =
            given
            |> List.countBy _.Field.Name
            |> List.filter (fun (_, count) -> count > 1)
            |> List.map (fst >> Repeated)

        match faults @ repeated with
        | [] -> Ok given
        | faults -> Error faults

    /// The settings with the values put in.
    let apply (overrides: Override list) (settings: Settings) : Settings =
        overrides |> List.fold (fun s o -> o.Field.Set o.Value s) settings

    /// Every setting as (key, text); `parse` of "key=text" gives the settings back.
    let texts (settings: Settings) : (string * string) list =
        Fields.all |> List.map (fun field -> field.Name, (field.Get settings).Text)

    /// The content of config.json: every setting in the order of Fields, one per line. Equal settings give equal bytes.
    let json (settings: Settings) : string =
        let lines =
            Fields.all
            |> List.map (fun field -> $"  \"{field.Name}\": {(field.Get settings).Json}")

        "{\n" + String.Join(",\n", lines) + "\n}\n"

    /// The task of the settings.
    let task (settings: Settings) : Task =
        match Catalogue.tryFind settings.Task with
        | Some task -> task
        | None -> invalidArg (nameof settings) $"no task is called {settings.Task}"

    /// What Plastic.Core builds the network from.
    let network (settings: Settings) : NetworkOptions =
        let episodes = (task settings).Episodes settings

        let rule =
            match Registry.tryFind settings.Rule with
            | Some rule -> rule
            | None -> invalidArg (nameof settings) $"no rule is called {settings.Rule}"

        {
            Cell = settings.Cell
            Rule = rule
            Inputs = episodes.Inputs
            Hidden = settings.Hidden
            Outputs = episodes.Outputs
            Extra = settings.Extra
            Modulation = settings.Modulation
            Alpha = settings.Alpha
            InnerLearningRate = settings.InnerLearningRate
            InnerWeightDecay = settings.InnerWeightDecay
            MaxInnerNorm = settings.MaxInnerNorm
            WeightClip = settings.WeightClip
            LayerNorm = settings.LayerNorm
            FrozenWeights = settings.FrozenWeights
            InnerLoss = settings.InnerLoss
            Batch = settings.Batch
        }

    /// What does not go together in settings whose values are each in range.
    let conflicts (settings: Settings) : Fault list =
        (network settings).Faults |> Seq.map Conflict |> List.ofSeq
