namespace Plastic.Core

open System

/// The reference for a synapse's update (Update in Step.fs gives the equation) and for its adjoint (SynapseUpdate in
/// StepProgram.fs), on whole arrays, without special cases. The adjoint is written by hand, not derived by Diff: the
/// laws compare it with the gradient of the unrolled episode and with central differences.
module internal UpdateLaw =
    /// What a synapse carries from step to step: F, or the trace H where α is outside; and its eligibility trace.
    type Carried =
        { Trace: float[]; Eligibility: float[] }

    /// A zero for each connection.
    let zeros (s: ProgramSynapse) =
        Array.zeroCreate<float>(s.Matrix.Rows * s.Matrix.Columns)

    /// At the start of an episode.
    let atStart (s: ProgramSynapse) : Carried =
        {
            Trace = zeros s
            Eligibility = zeros s
        }

    /// The α inside the update: ones if α is outside the trace.
    let private alphaInside (bound: Bound) (alpha: float[]) =
        if bound.IsOnTrace then
            Array.create alpha.Length 1.0
        else
            alpha

    /// The α outside the trace, F = α∘T: ones if α is inside the update.
    let private alphaOutside (bound: Bound) (alpha: float[]) =
        if bound.IsOnTrace then
            alpha
        else
            Array.create alpha.Length 1.0

    /// keep, a value for each connection.
    let private keepPerConnection (m: Matrix) (keep: float[]) =
        Array.init (m.Rows * m.Columns) (fun k -> if keep.Length = 1 then keep[0] else keep[k % m.Columns])

    /// Σ p⊗q of a step.
    let private outerProducts (m: Matrix) (u: SynapseUpdate) (values: float[][]) =
        let total = Array.zeroCreate<float>(m.Rows * m.Columns)

        for pair in u.Operands.Pairs do
            Dense.addInto total (Dense.outer (values[pair.P]) (values[pair.Q]))

        total

    /// D: what the update adds at its rate.
    let private driveOf m (u: SynapseUpdate) values (before: Carried) =
        if u.Operands.Eligibility.IsSome then
            before.Eligibility
        else
            outerProducts m u values

    /// keep∘T + rate·(α)∘D, before the bound.
    let private unbounded m (u: SynapseUpdate) alpha (values: float[][]) (before: Carried) =
        let keep, rate =
            keepPerConnection m values[u.Operands.Keep], values[u.Operands.Rate][0]

        Array.map2 (*) keep before.Trace
        |> Array.map2 (+) (Array.map2 (fun a d -> rate * a * d) (alphaInside u.Bound alpha) (driveOf m u values before))

    /// F, from what is carried.
    let fastWeights (s: ProgramSynapse) (alpha: float[]) (carried: Carried) : float[] =
        Array.map2 (*) (alphaOutside s.Bound alpha) carried.Trace

    /// The adjoint of `fastWeights`: `fastBar` is what one step adds to F̄. Adds to ᾱ.
    let fastWeightsAdjoint
        (bound: Bound)
        (alpha: float[])
        (carried: Carried)
        alphaBar
        fastBar
        (bars: Carried)
        : Carried =
        if bound.IsOnTrace then
            Dense.addInto alphaBar (Array.map2 (*) carried.Trace fastBar)

        { bars with
            Trace = Array.map2 (+) bars.Trace (Array.map2 (*) (alphaOutside bound alpha) fastBar)
        }

    /// Advances the synapse by one step, from `before` to the state at the next step.
    let advance (m: Matrix) (u: SynapseUpdate) (alpha: float[]) (values: float[][]) (before: Carried) : Carried =
        let limit = u.Bound.Limit

        {
            Trace =
                unbounded m u alpha values before
                |> Array.map (fun x -> Math.Clamp(x, -limit, limit))
            Eligibility =
                match u.Operands.Eligibility with
                | ValueSome e ->
                    let keep, rate = values[e.Keep][0], values[e.Rate][0]
                    Array.map2 (fun e d -> keep * e + rate * d) before.Eligibility (outerProducts m u values)
                | ValueNone -> before.Eligibility
        }

    /// The adjoint of `advance`: from the cotangents of its result to those of its arguments. Passes the cotangents of the
    /// operands to `give`, and adds to ᾱ.
    let advanceAdjoint
        (s: Matrix)
        (u: SynapseUpdate)
        (alpha: float[])
        (values: float[][])
        (before: Carried)
        (give: Nullable<int> -> float[] -> unit)
        alphaBar
        (bars: Carried)
        : Carried =
        let n, m = s.Rows, s.Columns
        let operands = u.Operands
        let keep, rate = values[operands.Keep], values[operands.Rate][0]

        let bar =
            Array.map2
                (fun x b -> if abs x < u.Bound.Limit then b else 0.0)
                (unbounded s u alpha values before)
                bars.Trace

        let scaled = Array.map2 (*) (alphaInside u.Bound alpha) bar
        let kept = Array.map2 (*) bar before.Trace

        give
            u.Bars.Keep
            (if keep.Length = 1 then
                 [| Array.sum kept |]
             else
                 Array.init m (fun j -> Seq.sum (seq { for i in 0 .. n - 1 -> kept[i * m + j] })))

        let drive = driveOf s u values before
        give u.Bars.Rate [| Dense.dot scaled drive |]

        if not u.Bound.IsOnTrace then
            Dense.addInto alphaBar (Array.map2 (fun b d -> rate * b * d) bar drive)

        // The pairs go into E where there is one.
        let pairRate, pairBar =
            match operands.Eligibility with
            | ValueSome e -> values[e.Rate][0], bars.Eligibility
            | ValueNone -> rate, scaled

        for pair, pairBars in Array.zip operands.Pairs u.Bars.Pairs do
            give pairBars.P (Dense.applyT pairBar n m (values[pair.Q]) |> Array.map (fun x -> pairRate * x))
            give pairBars.Q (Dense.apply pairBar n m (values[pair.P]) |> Array.map (fun x -> pairRate * x))

        {
            Trace = Array.map2 (*) (keepPerConnection s keep) bar
            Eligibility =
                match operands.Eligibility, u.Bars.Eligibility with
                | ValueSome e, ValueSome eBars ->
                    give eBars.Keep [| Dense.dot bars.Eligibility before.Eligibility |]
                    give eBars.Rate [| Dense.dot bars.Eligibility (outerProducts s u values) |]
                    let keep = values[e.Keep][0]
                    Array.map2 (fun e x -> keep * e + rate * x) bars.Eligibility scaled
                | _ -> bars.Eligibility
        }
