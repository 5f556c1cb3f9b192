namespace Plastic.Claims

open System.Collections.Generic

/// How alternatives compare that were all tried with the same seeds.
[<AbstractClass; Sealed>]
type Ranking =
    /// The rank of each loss among all of them: 1 for the least; equal losses share the mean of their ranks. A loss that is not a number
    /// ranks behind all that are.
    static member Of(losses: IReadOnlyList<float>) : float[] =
        let comparable loss =
            if System.Double.IsNaN loss then infinity else loss

        let losses = losses |> Seq.map comparable |> Array.ofSeq

        losses
        |> Array.map (fun loss ->
            let less = losses |> Array.filter (fun other -> other < loss) |> Array.length
            let equal = losses |> Array.filter (fun other -> other = loss) |> Array.length
            float less + float (equal + 1) / 2.0)

    /// The mean over seeds with its interval; of a single seed an interval of no width.
    static member Mean(values: IReadOnlyList<float>) : Interval =
        match Array.ofSeq values with
        | [| only |] ->
            {
                Low = only
                Estimate = only
                High = only
            }
        | values -> Bootstrap.interval Array.average values
