namespace Plastic.Settings

open System
open System.Globalization
open Plastic.Core
open Plastic.Tasks

/// What rules and tasks of files say of themselves has to be fit for lists, files and figures, and their code may throw anything at
/// any time. Each check raises CodeException, on one line that says in which file, and what to change.
[<RequireQualifiedAccess>]
module internal CodeChecks =
    /// The longest name of a rule, a task, or a setting.
    let longestName = 64

    /// Whether a rule, a task, or a setting can be called so.
    let isName (text: string) =
        not (String.IsNullOrEmpty text)
        && text.Length <= longestName
        && text |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = '_')

    /// The longest of the other texts.
    let private longestText = 1000

    /// The file is refused.
    let refuse (file: CodeFile) (what: string) : 'T =
        raise (CodeException(CodeFault.Wrong, $"{file.Place}: {what}", [], null))

    let private written (x: float) =
        x.ToString("R", CultureInfo.InvariantCulture)

    let private name file (kind: string) (text: string) =
        if not (isName text) then
            let given = if isNull text then "null" else Quote.text text

            refuse file $"the name of a {kind} is 1 to {longestName} ASCII letters, digits and '_', not {given}"

    /// One line of text, which may be empty.
    let private line file (what: string) (text: string) =
        let breaks (c: char) =
            Char.IsControl c || c = '\u2028' || c = '\u2029'

        if isNull text then
            refuse file $"{what} is null; write a text"
        elif text.Length > longestText then
            refuse file $"{what} has {text.Length} characters; the limit is {longestText}"
        elif Seq.exists breaks text then
            refuse file $"{what} must be one line without control characters, not {Quote.text text}"

    let private setting file (setting: RuleSetting) =
        name file "setting" setting.Name
        line file $"the meaning of the setting {setting.Name}" setting.Help

        match setting.Kind with
        | RuleSettingKind.Number(low, high)
        | RuleSettingKind.Bound(low, high) when not (Double.IsFinite low && Double.IsFinite high) ->
            refuse
                file
                $"the range of the setting {setting.Name} must have finite ends, not {written low} and {written high}"
        | _ -> ()

    /// A rule as its file declares it.
    let rule (file: CodeFile) (rule: Rule) : unit =
        name file "rule" rule.Name
        line file "Summary" rule.Summary
        line file "Equation" rule.Equation
        line file "Source" rule.Source

        if not (Double.IsFinite rule.AlphaSpread && rule.AlphaSpread >= 0.0) then
            refuse file $"AlphaSpread must be a finite number from 0 on, not {written rule.AlphaSpread}"

        rule.Settings |> List.iter (setting file)

        match rule.Settings |> List.countBy id |> List.tryFind (fun (_, count) -> count > 1) with
        | Some(twice, _) -> refuse file $"Settings has {twice.Name} more than once"
        | None -> ()

    /// A task as its file declares it, without what depends on settings.
    let task (file: CodeFile) (task: Task) : unit =
        name file "task" task.Name
        line file "Summary" task.Summary
        line file "Floor" task.Floor

        for key, value in task.Published do
            line file "a name in Published" key
            line file $"the value of {Quote.text key} in Published" value

        for read in task.Reads do
            line file "a name in Reads" read

        match task.Measure with
        | null -> ()
        | measure -> line file "the name of Measure" measure.Name

    /// The code, whose faults are those of the file.
    let private within (file: CodeFile) (what: string) (code: 'A -> 'B) : 'A -> 'B =
        fun argument ->
            try
                code argument
            with thrown ->
                raise (CodeException.Of(file.Place, what, thrown))

    /// The rule; what its code throws is a fault of the file.
    let guardedRule (file: CodeFile) (rule: Rule) : Rule =
        let failed = $"the rule {rule.Name} failed"

        { rule with
            Parameters = within file failed rule.Parameters
            Learn = rule.Learn |> Option.map (within file failed)
        }

    /// The task; what its code throws, and numbers that no task can have, are faults of the file.
    let guardedTask (file: CodeFile) (task: Task) : Task =
        let failed part =
            $"the task {task.Name} failed in {part}"

        let loss part code =
            within file (failed part) code
            >> fun x ->
                if Double.IsFinite x && x >= 0.0 then
                    x
                else
                    refuse file $"{part} of the task {task.Name} must be a finite number from 0 on, not {written x}"

        let drawn (episodes: Episodes) =
            if isNull (box episodes) then
                refuse file $"Episodes of the task {task.Name} gives null"
            elif episodes.Inputs < 1 || episodes.Outputs < 1 || episodes.Steps < 1 then
                refuse
                    file
                    $"the episodes of the task {task.Name} must have at least 1 input, output and step, not {episodes.Inputs}, {episodes.Outputs} and {episodes.Steps}"
            else
                episodes.Throwing(fun thrown -> CodeException.Of(file.Place, failed "drawing an episode", thrown))

        { task with
            Measure =
                match task.Measure with
                | null -> null
                | measure ->
                    let of' = within file (failed "Measure") measure.Of
                    Measure(measure.Name, (fun batch outputs -> of' (batch, outputs)), measure.Decides, measure.Chance)
            Size = within file (failed "Size") task.Size
            Chance = loss "Chance" task.Chance
            LeastLoss = loss "LeastLoss" task.LeastLoss
            Episodes = within file (failed "Episodes") task.Episodes >> drawn
        }
