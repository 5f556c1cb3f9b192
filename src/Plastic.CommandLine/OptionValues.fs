namespace Plastic.CommandLine

open System
open System.Globalization
open Plastic.Settings

/// Reads the values of options from their texts; a fault is one line.
[<RequireQualifiedAccess>]
module internal OptionValues =
    let private number low high (text: string) =
        match Int64.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, n when n >= low && n <= high -> Some n
        | _ -> None

    /// A whole number given by an option, or its default.
    let whole option fallback low high (text: string option) =
        match text with
        | None -> Ok fallback
        | Some text ->
            match number low high text with
            | Some n -> Ok n
            | None -> Error $"{option} must be a whole number from {low} to {high}, not {Quote.text text}"

    let checkpoints resume seconds : Result<Checkpoints, string> =
        match resume, whole "--checkpoint" 60L 0L 1_000_000L seconds with
        | _, Error fault -> Error fault
        | (None | Some "auto"), Ok seconds -> Ok(Checkpoints(Resume.Auto, int seconds))
        | Some "must", Ok seconds -> Ok(Checkpoints(Resume.Must, int seconds))
        | Some "never", Ok seconds -> Ok(Checkpoints(Resume.Never, int seconds))
        | Some other, Ok _ -> Error $"--resume must be auto, must or never, not {Quote.text other}"

    /// The device that kernels run on: "opencl", "cuda", or one of several, such as "cuda:1"; "" for the CPU.
    let device (text: string option) : Result<string, string> =
        match text with
        | None
        | Some "cpu" -> Ok ""
        | Some text ->
            match text.Split ':' with
            | [| "opencl" | "cuda" |] -> Ok text
            | [| "opencl" | "cuda"; index |] when (number 0L 999L index).IsSome -> Ok text
            | _ ->
                Error
                    $"--device must be cpu, opencl[:N] or cuda[:N] (plastic devices lists them), not {Quote.text text}"

    let resources threads history device' : Result<Resources, string> =
        match whole "--threads" 0L 1L 1024L threads, whole "--history" 0L 1L 1000000L history, device device' with
        | Error fault, _, _
        | _, Error fault, _
        | _, _, Error fault -> Error fault
        | Ok threads, Ok megabytes, Ok device -> Ok(Resources(int threads, megabytes <<< 20, device, ""))

    /// The same for a command that several processes may share.
    let ranked ranks (resources: Result<Resources, string>) : Result<Resources, string> =
        match ranks, resources with
        | _, Error _
        | None, _ -> resources
        | Some "mpi", Ok r when r.Device <> "" -> Error "--ranks is for the CPU engine: leave out --device"
        | Some "mpi", Ok r -> Ok(Resources(r.Threads, r.HistoryBytes, r.Device, "mpi"))
        | Some other, _ -> Error $"--ranks must be mpi, not {Quote.text other}"

    /// One seed, or 0.
    let seed (text: string option) : Result<int64, string> =
        whole "--seed" 0L 0L (int64 Int32.MaxValue) text

    /// "3" or "0..3".
    let seeds (text: string option) : Result<int64 list option, string> =
        let one = number 0L (int64 Int32.MaxValue)

        match text with
        | None -> Ok None
        | Some text ->
            match text.Split ".." |> Array.map one with
            | [| Some seed |] -> Ok(Some [ seed ])
            | [| Some first; Some last |] when first <= last && last - first < 1000L -> Ok(Some [ first..last ])
            | _ -> Error $"--seed must be N or A..B (0 ≤ A ≤ B, at most 1000 seeds), not {Quote.text text}"

    let folder (text: string option) =
        match text with
        | None
        | Some "." -> Ok ""
        | Some text when String.IsNullOrWhiteSpace text || Seq.exists Char.IsControl text ->
            Error $"--out must name a folder, not {Quote.text text}"
        | Some text -> Ok text
