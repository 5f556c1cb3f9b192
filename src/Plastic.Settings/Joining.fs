namespace Plastic.Settings

open System
open Plastic.Core
open Plastic.Tasks

/// Adds rules and tasks of files to a library. Raises CodeException for those that do not fit the program, so that a setting and
/// a name always mean one thing.
[<AbstractClass; Sealed>]
type Joining =
    static member private Refuse(file: CodeFile, what: string) : 'T =
        raise (CodeException(CodeFault.Wrong, $"{file.Name}: {what}", [], null))

    static member private RequireName(file: CodeFile, kind: string, name: string) =
        let isName =
            not (String.IsNullOrEmpty name)
            && name.Length <= 64
            && name |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = '_')

        if not isName then
            Joining.Refuse(
                file,
                $"a {kind}'s name is 1 to 64 ASCII letters, digits and '_', not {Quote.text (string name)}; change Name in {file.Value}"
            )

    /// The library with a rule of a file; the same library if it has this rule.
    static member Rule(library: Library, rule: Rule, file: CodeFile) : Library =
        Joining.RequireName(file, "rule", rule.Name)

        match library.TryRule rule.Name, library.RuleFile rule.Name with
        | Some _, null ->
            Joining.Refuse(file, $"a built-in rule is called {rule.Name}; give the rule another Name in {file.Value}")
        | Some _, known when known.IsSameAs file -> library
        | Some _, known ->
            Joining.Refuse(
                file,
                $"{known.Name} holds another rule called {rule.Name}; give one of them another Name in {file.Value}"
            )
        | None, _ ->
            for setting in rule.Settings do
                if List.contains setting.Name Fields.own then
                    Joining.Refuse(
                        file,
                        $"a rule's setting cannot be called {setting.Name}: the program has a setting of that name"
                    )

                match
                    library.Settings @ rule.Settings
                    |> List.filter (fun s -> s.Name = setting.Name)
                    |> List.distinct
                with
                | [ _ ] -> ()
                | _ ->
                    let readers = library.Readers setting.Name |> List.map _.Name
                    let readers = String.Join(", ", readers @ [ rule.Name ] |> List.distinct)

                    Joining.Refuse(
                        file,
                        $"the setting {setting.Name} is declared in two ways ({readers}); give it another name, or use the other declaration"
                    )

            library.With(rule, file)

    /// The library with a task of a file; the same library if it has this task.
    static member Task(library: Library, task: Task, file: CodeFile) : Library =
        Joining.RequireName(file, "task", task.Name)

        match library.TryTask task.Name, library.TaskFile task.Name with
        | Some _, null ->
            Joining.Refuse(file, $"a built-in task is called {task.Name}; give the task another Name in {file.Value}")
        | Some _, known when known.IsSameAs file -> library
        | Some _, known -> Joining.Refuse(file, $"{known.Name} holds another task called {task.Name}")
        | None, _ ->
            let joined = library.With(task, file)

            for name in task.Reads do
                match Fields.find library name with
                | Ok _ when List.contains name Fields.ofTasks -> ()
                | _ ->
                    let known = String.Join(", ", Fields.ofTasks)
                    Joining.Refuse(file, $"a task cannot read {Quote.text name}; the settings of tasks are {known}")

            match Configuration.ofTexts joined (("task", task.Name) :: task.Published) with
            | Ok _ -> joined
            | Error faults ->
                let faults = String.Join("; ", faults |> List.map _.Message)
                Joining.Refuse(file, $"Published of {file.Value}: {faults}")
