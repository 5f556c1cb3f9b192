namespace Plastic.Core

open System
open System.Numerics

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

    /// How many blocks are made together.
    [<Literal>]
    let internal Together = 8

    /// The blocks at counters (c0, c1, c2, c3 + n), n = 0 … 7, a processor's vector of them at a time: word w of block n becomes
    /// lanes[8 w + n].
    let internal blocks (key: Key) (struct (c0: uint32, c1: uint32, c2: uint32, c3: uint32)) (lanes: uint64[]) =
        let all (word: uint32) = Vector<uint64>(uint64 word)
        let low = all UInt32.MaxValue

        for first in 0 .. Vector<uint64>.Count .. Together - 1 do
            let mutable k0, k1 = key.Low, key.High
            let mutable x0, x1, x2 = all c0, all c1, all c2
            let mutable x3 = (all (c3 + uint32 first) + Vector<uint64>.Indices) &&& low

            for _ in 1..10 do
                let a = x0 * all 0xD2511F53u
                let b = x2 * all 0xCD9E8D57u
                x0 <- (b >>> 32) ^^^ x1 ^^^ all k0
                x2 <- (a >>> 32) ^^^ x3 ^^^ all k1
                x1 <- b &&& low
                x3 <- a &&& low
                k0 <- k0 + 0x9E3779B9u
                k1 <- k1 + 0xBB67AE85u

            x0.CopyTo(lanes, first)
            x1.CopyTo(lanes, Together + first)
            x2.CopyTo(lanes, 2 * Together + first)
            x3.CopyTo(lanes, 3 * Together + first)

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
