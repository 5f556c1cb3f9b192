namespace Plastic.Core

open System

/// Products with matrices as arrays, row by row.
module internal Dense =
    /// M_ij at [i * columns + j].
    let apply (m: float[]) rows columns (x: float[]) =
        Array.init columns (fun j -> Seq.sum (seq { for i in 0 .. rows - 1 -> m[i * columns + j] * x[i] }))

    let applyT (m: float[]) rows columns (v: float[]) =
        Array.init rows (fun i -> Seq.sum (seq { for j in 0 .. columns - 1 -> m[i * columns + j] * v[j] }))

    let outer (p: float[]) (q: float[]) =
        Array.init (p.Length * q.Length) (fun k -> p[k / q.Length] * q[k % q.Length])

    let addInto (total: float[]) (share: float[]) =
        for k in 0 .. total.Length - 1 do
            total[k] <- total[k] + share[k]

/// The reference for what an update does to a synapse, and for its adjoint (Update in Step.fs says the law, ProgramSynapse in
/// StepProgram.fs the adjoint): on whole arrays, one connection like another.
module internal UpdateLaw =
    /// What a synapse carries from step to step: F, or the trace H where α stands outside; and its eligibility trace.
    type Carried =
        { Trace: float[]; Eligibility: float[] }

    let zeros (s: ProgramSynapse) =
        Array.zeroCreate<float>(s.Matrix.Rows * s.Matrix.Columns)

    /// At the start of an episode.
    let nothing (s: ProgramSynapse) : Carried =
        {
            Trace = zeros s
            Eligibility = zeros s
        }

    /// α where it stands, and ones where it does not: inside the update, outside the trace.
    let private inside (s: ProgramSynapse) (alpha: float[]) =
        if s.Bound.IsOnTrace then
            Array.create alpha.Length 1.0
        else
            alpha

    let outside (s: ProgramSynapse) (alpha: float[]) =
        if s.Bound.IsOnTrace then
            alpha
        else
            Array.create alpha.Length 1.0

    /// keep, a value for each connection.
    let private spread (s: ProgramSynapse) (keep: float[]) =
        Array.init (s.Matrix.Rows * s.Matrix.Columns) (fun k ->
            if keep.Length = 1 then
                keep[0]
            else
                keep[k % s.Matrix.Columns])

    /// Σ p⊗q of a step.
    let private products (s: ProgramSynapse) (values: float[][]) =
        let total = zeros s

        for pair in s.Update.Pairs do
            Dense.addInto total (Dense.outer (values[pair.P]) (values[pair.Q]))

        total

    /// keep∘T + rate·(α)∘D, before the bound.
    let private unbounded (s: ProgramSynapse) (alpha: float[]) (values: float[][]) (before: Carried) =
        let keep, rate = spread s (values[s.Update.Keep]), values[s.Update.Rate][0]

        let drive =
            if s.HasEligibility then
                before.Eligibility
            else
                products s values

        Array.map2 (*) keep before.Trace
        |> Array.map2 (+) (Array.map2 (fun a d -> rate * a * d) (inside s alpha) drive)

    /// The end of a step.
    let learn (s: ProgramSynapse) (alpha: float[]) (values: float[][]) (before: Carried) : Carried =
        let limit = s.Bound.Limit

        {
            Trace =
                unbounded s alpha values before
                |> Array.map (fun x -> Math.Clamp(x, -limit, limit))
            Eligibility =
                if s.HasEligibility then
                    let keep, rate =
                        values[s.Update.EligibilityKeep][0], values[s.Update.EligibilityRate][0]

                    Array.map2 (fun e d -> keep * e + rate * d) before.Eligibility (products s values)
                else
                    before.Eligibility
        }

    /// The adjoint of `learn`: from the cotangents of what it gives to those of what it was given. Hands the operands'
    /// cotangents to `give`, and adds to ᾱ.
    let unlearn (s: ProgramSynapse) (alpha: float[]) (values: float[][]) (before: Carried) give alphaBar bars =
        let n, m = s.Matrix.Rows, s.Matrix.Columns
        let rate = values[s.Update.Rate][0]
        let moved = unbounded s alpha values before

        let bar =
            Array.map2 (fun x b -> if abs x < s.Bound.Limit then b else 0.0) moved bars.Trace

        let scaled = Array.map2 (*) (inside s alpha) bar
        let kept = Array.map2 (*) bar before.Trace

        give
            s.Bars.Keep
            (if values[s.Update.Keep].Length = 1 then
                 [| Array.sum kept |]
             else
                 Array.init m (fun j -> Seq.sum (seq { for i in 0 .. n - 1 -> kept[i * m + j] })))

        let drive =
            if s.HasEligibility then
                before.Eligibility
            else
                products s values

        give s.Bars.Rate [| Scalar.dot scaled drive |]

        if not s.Bound.IsOnTrace then
            Dense.addInto alphaBar (Array.map2 (fun b d -> rate * b * d) bar drive)

        // The pairs go into E where there is one.
        let pairRate, pairBar =
            if s.HasEligibility then
                values[s.Update.EligibilityRate][0], bars.Eligibility
            else
                rate, scaled

        for pair, pairSlots in Array.zip s.Update.Pairs s.Bars.Pairs do
            give pairSlots.P (Dense.applyT pairBar n m (values[pair.Q]) |> Array.map (fun x -> pairRate * x))
            give pairSlots.Q (Dense.apply pairBar n m (values[pair.P]) |> Array.map (fun x -> pairRate * x))

        {
            Trace = Array.map2 (*) (spread s (values[s.Update.Keep])) bar
            Eligibility =
                if s.HasEligibility then
                    give s.Bars.EligibilityKeep [| Scalar.dot bars.Eligibility before.Eligibility |]
                    give s.Bars.EligibilityRate [| Scalar.dot bars.Eligibility (products s values) |]
                    let keep = values[s.Update.EligibilityKeep][0]
                    Array.map2 (fun e x -> keep * e + rate * x) bars.Eligibility scaled
                else
                    bars.Eligibility
        }

    /// The adjoint of F = T, or F = α∘H where α stands outside: `share` is what a step adds to F̄. Adds to ᾱ.
    let unread
        (s: ProgramSynapse)
        (alpha: float[])
        (carried: Carried)
        alphaBar
        (share: float[])
        (bars: Carried)
        : Carried =
        if s.Bound.IsOnTrace then
            Dense.addInto alphaBar (Array.map2 (*) carried.Trace share)

        { bars with
            Trace = Array.map2 (+) bars.Trace (Array.map2 (*) (outside s alpha) share)
        }
