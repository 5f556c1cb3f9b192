namespace Plastic.Tasks

open System
open Plastic.Core

/// Raised where images are needed that are not at hand; the message says how to get them.
[<Sealed>]
type MissingImagesException(message: string) =
    inherit Exception(message)

/// Few-shot classification of images (Duan et al. 2023, section 4.3): five classes that training never showed, one image of each with
/// its label, then another image of each to be named. Inputs of a step: the image [3, side, side], normalised, and the label, one of
/// five, zero where it is asked for. The loss is the cross-entropy of the five answers.
[<AbstractClass; Sealed>]
type FewShotTask =
    /// The sets of the publications, whose labels are in the order of the classes.
    static let published = [ "cifar_fs"; "mini_imagenet" ]

    static let sides = [ "signs", 32; "cifar_fs", 32; "mini_imagenet", 84 ]

    static let known =
        [
            for set, side in sides ->
                FewShotTask.Missing(
                    set,
                    side,
                    match set with
                    | "signs" -> "get it with: plastic data get signs"
                    | _ -> $"import it with: plastic data import FOLDER --name {set} --side {side}"
                )
        ]

    /// Classes of an episode.
    static member Way = 5

    /// What the names of these tasks begin with; the name of the image set follows.
    static member Prefix = "fewshot_"

    /// Pixels in a row, and rows, that experiments need of a set of that name; none where they need none.
    static member SideOf(set: string) : int voption =
        match List.tryFind (fun (name, _) -> name = set) sides with
        | Some(_, side) -> ValueSome side
        | None -> ValueNone

    /// Why a set cannot be few-shot episodes, on one line: a part has too few classes or a class too few images, or its name promises
    /// another size; null where it can.
    static member Fault(set: string, images: IImages) : string | null =
        let ofPart part (name: string) =
            let classes = images.Classes part
            let labels = [ 0 .. classes.Count - 1 ]

            match labels |> List.filter (fun label -> classes.CountOf label < 2) with
            | _ when classes.Count < FewShotTask.Way ->
                Some $"{name} has {classes.Count} classes; an episode needs {FewShotTask.Way}"
            | [ one ] -> Some $"class '{classes.NameOf one}' of {name} has one image; an episode needs two"
            | one :: others ->
                Some
                    $"class '{classes.NameOf one}' and {others.Length} more of {name} have one image; an episode needs two"
            | [] -> None

        let ofSize =
            match FewShotTask.SideOf set with
            | ValueSome side when side <> images.Side ->
                Some
                    $"a set called {set} has {side} × {side} pixels, not {images.Side} × {images.Side}: import it again, or rename it"
            | _ -> None

        [
            ofSize
            ofPart Part.Training "train"
            ofPart Part.Validation "validation"
            ofPart Part.Test "test"
        ]
        |> List.tryPick id
        |> Option.toObj

    /// The fraction of episodes whose first question is answered with the right class, as published.
    static member internal Accuracy =
        let right (batch: Batch) (outputs: float[]) =
            let way = batch.Outputs
            let mutable count = 0

            for sample in 0 .. batch.Size - 1 do
                let at = (sample * batch.Steps + way) * way

                if batch.Target[at + Measure.Likeliest(ReadOnlySpan(outputs, at, way))] = 1.0 then
                    count <- count + 1

            float count / float batch.Size

        Measure("accuracy", right, true, 1.0 / float FewShotTask.Way)

    /// What each byte of a colour becomes, of mean and deviation of values from 0 to 1.
    static member private Normalised(mean: float[], deviation: float[]) : float[][] =
        Array.init 3 (fun colour ->
            Array.init 256 (fun value -> (float value / 255.0 - mean[colour]) / deviation[colour]))

    /// Writes an episode of a part: input [10, 3·side² + 5] and target [10, 5].
    static member private Write
        (images: IImages, part: Part, labelling: FewShotLabels, normalised: float[][])
        (stream: RandomStream)
        (input: ArraySegment<float>)
        (target: ArraySegment<float>)
        =
        let way, plane = FewShotTask.Way, images.Side * images.Side
        let width = 3 * plane + way
        let numbers: int[] = Array.zeroCreate (4 * way)
        let bytes: byte[] = Array.zeroCreate (6 * plane)
        let shown = Span(bytes, 0, 3 * plane)
        let stored = Span(bytes, 3 * plane, 3 * plane)
        let episode = Span(numbers, 0, 2 * way)
        let labels = Span(numbers, 2 * way, 2 * way)
        FewShot.Draw(images.Classes part, way, labelling, stream, episode, labels)
        input.AsSpan().Clear()
        target.AsSpan().Clear()

        for t in 0 .. 2 * way - 1 do
            images.Read(episode[t], stored)

            if part = Part.Training then
                Augmentation.Apply(stream, images.Side, Span.op_Implicit stored, shown)
            else
                stored.CopyTo shown

            let row = input.Slice(t * width, width).AsSpan()

            for colour in 0..2 do
                let values = normalised[colour]
                let into = row.Slice(colour * plane, plane)

                for at in 0 .. plane - 1 do
                    into[at] <- values[int shown[3 * at + colour]]

            if t < way then
                row[3 * plane + labels[t]] <- 1.0
            else
                target.AsSpan()[t * way + labels[t]] <- 1.0

    static member private Make
        (set: string, summary: string, side: int, writer: EpisodeSettings -> Part -> EpisodeWriter)
        : Task =
        let way = FewShotTask.Way
        let pixels = 3 * side * side

        {
            Name = FewShotTask.Prefix + set
            Summary = summary
            Floor = "guessing gives ln 5 = 1.609, and an accuracy of 0.2"
            Published =
                [
                    // As published where the set is. In order, the rank of a training class is a hint at its label, which test classes do
                    // not have.
                    if not (List.contains set published) then
                        "labels", "shuffled"
                    "encoder", "conv4"
                    "hidden", "512"
                    "weight_decay", "0.0005"
                    "schedule", "cosine"
                    "log_every", "1000"
                    "max_batch", "40000"
                    "validate_every", "1000"
                    "validation_batches", "200"
                    "test_batches", "200"
                ]
            Loss = CrossEntropy
            Measure = FewShotTask.Accuracy
            Reads = [ "labels" ]
            Size = fun _ -> int64 (2 * way) * int64 (pixels + way)
            Chance = fun _ -> log (float way)
            LeastLoss = fun _ -> 0.0
            Episodes =
                fun settings ->
                    let writers = [| for part in 0..2 -> lazy (writer settings (enum<Part> part)) |]

                    (Episodes(
                        pixels + way,
                        way,
                        2 * way,
                        (fun t -> if t < way then 0.0 else 1.0 / float way),
                        Func<Part, EpisodeWriter>(fun part -> writers[int part].Value)
                    ))
                        .WithImages
                        side
        }

    /// The task of an image set. `mean` and `deviation` are those of red, green and blue, of values from 0 to 1. Training images are
    /// changed at random (Augmentation). Raises DataException where there is a fault.
    static member Of(set: string, images: IImages, mean: float[], deviation: float[]) : Task =
        match FewShotTask.Fault(set, images) with
        | null -> ()
        | fault -> raise (DataException $"{set}: {fault}")

        let count part = (images.Classes part).Count

        let summary =
            $"few-shot classification of {set}: {FewShotTask.Way} classes, one image of each shown, another of each to be named; {count Part.Training} classes to train on, {count Part.Validation} to validate, {count Part.Test} to test"

        let normalised = FewShotTask.Normalised(mean, deviation)

        let writer (settings: EpisodeSettings) part =
            let write = FewShotTask.Write(images, part, settings.Labels, normalised)
            EpisodeWriter(fun stream input target -> write stream input target)

        FewShotTask.Make(set, summary, images.Side, writer)

    /// The same task where the image set is not at hand: it can be described, not run. `how` says how to get the images.
    static member private Missing(set: string, side: int, how: string) : Task * exn =
        let absence = MissingImagesException $"the image set {set} is not here: {how}"
        FewShotTask.Make(set, $"few-shot classification of {set} ({how})", side, (fun _ _ -> raise absence)), absence

    /// The tasks of the image sets that experiments use, where these are not at hand.
    static member internal Known: Task list = List.map fst known

    static member private Absence(task: Task) : exn option =
        known
        |> List.tryFind (fun (missing, _) -> obj.ReferenceEquals(missing, task))
        |> Option.map snd

    /// Whether what a task draws is at hand: false where its image set is not.
    static member IsAtHand(task: Task) : bool = (FewShotTask.Absence task).IsNone

    /// Raises MissingImagesException for a task whose image set is not at hand.
    static member Require(task: Task) : unit =
        FewShotTask.Absence task |> Option.iter raise
