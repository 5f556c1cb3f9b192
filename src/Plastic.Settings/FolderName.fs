namespace Plastic.Settings

open System

/// Names of folders and files from the texts of settings, within the limits of file systems.
[<RequireQualifiedAccess>]
module internal FolderName =
    /// The texts as they are; a name longer than 160 letters is cut, and a 32-bit FNV-1a hash stands for the rest.
    let whole (parts: string list) : string =
        let name = String.Join(",", parts)

        if name.Length <= 160 then
            name
        else
            let hash =
                (2166136261u, name) ||> Seq.fold (fun h c -> (h ^^^ uint32 c) * 16777619u)

            $"{name.Substring(0, 150)}~{hash:x8}"

    // Names of folders with much set by hand are for `list runs`, not for typing.
    let private longest = 40

    /// A place, then what else was set by hand: all of it where it is short, otherwise its beginning and ten digits of a 64-bit
    /// FNV-1a hash of the whole.
    let shortened (place: string list) (deviations: string list) : string =
        let hash () =
            let hash =
                (14695981039346656037UL, String.Join(",", deviations))
                ||> Seq.fold (fun h c -> (h ^^^ uint64 c) * 1099511628211UL)

            (hash.ToString "x16").Substring(0, 10)

        let rec fitting left (texts: string list) =
            match texts with
            | text :: rest when text.Length <= left -> text :: fitting (left - text.Length - 1) rest
            | _ -> []

        let kept = fitting longest deviations
        let name = whole (place @ kept)

        if kept.Length = deviations.Length then
            name
        else
            $"{name}~{hash ()}"
