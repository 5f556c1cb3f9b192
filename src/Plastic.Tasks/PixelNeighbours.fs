namespace Plastic.Tasks

open System
open System.Buffers
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

    /// Which support of an episode is nearest to one of its queries, the first of equally near ones. `episode` is [2 · way], numbers of
    /// images, as FewShot.Draw writes them; supports and queries count from 0.
    static member Nearest(images: IImages, episode: ReadOnlySpan<int>, query: int) : int =
        let way = episode.Length / 2
        let bytes = images.Side * images.Side * 3
        let rented = ArrayPool<byte>.Shared.Rent(2 * bytes)
        let asked = Span(rented, 0, bytes)
        let shown = Span(rented, bytes, bytes)
        images.Read(episode[way + query], asked)
        let mutable least = Int64.MaxValue
        let mutable nearest = 0

        for support in 0 .. way - 1 do
            images.Read(episode[support], shown)

            let distance =
                PixelNeighbours.Distance(Span.op_Implicit asked, Span.op_Implicit shown)

            if distance < least then
                least <- distance
                nearest <- support

        ArrayPool<byte>.Shared.Return rented
        nearest

    /// Whether the support nearest to the first query of an episode has its label. The stream draws the episode, of the classes of a
    /// part, as it does for a few-shot task.
    static member FirstIsRight(images: IImages, part: Part, labelling: FewShotLabels, stream: RandomStream) : bool =
        let way = FewShotTask.Way
        let numbers: int[] = Array.zeroCreate (4 * way)
        let episode = Span(numbers, 0, 2 * way)
        let labels = Span(numbers, 2 * way, 2 * way)
        FewShot.Draw(images.Classes part, way, labelling, stream, episode, labels)
        labels[PixelNeighbours.Nearest(images, Span.op_Implicit episode, 0)] = labels[way]
