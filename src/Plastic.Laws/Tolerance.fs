namespace Plastic.Laws

open System

/// Raised when two computations of the same quantity differ by more than their tolerance.
[<Sealed>]
type internal NotClose(message: string) =
    inherit Exception(message)

/// How far two computations of the same number may differ: Absolute + Relative·(the largest magnitude in its tensor).
type internal Tolerance =
    {
        Name: string
        Relative: float
        Absolute: float
    }

/// The tolerances of the float64 interpreter and evaluator.
module internal Float64 =
    /// The same operations in another order.
    let reordered =
        {
            Name = "float64, reordered"
            Relative = 1e-12
            Absolute = 1e-12
        }

    /// Another algorithm for the same quantity.
    let derived =
        {
            Name = "float64, derived twice"
            Relative = 1e-10
            Absolute = 1e-12
        }

    /// A derivative against central differences.
    let differences =
        {
            Name = "float64, central differences"
            Relative = 1e-5
            Absolute = 1e-7
        }

/// The tolerances of the float32 engine.
module internal Float32 =
    /// The absolute part is for tensors that are tiny compared with those they are computed from.
    let engine =
        {
            Name = "float32, engine"
            Relative = 2e-4
            Absolute = 2e-6
        }

    /// How far rounding may change a result if the engine is to be held to its tolerance.
    let rounding =
        {
            Name = "float32, rounding"
            Relative = 2e-5
            Absolute = 2e-7
        }

/// Comparison of tensors.
[<RequireQualifiedAccess>]
module internal Close =
    let private fail message = raise (NotClose message)

    let largest (values: float[]) =
        values |> Array.fold (fun most x -> max most (abs x)) 0.0

    /// Fails when an element is NaN or infinite.
    let finite (what: string) (values: float[]) =
        match values |> Array.tryFindIndex (System.Double.IsFinite >> not) with
        | Some k -> fail $"{what}[{k}] is {values[k]}"
        | None -> ()

    let private within (tolerance: Tolerance) floor (what: string) (expected: float[]) (actual: float[]) =
        if expected.Length <> actual.Length then
            fail $"{what}: {expected.Length} numbers expected, {actual.Length} found"

        finite what expected
        finite what actual
        let allowed = tolerance.Absolute * floor + tolerance.Relative * largest expected

        for k in 0 .. expected.Length - 1 do
            let apart = abs (expected[k] - actual[k])

            if apart > allowed then
                fail
                    $"{what}[{k}]: expected {expected[k]:R}, got {actual[k]:R}; {apart:E2} > {allowed:E2}, {tolerance.Name}"

    /// Fails when the arrays differ by more than the tolerance, or when an element is not finite.
    let arrays tolerance what expected actual =
        within tolerance 1.0 what expected actual

    /// Fails when the numbers differ by more than the tolerance, or when one is not finite.
    let numbers tolerance what (expected: float) (actual: float) =
        arrays tolerance what [| expected |] [| actual |]

    /// Compares tensors (name, expected, actual) that belong together: the tolerance's absolute part counts in units of
    /// the largest magnitude among them all, or of `least` when that is larger.
    let together tolerance least (tensors: (string * float[] * float[]) list) =
        let floor =
            tensors
            |> List.map (fun (_, expected, _) -> largest expected)
            |> List.fold max least

        for what, expected, actual in tensors do
            within tolerance floor what expected actual
