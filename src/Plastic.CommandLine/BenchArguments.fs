namespace Plastic.CommandLine

open Argu
open Plastic.Core

/// The options of bench/peer/pytorch_step.py, under the same names, then those that only Plastic has.
type internal WorkloadArguments =
    | [<MainCommand>] Settings of words: string list
    | [<Unique>] Cell of name: string
    | [<Unique>] Rule of name: string
    | [<Unique>] Hidden of units: string
    | [<Unique>] Inputs of length: string
    | [<Unique>] Extra of outputs: string
    | [<Unique>] Steps of count: string
    | [<Unique>] Batch of episodes: string
    | [<Unique>] Threads of count: string
    | [<Unique>] Device of name: string
    | [<Unique>] Ranks of transport: string
    | [<Unique>] Model of card: string
    | [<Unique>] Repeat of count: string
    | [<Unique>] History of megabytes: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Settings _ ->
                "further settings of the network, key=value … (plastic config NAME --explain lists the keys)"
            | Cell _ -> $"{Meaning.cells} (default: RNN)"
            | Rule _ -> "a rule (plastic list rules; default: hebbian)"
            | Hidden _ -> "hidden units (default: 128)"
            | Inputs _ -> "length of the input vector (default: 16)"
            | Extra _ ->
                "outputs beyond the prediction, read by the inner loss and part of the output layer's post (default: 4)"
            | Steps _ -> "steps per episode (default: 20)"
            | Batch _ -> "episodes per batch (default: 64)"
            | Threads _ -> Meaning.threads
            | Device _ -> Meaning.device
            | Ranks _ ->
                "of step: mpi, for a step that several processes share (mpirun -n R plastic bench step --ranks mpi)"
            | Model _ -> "of roofline with --device cuda: the card that the estimate is for (h100); none need be there"
            | Repeat _ -> "training steps to measure, after a warm-up of 1.5 s (default: 20)"
            | History _ -> Meaning.history

/// The options of bench/peer/pytorch_encoder.py, under the same names.
type internal EncoderArguments =
    | [<Unique>] Encoder of kind: string
    | [<Unique>] Width of channels: string
    | [<Unique>] Side of pixels: string
    | [<Unique>] Images of count: string
    | [<Unique>] Steps of count: string
    | [<Unique>] Threads of count: string
    | [<Unique>] Repeat of count: string

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Encoder _ -> $"{Meaning.encoders} (default: {EncoderOptions.Default.Kind.Name})"
            | Width _ -> "channels of the first block (default: 64)"
            | Side _ -> "height and width of an image (default: 32)"
            | Images _ -> "images of a step, normalised together: the episodes of a batch (default: 64)"
            | Steps _ -> "steps (default: 10)"
            | Threads _ -> Meaning.threads
            | Repeat _ -> "batches to measure, after a warm-up of 1.5 s (default: 5)"

type internal BenchArguments =
    | [<CliPrefix(CliPrefix.None)>] Step of ParseResults<WorkloadArguments>
    | [<CliPrefix(CliPrefix.None)>] Roofline of ParseResults<WorkloadArguments>
    | [<CliPrefix(CliPrefix.None)>] Encoder of ParseResults<EncoderArguments>

    interface IArgParserTemplate with
        member a.Usage =
            match a with
            | Step _ -> "time whole training steps: forward, backward, clip, optimiser"
            | Roofline _ -> "measure the machine's limits, what a step requires, and where its time goes"
            | Encoder _ ->
                "time an image encoder on a batch, forward and backward, and its share of what the arithmetic allows"
