namespace Plastic.Tasks

open System
open System.Numerics
open System.Runtime.InteropServices
open Plastic.Core

/// What remembers all pixels and learns nothing: a query has the label of the support whose bytes are nearest to its own.
[<AbstractClass; Sealed>]
type PixelNeighbours =
    /// The squared distance of two images. Exact: all sums are whole numbers.
    static member private Distance(one: ReadOnlySpan<byte>, other: ReadOnlySpan<byte>) : int64 =
        let ones = MemoryMarshal.Cast<byte, Vector<byte>> one
        let others = MemoryMarshal.Cast<byte, Vector<byte>> other
        let mutable sum = 0L

        for n in 0 .. ones.Length - 1 do
            let difference = Vector.Max(ones[n], others[n]) - Vector.Min(ones[n], others[n])
            let mutable low, high = Vector<uint16>.Zero, Vector<uint16>.Zero
            Vector.Widen(difference, &low, &high)
            let mutable first, second = Vector<uint32>.Zero, Vector<uint32>.Zero
            Vector.Widen(low * low, &first, &second)
            sum <- sum + int64 (Vector.Sum(first + second))
            Vector.Widen(high * high, &first, &second)
            sum <- sum + int64 (Vector.Sum(first + second))

        let mutable at = ones.Length * Vector<byte>.Count

        while at < one.Length do
            let difference = int64 one[at] - int64 other[at]
            sum <- sum + difference * difference
            at <- at + 1

        sum

    /// The label of each query of an episode: that of the nearest support, the first of equally near ones. `images` and `labels` are
    /// [2 · way], as FewShot.Draw writes them; the labels of queries are not read. Result [way].
    static member Labels(images: IImages, episode: ReadOnlySpan<int>, labels: ReadOnlySpan<int>) : int[] =
        let way = episode.Length / 2
        let bytes = images.Side * images.Side * 3
        let supports: byte[] = Array.zeroCreate (way * bytes)
        let query: byte[] = Array.zeroCreate bytes
        let answers: int[] = Array.zeroCreate way

        for support in 0 .. way - 1 do
            images.Read(episode[support], Span(supports, support * bytes, bytes))

        for asked in 0 .. way - 1 do
            images.Read(episode[way + asked], Span query)
            let mutable least = Int64.MaxValue

            for support in 0 .. way - 1 do
                let distance =
                    PixelNeighbours.Distance(
                        ReadOnlySpan.op_Implicit query,
                        ReadOnlySpan(supports, support * bytes, bytes)
                    )

                if distance < least then
                    least <- distance
                    answers[asked] <- labels[support]

        answers

    /// The share of queries that get their own label, over the episodes (key, 0, 0) … (key, 0, episodes − 1) of a part.
    static member Accuracy(images: IImages, part: Part, way: int, key: Key, episodes: int) : float =
        let classes = images.Classes part
        let episode: int[] = Array.zeroCreate (2 * way)
        let labels: int[] = Array.zeroCreate (2 * way)
        let stream = RandomStream(key, 0L, 0)
        let mutable right = 0L

        for sample in 0 .. episodes - 1 do
            stream.Restart(key, 0L, sample)
            FewShot.Draw(classes, way, FewShotLabels.Shuffled, stream, Span episode, Span labels)

            let answers =
                PixelNeighbours.Labels(images, ReadOnlySpan.op_Implicit episode, ReadOnlySpan.op_Implicit labels)

            for asked in 0 .. way - 1 do
                if answers[asked] = labels[way + asked] then
                    right <- right + 1L

        float right / float (int64 episodes * int64 way)
