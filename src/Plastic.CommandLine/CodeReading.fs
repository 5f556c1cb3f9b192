namespace Plastic.CommandLine

open System
open Plastic.Settings

/// Finds the files of rules and tasks that a command line names, and has them loaded. Raises CodeException where one cannot be.
[<RequireQualifiedAccess>]
module internal CodeReading =
    /// Whether a text names a file rather than a built-in rule or task: it has a folder, or ends as files of code do.
    let isFile (text: string) =
        let struct (path, _) = CodeReference.Split text
        text.IndexOfAny [| '/'; '\\' |] >= 0 || CodeReference.IsCode path

    /// The rule of a file, in a library, and its name.
    let rule (loader: ICodeLoader) (library: Library) (text: string) : Library * string =
        let struct (rule, file) = loader.Rule text
        Joining.Rule(library, rule, file), rule.Name

    /// The task of a file, in a library, and its name.
    let task (loader: ICodeLoader) (library: Library) (text: string) : Library * string =
        let struct (task, file) = loader.Task text
        Joining.Task(library, task, file), task.Name

    /// What names a data file in place of a task.
    let dataKey = "data="

    /// The words that name a data file, and the others.
    let withData (words: string list) =
        words |> List.partition _.StartsWith(dataKey, StringComparison.Ordinal)

    /// The task of a data file, in a library, and its name.
    let data (loader: ICodeLoader) (library: Library) (path: string) : Library * string =
        let struct (task, file) = loader.Data path
        Joining.Task(library, task, file), task.Name

    let private key = "rule="

    /// Whether a word is a setting rather than the path of a run's folder, whose name is made of settings: only the file of a rule is
    /// a setting with a path in it.
    let isSetting (word: string) =
        let isPart (part: string) =
            let struct (path, _) = CodeReference.Split part
            not (part.Contains '/') || CodeReference.IsCode path

        word.Contains '='
        && (not (word.Contains '/')
            || word.StartsWith(key, StringComparison.Ordinal)
               && word.Substring(key.Length).Split ',' |> Array.forall isPart)

    /// The built-in library with the image sets that an experiment or a task needs, of those that are at hand.
    let images (loader: ICodeLoader) (name: string) : Library =
        (Library.BuiltIn, loader.Images(Experiments.imageSets name))
        ||> Seq.fold (fun library (struct (task, file)) -> Joining.Task(library, task, file))

    /// The words with the name of each rule in place of its file, and the library that knows these names.
    let settings (loader: ICodeLoader) (library: Library) (words: string list) : Library * string list =
        let word library (word: string) =
            if word.StartsWith(key, StringComparison.Ordinal) then
                let parts = word.Substring(key.Length).Split ',' |> List.ofArray

                let name library part =
                    if isFile part then
                        let library, name = rule loader library part
                        name, library
                    else
                        part, library

                let names, library = parts |> List.mapFold name library
                key + String.Join(",", names), library
            else
                word, library

        let words, library = words |> List.mapFold word library
        library, words
