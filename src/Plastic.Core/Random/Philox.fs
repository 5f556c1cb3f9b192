namespace Plastic.Core

open System

/// A random key: a stream of numbers is a pure function of it. Keys are arguments; there is no global generator.
[<Struct>]
type Key =
    {
        /// The first word of the generator's key.
        Low: uint32
        /// The second word.
        High: uint32
    }

/// Counter-based random numbers: Philox 4×32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011, section 3.3).
[<RequireQualifiedAccess>]
module Philox =
    /// The block of four words at a counter.
    let internal block (key: Key) (struct (c0: uint32, c1: uint32, c2: uint32, c3: uint32)) =
        let mutable k0, k1 = key.Low, key.High
        let mutable x0, x1, x2, x3 = c0, c1, c2, c3

        for _ in 1..10 do
            let a = uint64 x0 * 0xD2511F53UL
            let b = uint64 x2 * 0xCD9E8D57UL
            let y0 = uint32 (b >>> 32) ^^^ x1 ^^^ k0
            let y2 = uint32 (a >>> 32) ^^^ x3 ^^^ k1
            x0 <- y0
            x1 <- uint32 b
            x2 <- y2
            x3 <- uint32 a
            k0 <- k0 + 0x9E3779B9u
            k1 <- k1 + 0xBB67AE85u

        struct (x0, x1, x2, x3)

    let private split (value: int64) =
        struct (uint32 value, uint32 (value >>> 32))

    /// A key from a seed and a purpose; different purposes give unrelated streams.
    let key (seed: int64) (purpose: string) : Key =
        let struct (low, high) = split seed
        let seeded = { Low = low; High = high }

        // Each character is one link in a chain of blocks, so that no two purposes give the same key.
        let struct (a, b, _, _) =
            (block seeded (struct (uint32 purpose.Length, 0u, 0u, 0x4B657900u)), purpose)
            ||> Seq.fold (fun (struct (a, b, _, _)) letter -> block seeded (struct (a, b, uint32 letter, 0x4B657901u)))

        { Low = a; High = b }

    /// ln x for normal x > 0, using only additions, multiplications and divisions, so that its bits are the same on every
    /// machine (a system's own logarithm may differ in the last place). Relative error below 1e-15.
    let internal ln (x: float) =
        let bits = BitConverter.DoubleToInt64Bits x
        let exponent = int ((bits >>> 52) &&& 0x7FFL) - 1023

        let mantissa =
            BitConverter.Int64BitsToDouble((bits &&& 0xFFFFFFFFFFFFFL) ||| 0x3FF0000000000000L)

        let e, m =
            if mantissa > 1.4142135623730951 then
                exponent + 1, mantissa / 2.0
            else
                exponent, mantissa
        // ln m = 2 artanh r = 2 Σ r^(2k+1)/(2k+1), |r| ≤ 0.172: twelve terms reach float64.
        let r = (m - 1.0) / (m + 1.0)
        let square = r * r
        let mutable sum = 0.0

        for k in 11..-1..0 do
            sum <- sum * square + 1.0 / float (2 * k + 1)

        float e * 0.6931471805599453 + 2.0 * r * sum

/// A position in the numbers of one key: counter = (step, sample, block). Numbers are drawn in order; two streams
/// of the same key, step and sample give the same numbers.
[<Sealed>]
type RandomStream(key: Key, step: int64, sample: int) =
    let mutable next = 0u
    let mutable left = 0
    let mutable words = struct (0u, 0u, 0u, 0u)
    let mutable spare = nan

    /// 32 random bits.
    member _.Word() : uint32 =
        if left = 0 then
            words <- Philox.block key (struct (uint32 step, uint32 (step >>> 32), uint32 sample, next))
            next <- next + 1u
            left <- 4

        let struct (a, b, c, d) = words
        left <- left - 1

        match left with
        | 3 -> a
        | 2 -> b
        | 1 -> c
        | _ -> d

    /// Uniform on [0, 1): multiples of 2⁻³².
    member this.Uniform() : float =
        float (this.Word()) * (1.0 / 4294967296.0)

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

            let factor = Math.Sqrt(-2.0 * Philox.ln s / s)
            spare <- v * factor
            u * factor
        else
            let value = spare
            spare <- nan
            value
