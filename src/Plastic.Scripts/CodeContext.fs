namespace Plastic.Scripts

open System.IO
open System.Reflection
open System.Runtime.Loader
open Plastic.Core

/// Where the assembly of a rule or a task is loaded: with the program's own libraries, so that its Rule is the program's Rule, and
/// then with those beside the file, if there is a folder to look in.
[<Sealed>]
type internal CodeContext(name: string, beside: string option) =
    inherit AssemblyLoadContext(name)

    let resolver = beside |> Option.map AssemblyDependencyResolver

    let own =
        [|
            match AssemblyLoadContext.GetLoadContext typeof<Rule>.Assembly with
            | null -> ()
            | context -> yield! context.Assemblies
        |]

    override context.Load(wanted: AssemblyName) : Assembly =
        match own |> Array.tryFind (fun loaded -> loaded.GetName().Name = wanted.Name) with
        | Some loaded -> loaded
        | None ->
            match resolver |> Option.map _.ResolveAssemblyToPath(wanted) with
            | Some path when not (isNull path) && not (context.IsOfProgram wanted) -> context.LoadFromAssemblyPath path
            // The runtime looks among the program's.
            | _ -> null

    /// Whether the program has a library of that name, loaded or not.
    member private _.IsOfProgram(wanted: AssemblyName) =
        File.Exists(Path.Combine(Path.GetDirectoryName typeof<Rule>.Assembly.Location, wanted.Name + ".dll"))

    /// Loads the assembly that the bytes hold.
    member context.Load(content: byte[]) : Assembly =
        use stream = new MemoryStream(content)
        context.LoadFromStream stream
