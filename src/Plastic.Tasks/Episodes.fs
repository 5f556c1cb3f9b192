namespace Plastic.Tasks

open System
open Plastic.Core

/// What the episodes of a run are for.
type Part =
    /// To train on.
    | Training = 0
    /// To choose the best weights by.
    | Validation = 1
    /// To test these on.
    | Test = 2

/// Draws one episode: writes its input [steps × inputs] and target [steps × outputs], row by row. Every element has to be written, and
/// nothing else may be read or kept, for the episode to depend on the stream alone.
type EpisodeWriter = delegate of stream: RandomStream * input: ArraySegment<float> * target: ArraySegment<float> -> unit

/// Episodes that are stored rather than drawn: those of one part of a data set.
type internal IStored =
    /// How many there are, at least one.
    abstract Count: int
    /// Which of the data set's episodes one of them is.
    abstract Index: episode: int -> int
    /// Steps of the longest one.
    abstract Steps: int
    /// The bytes that the whole data set takes.
    abstract Bytes: int64

    /// Writes one of them into a batch: [T, inputs], [T, outputs], [T]. Its weights are multiplied by a share. Returns its steps.
    abstract Write:
        episode: int *
        share: float *
        input: ArraySegment<float> *
        target: ArraySegment<float> *
        weight: ArraySegment<float> ->
            int

    /// The loss of the best constant guess for the first so many of them.
    abstract Chance: used: int -> float

/// Where episodes come from.
[<NoComparison; NoEquality>]
type internal Origin =
    /// Drawn from a random stream, with one weight per step for all of them.
    | Drawn of weight: Lazy<float[]> * draw: EpisodeWriter
    /// Drawn from what belongs to a part: of other parts there are other episodes.
    | DrawnOf of weight: Lazy<float[]> * of': Func<Part, EpisodeWriter> * part: Part
    /// All episodes of a part in random order, again and again.
    | Shuffled of of': (Part -> IStored)
    /// The first `used` episodes of a part, in order, in so many batches of nearly the same size.
    | InOrder of of': (Part -> IStored) * part: Part * used: int * batches: int

