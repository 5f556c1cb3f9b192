namespace Plastic.Core

open System

/// Which values of a block's output are left in training. What is left of an image is a function of pass, block and image alone, so it
/// may be asked for again, in any order and on any thread.
[<Interface>]
type IEncoderDrops =
    /// Writes 1 for each value of an image that is dropped one by one and left, else 0.
    abstract Elements: pass: int64 * block: int * image: int * rate: float * left: Span<byte> -> unit

    /// Writes 1 at each place where a dropped square has its upper left corner, else 0: [channels, s − b + 1, s − b + 1].
    abstract Corners: pass: int64 * block: int * image: int * probability: float * corners: Span<byte> -> unit

/// Drops by keyed random numbers.
[<Sealed>]
type KeyedDrops(seed: int64) =
    let keys =
        Array.init 4 (fun block -> Philox.key seed $"encoder block{block + 1} drops")

    static let draw (key: Key) (pass: int64) image probability one (into: Span<byte>) =
        let stream = RandomStream(key, pass, image)

        for k in 0 .. into.Length - 1 do
            into[k] <- if stream.Uniform() < probability then one else 1uy - one

    interface IEncoderDrops with
        member _.Elements(pass, block, image, rate, left) =
            draw keys[block] pass image rate 0uy left

        member _.Corners(pass, block, image, probability, corners) =
            draw keys[block] pass image probability 1uy corners

/// What is left of an image's values by squares.
[<RequireQualifiedAccess>]
module internal DropSquares =
    /// Writes 1 for each of the values [channels, side, side] that no square covers, else 0.
    let left (corners: ReadOnlySpan<byte>) channels side square (into: Span<byte>) =
        let places = side - square + 1
        into.Fill 1uy

        for c in 0 .. channels - 1 do
            for y in 0 .. places - 1 do
                for x in 0 .. places - 1 do
                    if corners[(c * places + y) * places + x] <> 0uy then
                        for i in y .. y + square - 1 do
                            into.Slice((c * side + i) * side + x, square).Clear()
