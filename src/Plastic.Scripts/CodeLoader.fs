namespace Plastic.Scripts

open System
open System.IO
open Plastic.Core
open Plastic.Settings
open Plastic.Tasks

/// Loads rules and tasks from source files (.fsx, .fs), compiled once and kept in the user's cache, and from assemblies (.dll).
/// Loading runs the file's code. Every method raises CodeException.
[<AbstractClass; Sealed>]
type CodeLoader =
    static member private IsAssembly(name: string) =
        name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)

    /// A path, and the name of a value after ':' if there is one.
    static member private Split(kind: string, reference: string) : string * string =
        let struct (path, value) = CodeReference.Split reference

        if CodeReference.IsCode path then
            path, value
        else
            raise (
                CodeException(
                    CodeFault.Misnamed,
                    $"{Quote.text reference} is no file of a {kind}: its name must end in .fsx, .fs or .dll",
                    [],
                    null
                )
            )

    static member private Content(path: string) : byte[] =
        try
            File.ReadAllBytes path
        with
        | :? FileNotFoundException
        | :? DirectoryNotFoundException as thrown ->
            raise (CodeException(CodeFault.Missing, $"{path}: no such file", [], thrown))
        | :? IOException
        | :? UnauthorizedAccessException as thrown ->
            raise (CodeException(CodeFault.Missing, $"{path}: cannot be read: {thrown.Message}", [], thrown))

    /// The value of a file: `shown` is its path in messages, `beside` the path beside which other assemblies may lie.
    static member private Value<'T>(kind, name: string, shown, value, content: byte[], hash, beside) : string * 'T =
        let assembly =
            if CodeLoader.IsAssembly name then
                content
            else
                CodeCache.compiledOr (fun () -> Compiler.compile name shown content) name hash

        let loaded =
            try
                CodeContext($"plastic {name}", beside).Load assembly
            with :? BadImageFormatException as thrown ->
                raise (CodeException(CodeFault.Wrong, $"{shown}: not an assembly of .NET", [], thrown))

        PublicValues.find<'T> kind shown value loaded

    static member private Named<'T>(kind: string, reference: string) : 'T * CodeFile =
        let path, value = CodeLoader.Split(kind, reference)
        let content = CodeLoader.Content path
        let name = Path.GetFileName path
        let hash = CodeCache.hash content

        let beside =
            if CodeLoader.IsAssembly name then
                Some(Path.GetFullPath path)
            else
                None

        let full, found =
            CodeLoader.Value<'T>(kind, name, path, value, content, hash, beside)

        CodeCache.trust hash
        found, CodeFile(name, full, hash, content)

    /// An error in the rule's code says whose it is. Errors in shapes say so themselves.
    static member private Guarded(rule: Rule, file: CodeFile) : Rule =
        let guard use' argument =
            try
                use' argument
            with
            | :? ShapeException
            | :? CodeException -> reraise ()
            | thrown ->
                raise (
                    CodeException(
                        CodeFault.Wrong,
                        $"{file.Name}: the rule {rule.Name} failed: {thrown.Message} ({thrown.GetType().Name})",
                        [],
                        thrown
                    )
                )

        { rule with
            Parameters = guard rule.Parameters
            Learn = rule.Learn |> Option.map guard
        }

    /// The rule of a file that the user names.
    static member Rule(reference: string) : struct (Rule * CodeFile) =
        let rule, file = CodeLoader.Named<Rule>("rule", reference)
        CodeLoader.Guarded(rule, file), file

    /// The task of a file that the user names.
    static member Task(reference: string) : struct (Task * CodeFile) =
        let task, file = CodeLoader.Named<Task>("task", reference)
        task, file

    static member private Stored<'T>(kind, file: CodeFile, shown: string, isTrusted: bool) : 'T =
        // Of the content that is there, not what is said of it.
        let hash = CodeCache.hash file.Content

        if hash <> file.Hash then
            raise (CodeException(CodeFault.Wrong, $"{shown}: damaged: it has the wrong SHA-256", [], null))

        if not (isTrusted || CodeCache.isTrusted hash) then
            raise (
                CodeException(
                    CodeFault.Untrusted,
                    $"{shown} is code that came with the run and has not been used on this machine: read it, then repeat the command with --trust",
                    [],
                    null
                )
            )

        // A run's folder holds one file: nothing beside it is loaded.
        CodeLoader.Value<'T>(kind, file.Name, shown, file.Value, file.Content, hash, None)
        |> snd

    /// The rule of a file that lies in a run's folder, where `shown` is its path. Its code runs only if `isTrusted`, or if the user
    /// has named a file of the same content before.
    static member StoredRule(file: CodeFile, shown: string, isTrusted: bool) : Rule =
        CodeLoader.Guarded(CodeLoader.Stored<Rule>("rule", file, shown, isTrusted), file)

    /// The same of a task.
    static member StoredTask(file: CodeFile, shown: string, isTrusted: bool) : Task =
        CodeLoader.Stored<Task>("task", file, shown, isTrusted)
