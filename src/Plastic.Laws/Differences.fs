/// Derivatives computed from values, to check the derived ones against.
[<RequireQualifiedAccess>]
module internal Plastic.Laws.Differences

let private step = 1e-4

/// The slope of f at 0 by central differences of fourth order; None if f has a kink so close that the slope is
/// meaningless, which is detected from f's values alone.
let central (f: float -> float) : float option =
    let at k = f (float k * step)
    let v = [| for k in -3 .. 3 -> at k |]
    let slope = (8.0 * (v[4] - v[2]) - (v[5] - v[1])) / (12.0 * step)
    // A third difference is step³·f‴ where f is smooth, and about step·(jump of the slope) at a kink.
    let third k =
        abs (v[k + 3] - 3.0 * v[k + 2] + 3.0 * v[k + 1] - v[k])

    let roughest = Seq.max [ for k in 0..3 -> third k ]
    let size = v |> Array.fold (fun most x -> max most (abs x)) 1.0
    if roughest > 1e-11 * size then None else Some slope
