namespace Plastic.Scripts

open System
open System.IO
open FSharp.Compiler.CodeAnalysis
open FSharp.Compiler.Diagnostics
open FSharp.Compiler.Syntax
open FSharp.Compiler.Text
open Plastic.Core
open Plastic.Settings
open Plastic.Tasks

/// Compiles a source file of one rule or task. The compiler itself is loaded with the first use of this module.
module internal Compiler =
    /// The runtime's own libraries and the three that a rule or a task is written with.
    let private references =
        let folder = Path.GetDirectoryName typeof<obj>.Assembly.Location

        let ofRuntime =
            match AppContext.GetData "TRUSTED_PLATFORM_ASSEMBLIES" with
            | :? string as paths ->
                paths.Split Path.PathSeparator
                |> Array.filter (fun path -> Path.GetDirectoryName path = folder)
            | _ -> [||]

        let ours =
            [| typeof<list<int>>; typeof<Rule>; typeof<Task> |]
            |> Array.map _.Assembly.Location

        Array.append ofRuntime ours |> Array.map (fun path -> "-r:" + path)

    /// As the compiler prints it, with the file's name as the user knows it.
    let private line (shown: string) (d: FSharpDiagnostic) =
        let text =
            String.Join(
                " ",
                d.Message.Split([| '\r'; '\n' |], StringSplitOptions.RemoveEmptyEntries)
                |> Array.map _.Trim()
            )

        $"{shown}({d.StartLine},{d.StartColumn + 1}): error {d.ErrorNumberText}: {text}"

    let rec private directives declarations =
        declarations
        |> List.collect (fun declaration ->
            match declaration with
            | SynModuleDecl.HashDirective(ParsedHashDirective(name, _, range), _) -> [ name, range ]
            | SynModuleDecl.NestedModule(decls = inner) -> directives inner
            | _ -> [])

    /// Directives that bring in other files. The hash of this one would not tell when those change.
    let private others (checker: FSharpChecker) (path: string) (text: string) =
        let options =
            { FSharpParsingOptions.Default with
                SourceFiles = [| path |]
                ConditionalDefines = [ "COMPILED" ]
            }

        let parsed =
            checker.ParseFile(path, SourceText.ofString text, options)
            |> Async.RunSynchronously

        match parsed.ParseTree with
        | ParsedInput.ImplFile file ->
            [
                for SynModuleOrNamespace(decls = declarations) in file.Contents do
                    yield! directives declarations
            ]
            |> List.filter (fun (name, _) -> List.contains name [ "r"; "load"; "I"; "reference" ])
        | ParsedInput.SigFile _ -> []

    /// The assembly of a source file: `name` is its name, `shown` its path in messages. Raises CodeException with the compiler's
    /// errors.
    let compile (name: string) (shown: string) (content: byte[]) : byte[] =
        let folder = Directory.CreateTempSubdirectory "plastic-"

        try
            let source = Path.Combine(folder.FullName, name)
            let target = Path.Combine(folder.FullName, "compiled.dll")
            File.WriteAllBytes(source, content)
            let checker = FSharpChecker.Create()

            let refuse (lines: string list) =
                let count =
                    if lines.Length = 1 then
                        "1 error"
                    else
                        $"{lines.Length} errors"

                raise (CodeException(CodeFault.Wrong, $"{shown} does not compile: {count}, shown above", lines, null))

            match others checker source (File.ReadAllText source) with
            | [] -> ()
            | found ->
                refuse
                    [
                        for name, range in found ->
                            $"{shown}({range.StartLine},{range.StartColumn + 1}): error: #{name} is not possible here: the rule or task is this one file; for more, build a .dll"
                    ]

            let options =
                [|
                    "fsc"
                    "-a"
                    source
                    "-o"
                    target
                    "--noframework"
                    "--targetprofile:netcore"
                    "--optimize+"
                    "--debug-"
                    "--deterministic+"
                    $"--pathmap:{folder.FullName}=."
                    "--nocopyfsharpcore"
                    "--nowin32manifest"
                    yield! references
                |]

            let diagnostics, thrown = checker.Compile options |> Async.RunSynchronously

            match
                diagnostics
                |> Array.filter (fun d -> d.Severity = FSharpDiagnosticSeverity.Error)
                |> Array.map (line shown)
                |> List.ofArray
            with
            | [] when File.Exists target -> File.ReadAllBytes target
            | [] ->
                let why =
                    thrown
                    |> Option.map _.Message
                    |> Option.defaultValue "the compiler wrote nothing"

                raise (CodeException(CodeFault.Wrong, $"{shown} does not compile: {why}", [], Option.toObj thrown))
            | errors -> refuse (List.distinct errors)
        finally
            folder.Delete(recursive = true)
