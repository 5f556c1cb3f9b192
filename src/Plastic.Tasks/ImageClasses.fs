namespace Plastic.Tasks

open System
open System.Collections.Generic

/// Where the images of one part of an image set are. A class is a whole number from 0; its images follow each other, and so do the classes.
[<Sealed>]
type ImageClasses(first: int, counts: IReadOnlyList<int>, names: IReadOnlyList<string>) =
    let starts = counts |> Seq.scan (+) first |> Array.ofSeq

    /// Classes that are called by their numbers.
    new(first: int, counts: IReadOnlyList<int>) =
        ImageClasses(first, counts, [| for label in 0 .. counts.Count - 1 -> string label |])

    /// How many classes there are.
    member _.Count = counts.Count

    /// The number of a class's first image.
    member _.First(label: int) : int = starts[label]

    /// How many images a class has.
    member _.CountOf(label: int) : int = counts[label]

    /// What a class is called.
    member _.NameOf(label: int) : string = names[label]

    /// The images of all classes together.
    member _.Images: int = starts[counts.Count] - first

/// Images of one size: side × side pixels, row after row, three bytes a pixel: red, green, blue.
type IImages =
    /// Pixels in a row, and rows.
    abstract Side: int

    /// The classes of a part.
    abstract Classes: part: Part -> ImageClasses

    /// Copies an image, [side, side, 3] bytes. Any thread may call it.
    abstract Read: image: int * into: Span<byte> -> unit
