namespace Plastic.Core

open System
open System.Numerics

/// The scale of words.
[<AutoOpen>]
module private Scale =
    [<Literal>]
    let TwoTo32 = 4294967296.0

/// A position in the numbers of one key: counter = (step, sample, block). Numbers are drawn in order; two streams
/// of the same key, step and sample give the same numbers.
[<Sealed>]
type RandomStream(key: Key, step: int64, sample: int) =
    let mutable key, step, sample = key, step, sample
    let mutable next = 0u
    // Blocks made together, as they come: a word of every block, then the next word of every block.
    let lanes: uint64[] = Array.zeroCreate (4 * Philox.Together)
    let scaled: float[] = Array.zeroCreate lanes.Length
    // The uniform numbers at hand, in order, are those from read up to held: each is a word times 2⁻³².
    let numbers: float[] = Array.zeroCreate (lanes.Length + 1)
    let mutable read = 0
    let mutable held = 0
    let mutable spare = nan
    // Whole vectors of the squared distances of points from the centre.
    let squares: float[] = Array.zeroCreate 16
    let mutable room: float[] = Array.empty
    let mutable taken = 0

    /// Appends numbers to those at hand, of which there may be one.
    let refill () =
        Philox.blocks key (struct (uint32 step, uint32 (step >>> 32), uint32 sample, next)) lanes

        for at in 0 .. Vector<uint64>.Count .. lanes.Length - 1 do
            let words = Vector.ConvertToDouble(Vector<uint64>(lanes, at))
            (words * Vector<float>(1.0 / TwoTo32)).CopyTo(scaled, at)

        let left = held - read

        if left > 0 then
            numbers[0] <- numbers[read]

        for n in 0 .. Philox.Together - 1 do
            let at = left + 4 * n
            numbers[at] <- scaled[n]
            numbers[at + 1] <- scaled[Philox.Together + n]
            numbers[at + 2] <- scaled[2 * Philox.Together + n]
            numbers[at + 3] <- scaled[3 * Philox.Together + n]

        next <- next + uint32 Philox.Together
        read <- 0
        held <- left + lanes.Length

    /// Starts anew, at the first number of a position, with the memory that it has.
    member _.Restart(newKey: Key, newStep: int64, newSample: int) : unit =
        key <- newKey
        step <- newStep
        sample <- newSample
        next <- 0u
        read <- 0
        held <- 0
        spare <- nan
        taken <- 0

    /// Memory for the numbers of one draw, which is used again after a restart. It may hold anything.
    member _.Room(count: int) : Span<float> =
        if taken + count > room.Length then
            room <- Array.zeroCreate (taken + count)

        taken <- taken + count
        Span(room, taken - count, count)

    /// Uniform on [0, 1): multiples of 2⁻³².
    member _.Uniform() : float =
        if read = held then
            refill ()

        let number = numbers[read]
        read <- read + 1
        number

    /// 32 random bits.
    member this.Word() : uint32 = uint32 (this.Uniform() * TwoTo32)

    /// Uniform on [low, high).
    member this.Uniform(low: float, high: float) : float = low + (high - low) * this.Uniform()

    /// Uniform on 0 .. count − 1 (bias below count/2³²).
    member this.Below(count: int) : int =
        int ((uint64 (this.Word()) * uint64 count) >>> 32)

    /// Standard normal, by Marsaglia's polar method (SIAM Review 6, 1964).
    member this.Normal() : float =
        if Double.IsNaN spare then
            let mutable u, v, s = 0.0, 0.0, 0.0

            while s <= 0.0 || s >= 1.0 do
                u <- 2.0 * this.Uniform() - 1.0
                v <- 2.0 * this.Uniform() - 1.0
                s <- u * u + v * v

            let factor = Polar.factor s
            spare <- v * factor
            u * factor
        else
            let value = spare
            spare <- nan
            value

    /// Standard normal numbers: those that as many calls of Normal would give, in a small part of the time.
    member this.Normals(into: Span<float>) : unit =
        let first =
            if into.Length > 0 && not (Double.IsNaN spare) then
                into[0] <- this.Normal()
                1
            else
                0

        let pairs = into.Slice(first, (into.Length - first) / 2 * 2)
        this.Points pairs
        this.MakeNormal pairs

        if first + pairs.Length < into.Length then
            into[into.Length - 1] <- this.Normal()

    /// Points of the unit disc, the coordinates of each side by side.
    member private _.Points(into: Span<float>) =
        let mutable found = 0

        while found < into.Length do
            if held - read < 2 then
                refill ()

            let given = ReadOnlySpan(numbers, read, held - read)
            let mutable at = 0

            while found < into.Length && at + 1 < given.Length do
                let x = 2.0 * given[at] - 1.0
                let y = 2.0 * given[at + 1] - 1.0
                let square = x * x + y * y
                into[found] <- x
                into[found + 1] <- y
                at <- at + 2

                // Counted without a jump, which no processor could predict. The centre, one point in 2⁶², is never met.
                if square > 0.0 then
                    found <- found + 2 * Convert.ToInt32((square < 1.0))

            read <- read + at

    /// Makes the coordinates of points the normal numbers that calls of Normal would have given.
    member private _.MakeNormal(points: Span<float>) =
        for first in 0 .. 2 * squares.Length .. points.Length - 1 do
            let some = points.Slice(first, min (2 * squares.Length) (points.Length - first))

            for k in 0 .. some.Length / 2 - 1 do
                squares[k] <- some[2 * k] * some[2 * k] + some[2 * k + 1] * some[2 * k + 1]

            for at in 0 .. Vector<float>.Count .. some.Length / 2 - 1 do
                (Polar.factorOfEach (Vector<float>(squares, at))).CopyTo(squares, at)

            for k in 0 .. some.Length / 2 - 1 do
                some[2 * k] <- some[2 * k] * squares[k]
                some[2 * k + 1] <- some[2 * k + 1] * squares[k]
