namespace Plastic.Scripts

open System
open System.IO
open System.Reflection
open System.Security.Cryptography
open System.Text
open Plastic.Core
open Plastic.Tasks

/// The user's folder of compiled files, and of what the user has named before. It may be deleted at any time: files are compiled
/// again, and runs of rules from files ask for --trust again.
module internal CodeCache =
    /// SHA-256 in hexadecimal.
    let hash (content: byte[]) : string =
        Convert.ToHexStringLower(SHA256.HashData content)

    let private folder () =
        let variable (name: string) =
            match Environment.GetEnvironmentVariable name with
            | null
            | "" -> None
            | path -> Some path

        match variable "PLASTIC_CACHE", variable "XDG_CACHE_HOME" with
        | Some path, _ -> path
        | None, Some path -> Path.Combine(path, "plastic")
        | None, None ->
            let home = Environment.GetFolderPath Environment.SpecialFolder.UserProfile
            Path.Combine(home, ".cache", "plastic")

    /// What a compiled file depends on besides its source: the libraries that it was compiled against, and the compiler.
    let private program =
        let compiler =
            Assembly.GetExecutingAssembly().GetReferencedAssemblies()
            |> Array.filter (fun name -> name.Name = "FSharp.Compiler.Service")
            |> Array.map string

        let libraries =
            [| typeof<Rule>; typeof<Task>; typeof<list<int>> |]
            |> Array.map (fun t -> string t.Assembly.ManifestModule.ModuleVersionId)

        String.Join(" ", Array.append compiler libraries)

    /// The file of what a source compiles to; its name is part of it, because it names the module of a script.
    let private compiled name sourceHash =
        let key = hash (Encoding.UTF8.GetBytes $"{name} {sourceHash} {program}")
        Path.Combine(folder (), "compiled", key + ".dll")

    let private trusted sourceHash =
        Path.Combine(folder (), "trusted", sourceHash)

    // Another process may do the same; a full or read-only disk only makes the next start slower.
    let private write (file: string) (content: byte[]) =
        let temporary =
            $"{file}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.tmp"

        try
            Directory.CreateDirectory(Path.GetDirectoryName file) |> ignore
            File.WriteAllBytes(temporary, content)
            File.Move(temporary, file, overwrite = true)
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ()

    /// What the source compiles to; compiled only where the cache does not have it.
    let compiledOr (compile: unit -> byte[]) name sourceHash : byte[] =
        let file = compiled name sourceHash

        try
            File.ReadAllBytes file
        with
        | :? IOException
        | :? UnauthorizedAccessException ->
            let content = compile ()
            write file content
            content

    /// Whether this user has named a file of this content before.
    let isTrusted (hash: string) = File.Exists(trusted hash)

    /// The user names a file of this content.
    let trust (hash: string) =
        if not (isTrusted hash) then
            write (trusted hash) [||]
