namespace Plastic.Tasks

open System
open Plastic.Core

/// Episodes of few-shot classification: some classes, and of each two images. The first half of an episode shows one image of each class,
/// the supports, and the second half the other, the queries. Source: Duan et al. 2023, section 4.3, with one shot.
[<AbstractClass; Sealed>]
type FewShot =
    /// Puts the elements of two lists into the same random order (Fisher and Yates).
    static member private Shuffle(stream: RandomStream, first: Span<int>, second: Span<int>) =
        for at in first.Length - 1 .. -1 .. 1 do
            let other = stream.Below(at + 1)
            let one, two = first[at], second[at]
            first[at] <- first[other]
            second[at] <- second[other]
            first[other] <- one
            second[other] <- two

    /// Draws an episode, a pure function of the stream's position: `way` classes without replacement, two different images of each, and the
    /// orders of supports and queries. Writes images [2 · way], numbers of images, and labels [2 · way], from 0 to way − 1: step t shows
    /// image images[t], whose label is labels[t]. Nothing is allocated.
    /// Raises ArgumentException if there are fewer classes than `way`, if a class has one image, or if a length is not 2 · way.
    static member Draw
        (
            classes: ImageClasses,
            way: int,
            labelling: FewShotLabels,
            stream: RandomStream,
            images: Span<int>,
            labels: Span<int>
        ) : unit =
        if way < 1 || classes.Count < way then
            invalidArg (nameof way) $"an episode of {way} classes from {classes.Count}"

        if images.Length <> 2 * way || labels.Length <> 2 * way then
            invalidArg (nameof images) $"an episode of {way} classes has {2 * way} images and labels"

        // Floyd's sampling: a set of `way` classes, each set with the same probability (Bentley and Floyd, CACM 30, 1987).
        let chosen = labels.Slice(0, way)

        for at in 0 .. way - 1 do
            let highest = classes.Count - way + at
            let one = stream.Below(highest + 1)
            let isTaken = chosen.Slice(0, at).Contains one
            chosen[at] <- if isTaken then highest else one

        chosen.Sort()

        for rank in 0 .. way - 1 do
            let label = chosen[rank]
            let count = classes.CountOf label

            if count < 2 then
                invalidArg (nameof classes) $"class {label} has {count} image; an episode needs two"

            let support = stream.Below count
            let other = stream.Below(count - 1)
            images[rank] <- classes.First label + support

            images[way + rank] <- classes.First label + (if other >= support then other + 1 else other)

        let names = labels.Slice(way, way)

        for rank in 0 .. way - 1 do
            names[rank] <- rank

        if labelling = FewShotLabels.Shuffled then
            FewShot.Shuffle(stream, names, names)

        names.CopyTo(labels.Slice(0, way))
        FewShot.Shuffle(stream, images.Slice(0, way), labels.Slice(0, way))
        FewShot.Shuffle(stream, images.Slice(way, way), names)
