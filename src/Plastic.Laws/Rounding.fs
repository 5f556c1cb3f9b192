/// How far rounding may change a Program's results: the same Program with a random relative error in every instruction's
/// value (Parker, Pierce and Eggert, "Monte Carlo arithmetic", Computing in Science and Engineering 2, 2000).
[<RequireQualifiedAccess>]
module internal Plastic.Laws.Rounding

open Plastic.Core

/// A few roundings of float32.
let private share = 2.0 ** -22.0

/// The Program with each instruction's value times 1 + δ, |δ| ≤ 2⁻²², drawn from `trial`. For the interpreter only: its kept
/// slots and last reads are not those of the new lists.
let noisy (trial: int) (program: StepProgram) : StepProgram =
    let slots = ResizeArray program.Slots
    let stream = RandomStream(Philox.key trial "rounding", 0L, 0)

    let slot length source =
        slots.Add { Length = length; Source = source }
        slots.Count - 1

    let disturbed (i: Instruction) =
        let exact = slot program.Slots[i.Target].Length Source.Computed
        let factor = slot 1 (Source.Constant(1.0 + stream.Uniform(-share, share)))

        [|
            { i with Target = exact }
            { i with
                Operation = Operation.Zip(Mul, exact, factor)
            }
        |]

    let forward = program.Forward |> Array.collect disturbed
    let backward = program.Backward |> Array.collect disturbed

    { program with
        Slots = slots.ToArray()
        Forward = forward
        Backward = backward
    }
