namespace Plastic.Core

open System

/// How much arithmetic a network takes: additions, multiplications and elementwise functions, each counted once, of the plain form of a
/// step, which builds W + F and changes F connection by connection. What an executor does in its place, to be fast, is no part of
/// it (the engine's StepCosts count that), nor are copies, random numbers and the optimiser.
[<RequireQualifiedAccess>]
module Arithmetic =
    let private size (m: Matrix) = float m.Rows * float m.Columns

    let private isRead (bar: Nullable<int>) = if bar.HasValue then 1.0 else 0.0

    /// Of a list of operations.
    let private ofList (program: StepProgram) (list: Instruction[]) =
        let length slot = float program.Slots[slot].Length

        list
        |> Array.sumBy (fun instruction ->
            match instruction.Operation with
            | Operation.Map _
            | Operation.Zip _ -> length instruction.Target
            | Operation.Sum x -> length x
            | Operation.Dot(a, _) -> 2.0 * length a
            | Operation.Apply(synapse, _)
            | Operation.ApplyT(synapse, _) -> 2.0 * size program.Synapses[synapse].Matrix
            | Operation.Broadcast _
            | Operation.Slice _
            | Operation.Concat _ -> 0.0)

    /// Σ of as many outer products, for each connection: a product each, and the sums.
    let private outerProducts count = float (max 0 (2 * count - 1))

    /// For each connection: F, W + F, the update and its bound.
    let private update (s: ProgramSynapse) (u: SynapseUpdate) =
        let hasAlpha = if s.Alpha.HasValue then 1.0 else 0.0
        let isBounded = if Double.IsPositiveInfinity u.Bound.Limit then 0.0 else 1.0
        let isEligible = if u.Operands.Eligibility.IsSome then 1.0 else 0.0

        // α∘D or α∘H; W + F; keep∘F + rate·D; the bound's two comparisons; keep·E + rate·Σ.
        hasAlpha
        + 1.0
        + outerProducts u.Operands.Pairs.Length
        + 3.0
        + 2.0 * isBounded
        + 3.0 * isEligible

    /// For each connection: the adjoint of the update.
    let private updateAdjoint (program: StepProgram) (s: ProgramSynapse) (u: SynapseUpdate) =
        let trainsAlpha =
            if s.Alpha.HasValue && program.Parameters[s.Alpha.Value].Trained then
                1.0
            else
                0.0

        let alphaInside =
            if s.Alpha.HasValue && not u.Bound.IsOnTrace then
                1.0
            else
                0.0

        let isBounded = if Double.IsPositiveInfinity u.Bound.Limit then 0.0 else 1.0
        let isEligible = if u.Operands.Eligibility.IsSome then 1.0 else 0.0

        // Where the bound is active T̄' is zero; α∘T̄' and what it adds to ᾱ; keep∘T̄'; rate·A joins Ē.
        isBounded
        + alphaInside * (1.0 + 3.0 * trainsAlpha)
        + 1.0
        + 3.0 * isEligible
        // A product and a sum for each cotangent that something reads.
        + 2.0 * Array.sumBy isRead u.Bars.All

    /// For each connection: the pairs of a step join W̄ and F̄, or H̄ and ᾱ.
    let private gradient (program: StepProgram) (s: ProgramSynapse) =
        if s.Gradient.Length = 0 then
            0.0
        else
            let toFast =
                match s.Update with
                | ValueSome u when u.Bound.IsOnTrace && s.Alpha.HasValue ->
                    if program.Parameters[s.Alpha.Value].Trained then
                        4.0
                    else
                        2.0
                | ValueSome _ -> 1.0
                | ValueNone -> 0.0

            let toSlow = if program.Parameters[s.Weight].Trained then 1.0 else 0.0
            outerProducts s.Gradient.Length + toSlow + toFast

    /// Of one step of one episode, and of its part of the gradient.
    let ofStep (program: StepProgram) : float =
        let synapses =
            program.Synapses
            |> Array.sumBy (fun s ->
                let learning =
                    match s.Update with
                    | ValueSome u -> update s u + updateAdjoint program s u
                    | ValueNone -> 0.0

                size s.Matrix * (learning + gradient program s))

        let vectors =
            program.Vectors
            |> Array.sumBy (fun v -> isRead v.Gradient * float program.Slots[v.Slot].Length)

        ofList program program.Forward
        + ofList program program.Backward
        + synapses
        + vectors
