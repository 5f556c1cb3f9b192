namespace Plastic.Settings

open System
open Plastic.Core
open Plastic.Tasks

/// The values given to a setting, at least one; several make an axis of it.
[<NoComparison; NoEquality>]
type Override =
    {
        /// The setting.
        Field: Field
        /// What it is given.
        Values: Value list
    }

    /// The first value.
    member o.Value = List.head o.Values

/// From texts to settings and back, with all faults collected.
[<RequireQualifiedAccess>]
module Configuration =
    /// The largest number of values for one setting.
    let private most = 1000

    /// The values and the faults, each in order.
    let private split (results: Result<'a, Fault> list) : 'a list * Fault list =
        results |> List.choose Result.toOption,
        results
        |> List.choose (fun result ->
            match result with
            | Ok _ -> None
            | Error fault -> Some fault)

    /// "3..7" for a setting of whole numbers; its ends are values of the setting.
    let private range (field: Field) (text: string) =
        match text.Split ".." |> Array.map (Field.parse field) with
        | [| Ok(Whole first); Ok(Whole last) |] when first <= last && last - first < int64 most ->
            Some [ for n in first..last -> string n ]
        | _ -> None

    /// "0,001" or "0,5" for a setting of fractions: 0 and 1, or 0 and 5, were hardly meant.
    let private decimalComma (field: Field) (text: string) =
        let isDigits (part: string) =
            part <> "" && part.Length <= 20 && Seq.forall Char.IsAsciiDigit part

        match field.Kind, text.Split ',' with
        | (Numbers _ | Bounds _), [| whole; fraction |] when
            isDigits whole && isDigits fraction && (whole = "0" || fraction[0] = '0')
            ->
            Some(DecimalComma(field.Name, whole, fraction))
        | _ -> None

    /// "a,b,c", and "a..b" of whole numbers.
    let private values (field: Field) (text: string) : Result<Override, Fault> =
        let parts =
            text.Split ','
            |> Seq.collect (fun part -> range field part |> Option.defaultValue [ part ])
            |> Seq.truncate (most + 1)
            |> List.ofSeq

        match parts |> List.map (Field.parse field) |> split with
        | _, fault :: _ -> Error fault
        | _ when (decimalComma field text).IsSome -> Error (decimalComma field text).Value
        | _, [] when parts.Length > most -> Error(TooMany(field.Name, most))
        | values, [] ->
            match values |> List.countBy id |> List.tryFind (fun (_, count) -> count > 1) with
            | Some(value, _) -> Error(Repeated $"{field.Name}={value.Text}")
            | None -> Ok { Field = field; Values = values }

    let private one (library: Library) (text: string) : Result<Override, Fault> =
        match text.IndexOf '=' with
        | -1 -> Error(NoSetting text)
        | at ->
            Fields.find library (text.Substring(0, at))
            |> Result.bind (fun field -> values field (text.Substring(at + 1)))

    /// Reads "key=value" texts, whose rules and tasks are those of a library. Returns all faults, not only the first.
    let parse (library: Library) (texts: string seq) : Result<Override list, Fault list> =
        let given, faults = texts |> Seq.map (one library) |> List.ofSeq |> split

        let repeated =
            given
            |> List.countBy _.Field.Name
            |> List.filter (fun (_, count) -> count > 1)
            |> List.map (fst >> Repeated)

        match faults @ repeated with
        | [] -> Ok given
        | faults -> Error faults

    /// The settings with the first value of each override.
    let apply (overrides: Override list) (settings: RunSettings) : RunSettings =
        overrides |> List.fold (fun s o -> o.Field.Set o.Value s) settings

    /// Faults where several values are given but one run is wanted.
    let several (overrides: Override list) : Fault list =
        overrides
        |> List.filter (fun o -> o.Values.Length > 1)
        |> List.map (fun o -> Several o.Field.Name)

    /// Faults of settings that cannot be changed when a trained network is tested: all except the tasks' own and the size of the test.
    let structural (overrides: Override list) : Fault list =
        let free = "test_batches" :: Fields.ofTasks

        overrides
        |> List.filter (fun o -> not (List.contains o.Field.Name free))
        |> List.map (fun o -> Structural o.Field.Name)

    /// Settings of a started run that can be changed: its length, and how often it logs.
    let private resumable = [ "max_batch"; "log_every" ]

    /// Faults of settings that cannot be changed when a run is resumed.
    let begun (overrides: Override list) : Fault list =
        overrides
        |> List.filter (fun o -> not (List.contains o.Field.Name resumable))
        |> List.map (fun o -> Begun(o.Field.Name, resumable))

    /// Faults of new settings for a started run: its steps so far must be those that the new settings give too.
    let resumed (before: RunSettings) (after: RunSettings) : Fault list =
        let moved =
            [
                if before.MaxBatch <> after.MaxBatch then
                    "max_batch"
                if before.LogEvery <> after.LogEvery then
                    "log_every"
            ]

        [
            for key in moved do
                if after.Schedule = Cosine then
                    Conflict $"{key} cannot be changed with schedule=cosine: the learning rate so far depends on it"

            if before.MaxBatch <> after.MaxBatch && after.FreezeLast > 0 then
                Conflict "max_batch cannot be changed with freeze_last: it decides which batches train"
        ]

    /// Faults of settings that belong to other tasks of a library.
    let foreign (library: Library) (task: string) (overrides: Override list) : Fault list =
        overrides
        |> List.choose (fun o ->
            let readers =
                library.Tasks
                |> List.filter (fun t -> List.contains o.Field.Name t.Reads)
                |> List.map _.Name

            if readers.IsEmpty || List.contains task readers then
                None
            else
                Some(Foreign(o.Field.Name, task, readers)))

    /// Every setting as (key, text); `parse` of "key=text" gives the settings back.
    let internal texts (settings: RunSettings) : (string * string) list =
        Fields.ofLibrary settings.Library
        |> List.map (fun field -> field.Name, (field.Get settings).Text)

    /// The settings that `texts` gave these texts for; a setting that an earlier version lacked has its default.
    let internal ofTexts (library: Library) (texts: (string * string) list) : Result<RunSettings, Fault list> =
        parse library [ for key, text in texts -> $"{key}={text}" ]
        |> Result.map (fun overrides ->
            apply
                overrides
                { RunSettings.Default with
                    Library = library
                })

    /// The published network and training of a task. Raises InvalidOperationException if the task names an unknown setting.
    let internal published (library: Library) (task: Task) : RunSettings =
        match ofTexts library (("task", task.Name) :: task.Published) with
        | Ok settings -> settings
        | Error faults ->
            let faults = String.Join("; ", faults |> List.map _.Message)
            invalidOp $"task {task.Name}: {faults}"

    /// Whether a setting decides which run it is. How often a run logs does not, unless its learning rate follows that.
    let internal identifies key (settings: RunSettings) : bool =
        key <> "log_every" || settings.Schedule = Cosine

    /// The settings with the default in place of those that do not identify the run: equal for settings of the same run.
    let internal identity (settings: RunSettings) : RunSettings =
        if identifies "log_every" settings then
            settings
        else
            { settings with
                LogEvery = RunSettings.Default.LogEvery
            }

    /// The content of config.json: every setting in the order of Fields, one per line. Equal settings give equal bytes.
    let internal json (settings: RunSettings) : string =
        let lines =
            Fields.ofLibrary settings.Library
            |> List.map (fun field -> $"  \"{field.Name}\": {(field.Get settings).Json}")

        "{\n" + String.Join(",\n", lines) + "\n}\n"

    /// The same settings, of which the library holds no other rule and task from files than the run's own: what the run's folder
    /// can say again.
    let internal own (settings: RunSettings) : RunSettings =
        let library = settings.Library.Only(settings.Rule, settings.Task)

        let strange =
            settings.Library.Settings
            |> List.filter (fun setting -> not (List.contains setting library.Settings))

        { settings with
            Library = library
            RuleValues =
                (settings.RuleValues, strange)
                ||> List.fold (fun values setting -> values.Set(setting, setting.Default))
        }

    /// The switches of the rules and which of their bounds there are: with the rule, what decides which operations a step has.
    let internal switches (settings: RunSettings) : string =
        let text (setting: RuleSetting) =
            match settings.RuleValues.Get setting, setting.Kind with
            | RuleValue.Switch on, _ -> [ $"{on}" ]
            | RuleValue.Number x, RuleSettingKind.Bound _ -> [ $"{Double.IsPositiveInfinity x}" ]
            | RuleValue.Number _, _ -> []

        String.Join(" ", settings.Library.Settings |> List.collect text)

    /// Faults of whole settings: values out of range, which an experiment may have derived from others, and conflicts.
    let conflicts (settings: RunSettings) : Fault list =
        let beyond =
            Fields.ofLibrary settings.Library
            |> List.choose (fun field ->
                match Field.parse field (field.Get settings).Text with
                | Ok _ -> None
                | Error fault -> Some fault)

        let task = RunNetwork.task settings
        let size = task.Size settings.Episode * int64 settings.Batch

        // Numbers of a task from a file that no task can have are refused here, before anything is trained.
        for loss in [ task.Chance; task.LeastLoss ] do
            loss settings.Episode |> ignore

        let freezes =
            settings.FreezeLast = 0
            || settings.FreezeLast > 10 && settings.FreezeLast <= settings.MaxBatch

        match beyond with
        | _ :: _ -> beyond
        | [] when size > int64 Array.MaxLength ->
            [
                Conflict
                    $"a batch would hold {size} numbers; the limit is {Array.MaxLength}. Use shorter episodes or a smaller batch"
            ]
        | [] when not freezes ->
            [
                Conflict
                    $"freeze_last must be 0, or more than 10 and at most max_batch ({settings.MaxBatch}), not {settings.FreezeLast}"
            ]
        | [] ->
            match RunNetwork.encoderFaults settings with
            | [] -> (RunNetwork.options settings).Faults |> Seq.map Conflict |> List.ofSeq
            | faults -> faults