/// The episodes of a task under given settings.
[<Sealed>]
type Episodes internal (inputs: int, outputs: int, steps: int, imageSide: int, origin: Origin) =
    let segment (values: float[]) sample width =
        ArraySegment(values, sample * steps * width, steps * width)

    let write (stored: IStored) (batch: Batch) sample episode share =
        batch.Lengths[sample] <-
            stored.Write(
                episode,
                share,
                segment batch.Input sample inputs,
                segment batch.Target sample outputs,
                segment batch.Weight sample 1
            )

    /// Episodes that are drawn: `weight` gives the weight of each step in the loss; the weights should sum to 1.
    new(inputs: int, outputs: int, steps: int, weight: Func<int, float>, draw: EpisodeWriter) =
        // Allocated on first use: settings are checked before memory is.
        Episodes(inputs, outputs, steps, 0, Drawn(lazy (Array.init steps weight.Invoke), draw))

    /// The same, of which each part has its own, such as images of other classes.
    new(inputs: int, outputs: int, steps: int, weight: Func<int, float>, draw: Func<Part, EpisodeWriter>) =
        Episodes(inputs, outputs, steps, 0, DrawnOf(lazy (Array.init steps weight.Invoke), draw, Part.Training))

    /// The most batches of a validation or a test.
    static member MostBatches = 1 <<< 20

    /// Length of the input vector.
    member _.Inputs = inputs
    /// Length of the target vector.
    member _.Outputs = outputs
    /// Steps of an episode T.
    member _.Steps = steps

    /// The side of the images that steps start with: of a step's inputs, the first 3·side² are an image [3, side, side], which an
    /// encoder may read. 0 where there are none.
    member _.ImageSide = imageSide

    /// The same episodes, of whose inputs the first 3·side² are an image. Raises ArgumentException where there are fewer inputs.
    member _.WithImages(side: int) : Episodes =
        if side < 0 || 3L * int64 side * int64 side > int64 inputs then
            invalidArg
                (nameof side)
                $"an image of side {side} has {3L * int64 side * int64 side} numbers, but a step has {inputs} inputs"

        Episodes(inputs, outputs, steps, side, origin)

    /// [T]: the weight of each step in the loss; the weights sum to 1. Empty where each episode has its own, which sum to 1 too.
    member _.Weight: float[] =
        match origin with
        | Drawn(weight, _)
        | DrawnOf(weight, _, _) -> weight.Value
        | _ -> Array.empty

    /// The bytes of the data that the episodes are stored in; 0 where they are drawn.
    member _.StoredBytes: int64 =
        match origin with
        | Drawn _
        | DrawnOf _ -> 0L
        | Shuffled parts
        | InOrder(parts, _, _, _) -> (parts Part.Training).Bytes

    /// How many batches of a size there are of a part, at most `most`: as many as it takes to see every stored episode once; drawn
    /// episodes never end.
    member _.Batches(part: Part, size: int, most: int) : int =
        match origin with
        | Shuffled parts when part <> Part.Training ->
            let count = (parts part).Count
            min most ((count - 1) / size + 1)
        | _ -> most

    /// How many episodes of a part these batches hold.
    member this.Count(part: Part, size: int, most: int) : int64 =
        let places = int64 (this.Batches(part, size, most)) * int64 size

        match origin with
        | Shuffled parts when part <> Part.Training -> min (int64 (parts part).Count) places
        | _ -> places

    /// The loss of the best constant guess for the stored episodes that these batches test; null where episodes are drawn.
    member this.Chance(size: int, most: int) : Nullable<float> =
        match origin with
        | Shuffled parts -> Nullable((parts Part.Test).Chance(int (this.Count(Part.Test, size, most))))
        | _ -> Nullable()

    /// The place of a part's episode, counted from 0: of a stored one in the arrays of its data set, of a drawn one among those of the part.
    member _.Index(part: Part, episode: int) : int =
        match origin with
        | Shuffled parts -> (parts part).Index episode
        | _ -> episode

    /// The episodes of a part, in at most so many batches of a size. Drawn episodes are the same whatever the part: their key tells
    /// the parts apart.
    member this.Of(part: Part, size: int, most: int) : Episodes =
        match origin with
        | Shuffled parts when part <> Part.Training ->
            let used = int (this.Count(part, size, most))
            Episodes(inputs, outputs, steps, imageSide, InOrder(parts, part, used, this.Batches(part, size, most)))
        | DrawnOf(weight, of', _) -> Episodes(inputs, outputs, steps, imageSide, DrawnOf(weight, of', part))
        | _ -> this

    /// The same episodes; what drawing them throws is thrown as `fault` makes it.
    member internal this.Throwing(fault: exn -> exn) : Episodes =
        let guarded f =
            try
                f ()
            with thrown ->
                raise (fault thrown)

        let weights (weight: Lazy<float[]>) = lazy guarded (fun () -> weight.Value)

        let writer (draw: EpisodeWriter) =
            EpisodeWriter(fun stream input target -> guarded (fun () -> draw.Invoke(stream, input, target)))

        match origin with
        | Drawn(weight, draw) -> Episodes(inputs, outputs, steps, imageSide, Drawn(weights weight, writer draw))
        | DrawnOf(weight, of', part) ->
            let of' =
                Func<Part, EpisodeWriter>(fun part -> writer (guarded (fun () -> of'.Invoke part)))

            Episodes(inputs, outputs, steps, imageSide, DrawnOf(weights weight, of', part))
        | Shuffled _
        | InOrder _ -> this

    /// A batch of zeros to be filled.
    member this.Allocate(size: int) : Batch =
        let weight =
            match origin with
            | Drawn(weight, _)
            | DrawnOf(weight, _, _) -> weight.Value
            | _ -> Array.zeroCreate (size * steps)

        Batch(
            size,
            steps,
            inputs,
            outputs,
            Array.zeroCreate (size * steps * inputs),
            Array.zeroCreate (size * steps * outputs),
            weight
        )

    /// Writes one episode into its place in the batch. It is a pure function of (key, step, sample): samples may be
    /// filled in any order and at the same time.
    member this.Fill(batch: Batch, key: Key, step: int64, sample: int) : unit =
        this.Fill(batch, RandomStream(key, step, sample), key, step, sample)

    /// The same, with a stream that is started anew: for a thread that draws many episodes.
    member this.Fill(batch: Batch, stream: RandomStream, key: Key, step: int64, sample: int) : unit =
        match origin with
        | Drawn(_, draw) -> this.Draw(batch, stream, key, step, sample, draw)
        | DrawnOf(_, of', part) -> this.Draw(batch, stream, key, step, sample, of'.Invoke part)
        | Shuffled parts ->
            let stored = parts Part.Training

            let struct (epoch, place) =
                Math.DivRem(step * int64 batch.Size + int64 sample, int64 stored.Count)

            write stored batch sample (Permutation.at key epoch stored.Count (int place)) 1.0
        | InOrder(parts, part, used, batches) ->
            let first index =
                int (int64 index * int64 used / int64 batches)

            let index = int (step % int64 Episodes.MostBatches)
            let episode = first index + sample

            // The mean over the batches' losses is the mean over the episodes; a place without one counts nothing.
            if index < batches && episode < first (index + 1) then
                write (parts part) batch sample episode (float batches * float batch.Size / float used)
            else
                for values in
                    [
                        segment batch.Input sample inputs
                        segment batch.Target sample outputs
                        segment batch.Weight sample 1
                    ] do
                    values.AsSpan().Clear()

                batch.Lengths[sample] <- 0

    member private _.Draw(batch, stream, key, step, sample, draw: EpisodeWriter) =
        stream.Restart(key, step, sample)
        draw.Invoke(stream, segment batch.Input sample inputs, segment batch.Target sample outputs)

    /// A batch of episodes: sample s is the episode of (key, step, s).
    member this.Batch(key: Key, step: int64, size: int) : Batch =
        let batch = this.Allocate size

        for sample in 0 .. size - 1 do
            this.Fill(batch, key, step, sample)

        batch
