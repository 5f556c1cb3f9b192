namespace Plastic.Settings

open System
open System.Reflection
open Plastic.Core
open Plastic.Tasks

/// What can be wrong with a rule or a task in a file.
type CodeFault =
    /// It does not compile, holds no such value, its value does not fit the program, or it fails while it runs.
    | Wrong = 0
    /// It came with a run's folder, and nobody has said that it may run here.
    | Untrusted = 1
    /// What names it is no name of a file of code.
    | Misnamed = 2

/// Raised where a rule or a task of a file cannot be used.
[<Sealed>]
type CodeException(fault: CodeFault, message: string, details: string seq, cause: exn) =
    inherit Exception(message, cause)
    /// What is wrong.
    member _.Fault = fault
    /// What the compiler said, one line each; mostly empty.
    member _.Details = details

    static member private Innermost(thrown: exn) : exn =
        match thrown with
        | :? TargetInvocationException
        | :? TypeInitializationException when not (isNull thrown.InnerException) ->
            CodeException.Innermost thrown.InnerException
        | _ -> thrown

    /// What code of the file at a place threw, as a fault of that file; `what` says what it could not do. Faults that say themselves
    /// whose they are stay as they are.
    static member Of(place: string, what: string, thrown: exn) : exn =
        match CodeException.Innermost thrown with
        | :? CodeException
        | :? ShapeException as known -> known
        | cause ->
            CodeException(CodeFault.Wrong, $"{place}: {what}: {cause.Message} ({cause.GetType().Name})", [], thrown)

/// How a rule or a task in a file of code is named: "./covariance.fsx", "./mine.dll:Mine.Rules.covariance".
[<AbstractClass; Sealed>]
type CodeReference =
    /// Whether a path ends as files of code do: .fsx, .fs or .dll, in letters of any case.
    static member IsCode(path: string) : bool =
        [ ".fsx"; ".fs"; ".dll" ]
        |> List.exists (fun ending -> path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))

    /// The path, and the name of the value after ':'; the whole text and no name where it does not name a file of code.
    static member Split(text: string) : struct (string * string) =
        let at = text.LastIndexOf ':'

        if
            at > 0
            && not (CodeReference.IsCode text)
            && CodeReference.IsCode(text.Substring(0, at))
        then
            text.Substring(0, at), text.Substring(at + 1)
        else
            text, ""

/// The file that a rule or a task comes from: code, or the data of a task's episodes.
[<Sealed>]
type CodeFile private (name: string, place: string, value: string, hash: string, content: byte[], isData: bool) =
    /// A file of code, at a place.
    new(name: string, place: string, value: string, hash: string, content: byte[]) =
        CodeFile(name, place, value, hash, content, false)

    /// A file of data at a path.
    static member OfData(name: string, path: string, hash: string) =
        CodeFile(name, path, path, hash, Array.empty, true)

    /// Whether it holds data rather than code.
    member _.IsData = isData
    /// Its name, without a folder.
    member _.Name = name
    /// What messages call it: the path that the user gave, or the one in the run's folder.
    member _.Place = place
    /// The full name of the value in it, "Covariance.rule"; the path of a data file.
    member _.Value = value
    /// SHA-256 of its content, in hexadecimal: what identifies it.
    member _.Hash = hash
    /// Its content; empty for data, and where only its description was read.
    member _.Content = content

    /// Whether both stand for the same value of the same content; the file may have another name, and so may a script's module.
    member _.IsSameAs(other: CodeFile) =
        let last (full: string) =
            full.Substring(full.LastIndexOf '.' + 1)

        hash = other.Hash
        && isData = other.IsData
        && (isData || last value = last other.Value)

/// Loads rules and tasks from files, named as on the command line: "./covariance.fsx", "./mine.dll:Mine.Rules.covariance",
/// "trials.npz". Its methods raise CodeException or what the host has for files that it cannot read.
type ICodeLoader =
    /// The rule that a reference names.
    abstract Rule: reference: string -> struct (Rule * CodeFile)
    /// The task that a reference names.
    abstract Task: reference: string -> struct (Task * CodeFile)
    /// The task whose episodes are those of a data file.
    abstract Data: path: string -> struct (Task * CodeFile)
    /// The few-shot tasks of those image sets that are at hand, of some names.
    abstract Images: sets: string seq -> struct (Task * CodeFile) seq
    /// In words, where image sets are looked for.
    abstract ImagePlace: string

/// The rules and tasks that settings may name: the built-in ones, and those that were loaded from files. Immutable.
[<Sealed>]
type Library private (rules: (Rule * CodeFile) list, tasks: (Task * CodeFile) list) =
    static let builtIn = Library([], [])

    let identity =
        [ for rule, file in rules -> rule.Name, file.Hash ], [ for task, file in tasks -> task.Name, file.Hash ]

    let allRules = Registry.rules @ List.map fst rules

    // An image set that is at hand stands before the description of the one that is not.
    let allTasks =
        Catalogue.tasks @ List.map fst tasks @ FewShotTask.Known
        |> List.distinctBy _.Name

    let settings =
        Registry.settings @ (rules |> List.collect (fun (rule, _) -> rule.Settings))
        |> List.distinct

    static let file name (nameOf: 'T -> string) (loaded: ('T * CodeFile) list) : CodeFile | null =
        match loaded |> List.tryFind (fun (value, _) -> nameOf value = name) with
        | Some(_, file) -> file
        | None -> null

    /// What needs no file.
    static member BuiltIn = builtIn

    /// The rules by name, in the order in which they are listed.
    member _.Rules: Rule list = allRules
    /// The tasks by name, in the order in which they are listed.
    member _.Tasks: Task list = allTasks
    /// The settings of the rules, each once.
    member _.Settings: RuleSetting list = settings

    /// The rule of that name.
    member _.TryRule(name: string) : Rule option =
        allRules |> List.tryFind (fun rule -> rule.Name = name)

    /// The task of that name.
    member _.TryTask(name: string) : Task option =
        allTasks |> List.tryFind (fun task -> task.Name = name)

    /// The rules that read a setting.
    member _.Readers(setting: string) : Rule list =
        allRules
        |> List.filter (fun rule -> rule.Settings |> List.exists (fun s -> s.Name = setting))

    /// The file of the rule of that name; null for a built-in one.
    member _.RuleFile(name: string) : CodeFile | null = rules |> file name _.Name

    /// The file of the task of that name; null for a built-in one.
    member _.TaskFile(name: string) : CodeFile | null = tasks |> file name _.Name

    /// The same with one more rule.
    member internal _.With(rule: Rule, file: CodeFile) = Library(rules @ [ rule, file ], tasks)

    /// The same with one more task.
    member internal _.With(task: Task, file: CodeFile) = Library(rules, tasks @ [ task, file ])

    /// The same with no other rule and task from files than these.
    member internal library.Only(rule: string, task: string) =
        let ofRule = rules |> List.filter (fun (r, _) -> r.Name = rule)
        let ofTask = tasks |> List.filter (fun (t, _) -> t.Name = task)

        if ofRule.Length = rules.Length && ofTask.Length = tasks.Length then
            library
        else
            Library(ofRule, ofTask)

    member private _.Identity = identity

    /// Equal when the same names stand for files with the same content.
    override _.Equals other =
        match other with
        | :? Library as other -> identity = other.Identity
        | _ -> false

    override _.GetHashCode() = hash identity
