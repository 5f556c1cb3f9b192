namespace Plastic.Core

/// A random order of 0 … n − 1, which may be asked for any of its places without the others: a Feistel network of four rounds on
/// the next power of four (Luby and Rackoff, SIAM J. Comput. 17, 1988), applied again until the result is below n (Black and
/// Rogaway, CT-RSA 2002). Its round function is Philox.
[<RequireQualifiedAccess>]
module Permutation =
    [<Literal>]
    let private Rounds = 4

    /// The element at a place, 0 ≤ place < n, of the order that a key and a number name. n ≥ 1.
    let at (key: Key) (number: int64) (n: int) (place: int) : int =
        let mutable half = 1

        while half < 16 && (1L <<< (2 * half)) < int64 n do
            half <- half + 1

        let mask = (1u <<< half) - 1u

        let once (value: uint32) =
            let mutable left, right = value >>> half, value &&& mask

            for round in 1..Rounds do
                let struct (word, _, _, _) =
                    Philox.block key (struct (uint32 number, uint32 (number >>> 32), right, 0x50657200u + uint32 round))

                let next = left ^^^ (word &&& mask)
                left <- right
                right <- next

            (left <<< half) ||| right

        let mutable value = once (uint32 place)

        while value >= uint32 n do
            value <- once value

        int value
