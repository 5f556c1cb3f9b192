namespace Plastic.Core

open System
open System.Numerics

/// Marsaglia's polar method (SIAM Review 6, 1964): what a point of the unit disc is multiplied by, to make its coordinates two
/// standard normal numbers. Only additions, multiplications, divisions and roots: the bits are the same on every machine (a system's own
/// logarithm may differ in the last place), and the same for one number as for a vector of them.
[<RequireQualifiedAccess>]
module internal Polar =
    /// ln m = 2 artanh r = 2 Σ r^(2k+1)/(2k+1), |r| ≤ 0.172: twelve terms reach float64.
    let private terms = Array.init 12 (fun k -> 1.0 / float (2 * k + 1))

    [<Literal>]
    let private Ln2 = 0.6931471805599453

    [<Literal>]
    let private Sqrt2 = 1.4142135623730951

    /// The bits of a float64 that say its fraction, and those of the exponent of 1.
    [<Literal>]
    let private Fraction = 0xFFFFFFFFFFFFFL

    [<Literal>]
    let private One = 0x3FF0000000000000L

    /// ln x for normal x > 0. Relative error below 1e-15.
    let ln (x: float) =
        let bits = BitConverter.DoubleToInt64Bits x
        let exponent = int (bits >>> 52) - 1023
        let mantissa = BitConverter.Int64BitsToDouble((bits &&& Fraction) ||| One)

        let e, m =
            if mantissa > Sqrt2 then
                exponent + 1, mantissa / 2.0
            else
                exponent, mantissa

        let r = (m - 1.0) / (m + 1.0)
        let square = r * r
        let mutable sum = 0.0

        for k in terms.Length - 1 .. -1 .. 0 do
            sum <- sum * square + terms[k]

        float e * Ln2 + 2.0 * r * sum

    /// The same of every element, by the same operations in the same order.
    let lnOfEach (x: Vector<float>) =
        let bits = Vector.AsVectorInt64 x
        let exponent = Vector.ShiftRightLogical(bits, 52) - Vector<int64> 1023L

        let mantissa =
            Vector.AsVectorDouble((bits &&& Vector<int64> Fraction) ||| Vector<int64> One)

        // Elements that are −1 where it holds, and 0 elsewhere.
        let isLarge = Vector.GreaterThan(mantissa, Vector<float> Sqrt2)
        let e = Vector.ConvertToDouble(exponent - isLarge)

        let m = Vector.ConditionalSelect(isLarge, mantissa * Vector<float> 0.5, mantissa)

        let r = (m - Vector<float>.One) / (m + Vector<float>.One)
        let square = r * r
        let mutable sum = Vector<float>.Zero

        for k in terms.Length - 1 .. -1 .. 0 do
            sum <- sum * square + Vector<float> terms[k]

        e * Vector<float> Ln2 + Vector<float> 2.0 * r * sum

    /// The factor of a point whose squared distance from the centre is s, 0 < s < 1.
    let factor s = Math.Sqrt(-2.0 * ln s / s)

    /// The same of every element.
    let factorOfEach (s: Vector<float>) =
        Vector.SquareRoot(Vector<float> -2.0 * lnOfEach s / s)
