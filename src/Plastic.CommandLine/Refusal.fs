namespace Plastic.CommandLine

open System
open Plastic.Settings

/// Refused command lines, with suggestions for misspelt words.
[<RequireQualifiedAccess>]
module internal Refusal =
    let options =
        [
            "--scale"
            "--seed"
            "--device"
            "--milliseconds"
            "--model"
            "--analytic"
            "--cases"
            "--replay"
            "--resume"
            "--checkpoint"
            "--out"
            "--threads"
            "--jobs"
            "--max-failures"
            "--at-once"
            "--cpus"
            "--time"
            "--sbatch"
            "--engine"
            "--history"
            "--cell"
            "--rule"
            "--hidden"
            "--inputs"
            "--extra"
            "--steps"
            "--batch"
            "--repeat"
            "--encoder"
            "--width"
            "--images"
            "--dry-run"
            "--no-training"
            "--output"
            "--episodes"
            "--layers"
            "--name"
            "--tag"
            "--tensorboard"
            "--port"
            "--filter"
            "--sort"
            "--reverse"
            "--csv"
            "--yes"
            "--allow-missing"
            "--explain"
            "--trust"
            "--lang"
            "--side"
            "--data"
            "--check"
            "--json"
            "--quiet"
            "--no-color"
            "--verbose"
            "--version"
            "--help"
        ]

    let usage message : Command = Rejected(message, true)

    let join (words: string seq) = String.Join(", ", words)

    let meant known given =
        match Nearest.find known given with
        | Some name when name <> given -> $"; did you mean {name}?"
        | _ -> ""

    let rejected (faults: Fault list) : Command =
        let unknown =
            faults
            |> List.exists (fun fault ->
                match fault with
                | UnknownKey _ -> true
                | _ -> false)

        let hint =
            if unknown then
                " (plastic config NAME --explain lists the keys)"
            else
                ""

        let messages = faults |> List.map _.Message
        Rejected(String.Join("; ", messages) + hint, faults |> List.exists _.IsUsage)

    /// A word that is none of the names.
    let unknown key names given : Command =
        rejected [ UnknownName(key, given, Nearest.find names given, names) ]

    /// The words of a command that are not options. Argu treats unknown options as words.
    let words command (given: string list list) (use': string list -> Command) : Command =
        let words = List.concat given

        match words |> List.tryFind (fun word -> word.StartsWith '-') with
        | Some option ->
            usage $"unknown option {Quote.text option}{meant options option} (see plastic {command} --help)"
        | None -> use' words
