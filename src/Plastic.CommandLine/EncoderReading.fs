namespace Plastic.CommandLine

open Argu
open Plastic.Core
open Plastic.Settings

/// From the options of `bench encoder` to an encoder and a batch.
[<RequireQualifiedAccess>]
module internal EncoderReading =
    let private kind (text: string option) =
        match text with
        | None -> Ok EncoderOptions.Default.Kind
        | Some name ->
            match EncoderKind.All |> Seq.tryFind (fun kind -> kind.Name = name) with
            | Some kind -> Ok kind
            | None -> Error $"--encoder must be one of {Meaning.encoders}, not {Quote.text name}"

    let request (r: ParseResults<EncoderArguments>) : Command =
        let whole name fallback high value =
            OptionValues.whole name fallback 1L high value |> Result.map int

        let batch =
            whole "--images" 64L 100_000L (r.TryGetResult EncoderArguments.Images),
            whole "--steps" 10L 100_000L (r.TryGetResult EncoderArguments.Steps),
            whole "--repeat" 5L 100_000L (r.TryGetResult EncoderArguments.Repeat)

        let encoder =
            kind (r.TryGetResult EncoderArguments.Encoder),
            whole "--width" 64L 4096L (r.TryGetResult EncoderArguments.Width),
            OptionValues.whole "--side" 32L 16L 1024L (r.TryGetResult EncoderArguments.Side)

        match encoder, batch, OptionValues.resources (r.TryGetResult EncoderArguments.Threads) None None with
        | (Error fault, _, _), _, _
        | (_, Error fault, _), _, _
        | (_, _, Error fault), _, _
        | _, (Error fault, _, _), _
        | _, (_, Error fault, _), _
        | _, (_, _, Error fault), _
        | _, _, Error fault -> Refusal.usage fault
        | (Ok kind, Ok width, Ok side), (Ok images, Ok steps, Ok repeat), Ok resources ->
            let options =
                { EncoderOptions.Default with
                    Kind = kind
                    Widths = EncoderOptions.WidthsOf(kind, width)
                    Side = int side
                }

            BenchEncoderRequest(options, images, steps, resources, repeat)
