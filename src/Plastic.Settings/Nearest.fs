namespace Plastic.Settings

open System

/// Suggestions for misspelt names.
[<RequireQualifiedAccess>]
module Nearest =
    /// The Levenshtein distance: the smallest number of insertions, deletions and substitutions of one letter that turn a into b.
    let internal distance (a: string) (b: string) : int =
        let next (row: int[]) letter =
            let above = Array.zeroCreate row.Length
            above[0] <- row[0] + 1

            for j in 1 .. b.Length do
                let substituted = row[j - 1] + (if b[j - 1] = letter then 0 else 1)
                above[j] <- min substituted (1 + min row[j] above[j - 1])

            above

        (Seq.fold next [| 0 .. b.Length |] a)[b.Length]

    /// The known name closest to the given one, if it is close: at most a third of the letters wrong, or two,
    /// and not all of them.
    let find (known: string seq) (given: string) : string option =
        // A text longer than any name is not a typing error, and the distance of two long texts takes long to compute.
        if given.Length > 64 || Seq.isEmpty known then
            None
        else
            let far name =
                distance (given.ToLowerInvariant()) ((name: string).ToLowerInvariant())

            let best = known |> Seq.minBy far

            if far best <= min (max 2 (given.Length / 3)) (given.Length - 1) then
                Some best
            else
                None

/// Text from the user, made safe to show within one line.
[<RequireQualifiedAccess>]
module Quote =
    /// In quotes, with control characters as '?', cut after 60 characters.
    let text (given: string) : string =
        let clean = String.map (fun c -> if Char.IsControl c then '?' else c) given

        if clean.Length > 60 then
            $"'{clean.Substring(0, 60)}…'"
        else
            $"'{clean}'"
