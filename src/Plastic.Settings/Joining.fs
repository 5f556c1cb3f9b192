namespace Plastic.Settings

open System
open Plastic.Core
open Plastic.Tasks

/// Adds rules and tasks of files to a library. Raises CodeException for those that do not fit the program, so that a setting and
/// a name always mean one thing.
[<AbstractClass; Sealed>]
type Joining =
    /// The library with a rule of a file; the same library if it has this rule.
    static member Rule(library: Library, rule: Rule, file: CodeFile) : Library =
        CodeChecks.rule file rule

        match library.TryRule rule.Name, library.RuleFile rule.Name with
        | Some _, null -> CodeChecks.refuse file $"a built-in rule is called {rule.Name}; give the rule another Name"
        | Some _, known when known.IsSameAs file -> library
        | Some _, known ->
            CodeChecks.refuse file $"{known.Place} holds another rule called {rule.Name}; give one of them another Name"
        | None, _ ->
            for setting in rule.Settings do
                if List.contains setting.Name Fields.own then
                    CodeChecks.refuse
                        file
                        $"a rule's setting cannot be called {setting.Name}: the program has a setting of that name"

                match
                    library.Settings @ rule.Settings
                    |> List.filter (fun s -> s.Name = setting.Name)
                    |> List.distinct
                with
                | [ _ ] -> ()
                | _ ->
                    let readers = library.Readers setting.Name |> List.map _.Name
                    let readers = String.Join(", ", readers @ [ rule.Name ] |> List.distinct)

                    CodeChecks.refuse
                        file
                        $"the setting {setting.Name} is declared in two ways ({readers}); give it another name, or use the other declaration"

            library.With(CodeChecks.guardedRule file rule, file)

    /// The library with a task of a file, of data, or of an image set; the same library if it has this task.
    static member Task(library: Library, task: Task, file: CodeFile) : Library =
        CodeChecks.task file task

        // Of an image set that is not at hand there is a description, which the set takes the place of.
        let isDescribed =
            FewShotTask.Known |> List.exists (fun known -> known.Name = task.Name)

        let isExperiment =
            Experiments.all |> List.exists (fun experiment -> experiment.Name = task.Name)

        match library.TryTask task.Name, library.TaskFile task.Name with
        | None, _ when isExperiment ->
            CodeChecks.refuse file $"an experiment is called {task.Name}; give the task another Name"
        | Some _, null when not (file.IsData && isDescribed) ->
            CodeChecks.refuse file $"a built-in task is called {task.Name}; give the task another Name"
        | Some _, NonNull known when known.IsSameAs file -> library
        | Some _, NonNull known -> CodeChecks.refuse file $"{known.Place} holds another task called {task.Name}"
        | _, _ ->
            let joined = library.With(CodeChecks.guardedTask file task, file)

            for name in task.Reads do
                match Fields.find library name with
                | Ok _ when List.contains name Fields.ofTasks -> ()
                | _ ->
                    let known = String.Join(", ", Fields.ofTasks)
                    CodeChecks.refuse file $"a task cannot read {Quote.text name}; the settings of tasks are {known}"

            match Configuration.ofTexts joined (("task", task.Name) :: task.Published) with
            | Ok _ -> joined
            | Error faults ->
                let faults = String.Join("; ", faults |> List.map _.Message)
                CodeChecks.refuse file $"Published: {faults}"
