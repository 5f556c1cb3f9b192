namespace Plastic.Settings

open System.Collections.Generic

/// How long work takes, from what was measured of other work of the same kind.
[<AbstractClass; Sealed>]
type CostEstimate =
    /// The seconds of work of a cost, such as its arithmetic. Between two measured costs they lie on the line through both; below the least
    /// they are those of the least, since every step takes some time; above the largest they grow with the cost.
    /// Raises ArgumentException if nothing was measured.
    static member Of(measured: IReadOnlyDictionary<float, float>, cost: float) : float =
        let known =
            measured |> Seq.map (fun pair -> pair.Key, pair.Value) |> Seq.sort |> List.ofSeq

        let leastCost, least = List.head known
        let largestCost, largest = List.last known

        if cost <= leastCost then
            least
        elif cost >= largestCost then
            largest * cost / largestCost
        else
            let (before, low), (after, high) =
                known |> List.pairwise |> List.find (fun (_, (after, _)) -> cost <= after)

            low + (high - low) * (cost - before) / (after - before)
