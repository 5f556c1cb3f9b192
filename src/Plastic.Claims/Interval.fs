namespace Plastic.Claims

open System
open MathNet.Numerics.Distributions
open Plastic.Core

/// An estimate with its interval of 95 %.
[<Struct>]
type Interval =
    {
        /// Lower bound.
        Low: float
        /// The statistic of the values themselves.
        Estimate: float
        /// Upper bound.
        High: float
    }

/// Intervals by resampling independent values, such as one number for each seed.
[<RequireQualifiedAccess>]
module Bootstrap =
    /// Up to so many values every resample is enumerated, all nⁿ of them, so that the interval has no chance in it.
    [<Literal>]
    let private MostEnumerated = 6

    [<Literal>]
    let private Draws = 20_000

    let private enumerated n =
        seq {
            for number in 0 .. int (Math.Pow(float n, float n)) - 1 ->
                Array.init n (fun place -> number / int (Math.Pow(float n, float place)) % n)
        }

    /// The key of the draws is the number of values, so equal values have equal intervals.
    let private drawn n =
        let key = Philox.key (int64 n) "bootstrap"

        seq {
            for draw in 0 .. Draws - 1 ->
                let stream = RandomStream(key, int64 draw, 0)
                Array.init n (fun _ -> stream.Below n)
        }

    /// The fraction of resamples below the interval: Φ(−t(0.975, n−1)·√(n/(n−1))). Resamples of n values vary less than samples do, by
    /// √((n−1)/n), and a variance that is estimated from n values needs Student's t instead of the normal distribution. This is the expanded percentile interval
    /// (Hesterberg 2015, "What teachers should know about the bootstrap", section 3.4).
    let tail (n: int) : float =
        let t = StudentT.InvCDF(0.0, 1.0, float (n - 1), 0.975)
        Normal.CDF(0.0, 1.0, -t * sqrt (float n / float (n - 1)))

    /// The quantile of sorted values, by linear interpolation between them.
    let quantile (sorted: float[]) (share: float) : float =
        let place = share * float (sorted.Length - 1)
        let below = int place

        if below + 1 < sorted.Length then
            sorted[below] + (place - float below) * (sorted[below + 1] - sorted[below])
        else
            sorted[below]

    /// The median, by the same interpolation.
    let median (values: float[]) : float = quantile (Array.sort values) 0.5

    /// The interval of a statistic of at least two values, each of which is resampled as a whole: what was measured with one seed stays
    /// together. Raises ArgumentException for fewer.
    let interval (statistic: 'value[] -> float) (values: 'value[]) : Interval =
        let n = values.Length

        if n < 2 then
            invalidArg (nameof values) $"an interval needs two values, not {n}"

        let found =
            (if n <= MostEnumerated then enumerated n else drawn n)
            |> Seq.map (fun places -> statistic (places |> Array.map (fun place -> values[place])))
            |> Array.ofSeq
            |> Array.sort

        let tail = tail n

        {
            Low = quantile found tail
            Estimate = statistic values
            High = quantile found (1.0 - tail)
        }
