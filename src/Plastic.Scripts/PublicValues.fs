namespace Plastic.Scripts

open System
open System.Reflection
open Plastic.Settings

/// Finds the value of a type among what an assembly makes public.
module internal PublicValues =
    /// Public values of the type by their full names: F# values, and static fields and properties of C#.
    let private all<'T> (assembly: Assembly) : (string * (unit -> obj)) list =
        let flags =
            BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly

        [
            for t in assembly.GetExportedTypes() do
                let named (m: MemberInfo) =
                    $"{t.FullName}.{m.Name}".Replace('+', '.')

                if not t.ContainsGenericParameters then
                    for p in t.GetProperties flags do
                        if p.PropertyType = typeof<'T> && p.CanRead && p.GetIndexParameters().Length = 0 then
                            named p, (fun () -> p.GetValue null)

                    for f in t.GetFields flags do
                        if f.FieldType = typeof<'T> then
                            named f, (fun () -> f.GetValue null)
        ]

    let rec private innermost (thrown: exn) =
        match thrown with
        | :? TargetInvocationException
        | :? TypeInitializationException when not (isNull thrown.InnerException) -> innermost thrown.InnerException
        | _ -> thrown

    /// The one public value of the type, or the one that `name` is, or ends, the full name of. `kind` is the type in words. Raises
    /// CodeException if there is none, or a choice.
    let find<'T> (kind: string) (shown: string) (name: string) (assembly: Assembly) : string * 'T =
        let refuse cause message =
            raise (CodeException(CodeFault.Wrong, $"{shown}{message}", [], cause))

        let values =
            try
                all<'T> assembly
            with thrown ->
                refuse thrown $": cannot be used with this version of Plastic: {thrown.Message}"

        let isNamed (full: string, _) =
            name = "" || full = name || full.EndsWith("." + name, StringComparison.Ordinal)

        let listed = String.Join(", ", values |> List.map fst)

        match values |> List.filter isNamed with
        | [ full, get ] ->
            match
                (try
                    get ()
                 with thrown ->
                     let cause = innermost thrown
                     refuse cause $": {full} could not be computed: {cause.Message}")
            with
            | :? 'T as value -> full, value
            | _ -> refuse null $": {full} is null"
        | [] when values.IsEmpty -> refuse null $" holds no public value of type {typeof<'T>.Name}, so no {kind}"
        | [] -> refuse null $" holds no {kind} called {Quote.text name}; it holds {listed}"
        | _ ->
            refuse
                null
                $" holds several values of type {typeof<'T>.Name} ({listed}); name one, as in {shown}:{fst values.Head}"
