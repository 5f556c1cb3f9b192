namespace Plastic.Tasks

// A table on the stack is memory that F# does not check.
#nowarn "9"

open System
open System.Runtime.InteropServices
open Microsoft.FSharp.NativeInterop
open Plastic.Core

/// The three bytes of a pixel.
[<Struct>]
type internal Pixel =
    {
        mutable Red: byte
        mutable Green: byte
        mutable Blue: byte
    }

    /// ITU-R 601, in sixteen bits, rounded.
    member this.Luma: int =
        (int this.Red * 19595 + int this.Green * 38470 + int this.Blue * 7471 + 0x8000)
        >>> 16

    /// An image's pixels.
    static member Of(image: Span<byte>) : Span<Pixel> = MemoryMarshal.Cast<byte, Pixel> image

/// Random changes of training images [side, side, 3], on bytes, as published: torchvision's RandomCrop with a border, ColorJitter(0.4, 0.4,
/// 0.4) and RandomHorizontalFlip, with the arithmetic of Pillow's ImageEnhance. Nothing is allocated.
[<AbstractClass; Sealed>]
type Augmentation =
    /// A factor of brightness, contrast or saturation is uniform on 1 ± this.
    static member Strength = 0.4

    /// Pixels of black around an image before it is cropped: 4 at 32², 8 at 84².
    static member Border(side: int) : int = if side < 64 then 4 else 8

    /// A number between two bytes, or beyond them: one + factor · (other − one) in float32, bounded to a byte, without its fraction.
    static member private Blend(one: int, other: byte, factor: float32) : byte =
        byte (Math.Clamp(int (float32 one + factor * float32 (int other - one)), 0, 255))

    /// The same for all bytes of an image, by a table of what becomes of each.
    static member private BlendAll(one: int, image: Span<byte>, factor: float32) =
        let table = Span<byte>(NativePtr.toVoidPtr (NativePtr.stackalloc<byte> 256), 256)

        for value in 0..255 do
            table[value] <- Augmentation.Blend(one, byte value, factor)

        for at in 0 .. image.Length - 1 do
            image[at] <- table[int image[at]]

    /// Part of an image with a black border: from row `top` and column `left` of the bordered image on, both from 0 to twice the border.
    static member internal Crop
        (source: ReadOnlySpan<byte>, side: int, border: int, top: int, left: int, into: Span<byte>)
        =
        into.Clear()
        let width = 3 * side

        for row in 0 .. side - 1 do
            let from = row + top - border

            if from >= 0 && from < side then
                let first = max 0 (border - left)
                let last = min side (side + border - left)

                source
                    .Slice(from * width + 3 * (first + left - border), 3 * (last - first))
                    .CopyTo(into.Slice(row * width + 3 * first))

    /// Towards black: factor 0 is black, 1 the image itself.
    static member internal Brightness(image: Span<byte>, factor: float32) = Augmentation.BlendAll(0, image, factor)

    /// Towards the image's mean luma, rounded to a whole number.
    static member internal Contrast(image: Span<byte>, factor: float32) =
        let pixels = Pixel.Of image
        let mutable sum = 0L

        for at in 0 .. pixels.Length - 1 do
            sum <- sum + int64 pixels[at].Luma

        Augmentation.BlendAll(int (float sum / float pixels.Length + 0.5), image, factor)

    /// Towards grey: each pixel's luma.
    static member internal Saturation(image: Span<byte>, factor: float32) =
        let pixels = Pixel.Of image

        for at in 0 .. pixels.Length - 1 do
            let pixel = &pixels[at]
            let luma = pixel.Luma
            pixel.Red <- Augmentation.Blend(luma, pixel.Red, factor)
            pixel.Green <- Augmentation.Blend(luma, pixel.Green, factor)
            pixel.Blue <- Augmentation.Blend(luma, pixel.Blue, factor)

    /// Left and right exchanged.
    static member internal Mirror(image: Span<byte>, side: int) =
        for row in 0 .. side - 1 do
            (Pixel.Of image).Slice(row * side, side).Reverse()

    /// Changes an image: a crop of it with its border, brightness, contrast and saturation, each × U(0.6, 1.4), in random order, and a mirror
    /// image with probability ½. A pure function of the stream's position. Both images are [side, side, 3].
    static member Apply(stream: RandomStream, side: int, image: ReadOnlySpan<byte>, into: Span<byte>) : unit =
        let border = Augmentation.Border side
        let top = stream.Below(2 * border + 1)
        let left = stream.Below(2 * border + 1)
        Augmentation.Crop(image, side, border, top, left, into)

        let factor () =
            float32 (stream.Uniform(1.0 - Augmentation.Strength, 1.0 + Augmentation.Strength))

        let brightness = factor ()
        let contrast = factor ()
        let saturation = factor ()
        // The order of three: which comes first, and which of the other two comes next.
        let first = stream.Below 3
        let second = (first + 1 + stream.Below 2) % 3

        for at in 0..2 do
            match
                (if at = 0 then first
                 elif at = 1 then second
                 else 3 - first - second)
            with
            | 0 -> Augmentation.Brightness(into, brightness)
            | 1 -> Augmentation.Contrast(into, contrast)
            | _ -> Augmentation.Saturation(into, saturation)

        if stream.Below 2 = 1 then
            Augmentation.Mirror(into, side)
