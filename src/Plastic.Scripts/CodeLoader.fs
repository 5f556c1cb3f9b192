namespace Plastic.Scripts

open System
open System.IO
open Plastic.Core
open Plastic.Settings
open Plastic.Tasks

/// Loads rules and tasks from source files (.fsx, .fs), which are compiled once, and from assemblies (.dll). Loading runs the file's
/// code. Every method raises CodeException.
/// `cache` is the folder for what files compile to, which only the user may write to; null for none. `read` gives a file's content,
/// and raises whatever it likes where there is none.
[<Sealed>]
type CodeLoader(cache: string | null, read: Func<string, byte[]>) =
    let cache = CodeCache(Option.ofObj cache)

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

    /// The value of a file: `shown` is its path in messages, `beside` the path beside which other assemblies may lie.
    member private _.Value<'T>(kind, name: string, shown, value, content: byte[], hash, beside) : string * 'T =
        let assembly =
            if CodeLoader.IsAssembly name then
                content
            else
                cache.CompiledOr((fun () -> Compiler.compile name shown content), name, hash)

        let loaded =
            try
                CodeContext($"plastic {name}", beside).Load assembly
            with :? BadImageFormatException as thrown ->
                raise (CodeException(CodeFault.Wrong, $"{shown}: not an assembly of .NET", [], thrown))

        PublicValues.find<'T> kind shown value loaded

    member private loader.Named<'T>(kind: string, reference: string) : 'T * CodeFile =
        let path, value = CodeLoader.Split(kind, reference)
        let content = read.Invoke path
        let name = Path.GetFileName path
        let hash = CodeCache.Hash content

        let beside =
            if CodeLoader.IsAssembly name then
                Some(Path.GetFullPath path)
            else
                None

        let full, found = loader.Value<'T>(kind, name, path, value, content, hash, beside)

        found, CodeFile(name, path, full, hash, content)

    /// The rule of a file that the user names.
    member loader.Rule(reference: string) : struct (Rule * CodeFile) =
        let rule, file = loader.Named<Rule>("rule", reference)
        rule, file

    /// The task of a file that the user names.
    member loader.Task(reference: string) : struct (Task * CodeFile) =
        let task, file = loader.Named<Task>("task", reference)
        task, file

    member private loader.Stored<'T>(kind, file: CodeFile, isTrusted: bool) : 'T =
        // Of the content that is there, not what is said of it.
        let hash = CodeCache.Hash file.Content

        if hash <> file.Hash then
            raise (CodeException(CodeFault.Wrong, $"{file.Place}: damaged: it has the wrong SHA-256", [], null))

        if not isTrusted then
            raise (
                CodeException(
                    CodeFault.Untrusted,
                    $"{file.Place} is code that came with the run and has not been used on this machine: read it, then repeat the command with --trust",
                    [],
                    null
                )
            )

        // A run's folder holds one file: nothing beside it is loaded.
        loader.Value<'T>(kind, file.Name, file.Place, file.Value, file.Content, hash, None)
        |> snd

    /// The rule of a file that lies in a run's folder. Its code runs only if content of its SHA-256 is trusted.
    member loader.StoredRule(file: CodeFile, isTrusted: bool) : Rule =
        loader.Stored<Rule>("rule", file, isTrusted)

    /// The same of a task.
    member loader.StoredTask(file: CodeFile, isTrusted: bool) : Task =
        loader.Stored<Task>("task", file, isTrusted)
