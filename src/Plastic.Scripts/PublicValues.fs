namespace Plastic.Scripts

open System
open System.IO
open System.Reflection
open Plastic.Settings

/// Finds the value of a type among what an assembly makes public.
module internal PublicValues =
    /// The public types, without those that need an assembly that is not there.
    let private types (assembly: Assembly) : Type list =
        let all =
            try
                assembly.GetTypes()
            with :? ReflectionTypeLoadException as partly ->
                partly.Types |> Array.filter (fun t -> not (isNull t))

        all |> Array.filter _.IsVisible |> List.ofArray

    let private ofType<'T> (t: Type) : (string * (unit -> obj)) list =
        let flags =
            BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly

        let named (m: MemberInfo) =
            $"{t.FullName}.{m.Name}".Replace('+', '.')

        [
            for p in t.GetProperties flags do
                if p.PropertyType = typeof<'T> && p.CanRead && p.GetIndexParameters().Length = 0 then
                    named p, (fun () -> p.GetValue null)

            for f in t.GetFields flags do
                if f.FieldType = typeof<'T> then
                    named f, (fun () -> f.GetValue null)
        ]

    /// Public values of the type by their full names: F# values, and static fields and properties of C#. Types with members that need
    /// an assembly that is not there are left out.
    let private all<'T> (assembly: Assembly) : (string * (unit -> obj)) list =
        types assembly
        |> List.filter (fun t -> not t.ContainsGenericParameters)
        |> List.collect (fun t ->
            try
                ofType<'T> t
            with
            | :? IOException
            | :? TypeLoadException -> [])

    /// The one public value of the type, or the one that `name` is, or ends, the full name of. `kind` is the type in words. Raises
    /// CodeException if there is none, or a choice.
    let find<'T> (kind: string) (shown: string) (name: string) (assembly: Assembly) : string * 'T =
        let refuse (message: string) =
            raise (CodeException(CodeFault.Wrong, $"{shown}{message}", [], null))

        let values = all<'T> assembly

        let isNamed (full: string, _) =
            name = "" || full = name || full.EndsWith("." + name, StringComparison.Ordinal)

        let listed = String.Join(", ", values |> List.map fst)

        match values |> List.filter isNamed with
        | [ full, get ] ->
            match
                (try
                    get ()
                 with thrown ->
                     raise (CodeException.Of(shown, $"{full} could not be computed", thrown)))
            with
            | :? 'T as value -> full, value
            | _ -> refuse $": {full} is null"
        | [] when values.IsEmpty -> refuse $" holds no public value of type {typeof<'T>.Name}, so no {kind}"
        | [] -> refuse $" holds no {kind} called {Quote.text name}; it holds {listed}"
        | _ ->
            refuse
                $" holds several values of type {typeof<'T>.Name} ({listed}); name one, as in {shown}:{fst values.Head}"
