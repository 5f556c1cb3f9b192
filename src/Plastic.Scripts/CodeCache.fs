namespace Plastic.Scripts

open System
open System.IO
open System.Reflection
open System.Security.Cryptography
open System.Text
open Plastic.Core
open Plastic.Tasks

/// What source files compiled to, in a folder of the user's, or nowhere. Each entry begins with a digest of itself, so that a damaged
/// one, or one in another's place, is never loaded but compiled again.
[<Sealed>]
type internal CodeCache(folder: string option) =
    /// What a compiled file depends on besides its source: the libraries that it was compiled against, and the compiler.
    static let program =
        let compiler =
            Assembly.GetExecutingAssembly().GetReferencedAssemblies()
            |> Array.filter (fun name -> name.Name = "FSharp.Compiler.Service")
            |> Array.map string

        let libraries =
            [| typeof<Rule>; typeof<Task>; typeof<list<int>> |]
            |> Array.map (fun t -> string t.Assembly.ManifestModule.ModuleVersionId)

        String.Join(" ", Array.append compiler libraries)

    /// The digest of an entry: of what it stands for, and of the assembly.
    static let digest (key: string) (assembly: byte[]) : byte[] =
        SHA256.HashData(Array.append (Encoding.UTF8.GetBytes key) assembly)

    static let read (key: string) (file: string) : byte[] option =
        try
            let given, assembly = File.ReadAllBytes file |> Array.splitAt SHA256.HashSizeInBytes

            if given = digest key assembly then Some assembly else None
        with
        | :? InvalidOperationException // shorter than a digest
        | :? IOException
        | :? UnauthorizedAccessException -> None

    // Another process may do the same; a full or read-only disk only makes the next start slower.
    static let write (key: string) (file: string) (assembly: byte[]) =
        let temporary =
            $"{file}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.tmp"

        try
            Directory.CreateDirectory(Path.GetDirectoryName file) |> ignore
            File.WriteAllBytes(temporary, Array.append (digest key assembly) assembly)
            File.Move(temporary, file, overwrite = true)
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ()

    /// SHA-256 in hexadecimal.
    static member Hash(content: byte[]) : string =
        Convert.ToHexStringLower(SHA256.HashData content)

    /// What a source compiles to; compiled only where the cache does not have it. A file's name counts, because it names the module
    /// of a script.
    member _.CompiledOr(compile: unit -> byte[], name: string, sourceHash: string) : byte[] =
        match folder with
        | None -> compile ()
        | Some folder ->
            let key = CodeCache.Hash(Encoding.UTF8.GetBytes $"{name} {sourceHash} {program}")
            let file = Path.Combine(folder, "compiled", key)

            match read key file with
            | Some assembly -> assembly
            | None ->
                let assembly = compile ()
                write key file assembly
                assembly
