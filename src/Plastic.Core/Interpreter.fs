namespace Plastic.Core

open System
open System.Collections.Generic

/// The reference executor: float64, one sample after the other, every value of every step kept. It defines what a
/// Program means; it is made to be read, not to be fast.
[<RequireQualifiedAccess>]
module Interpreter =
    /// M_ij at [i * columns + j].
    let private apply (m: float[]) rows columns (x: float[]) =
        Array.init columns (fun j -> Seq.sum (seq { for i in 0 .. rows - 1 -> m[i * columns + j] * x[i] }))

    let private applyT (m: float[]) rows columns (v: float[]) =
        Array.init rows (fun i -> Seq.sum (seq { for j in 0 .. columns - 1 -> m[i * columns + j] * v[j] }))

    let private outer (p: float[]) (q: float[]) =
        Array.init (p.Length * q.Length) (fun k -> p[k / q.Length] * q[k % q.Length])

    let private addInto (total: float[]) (share: float[]) =
        for k in 0 .. total.Length - 1 do
            total[k] <- total[k] + share[k]

    let private execute (slots: Slot[]) (matrices: float[][]) (program: Program) (values: float[][]) instructions =
        for { Target = target; Compute = compute } in instructions do
            let length = slots[target].Length
            let pick (x: float[]) i = if x.Length = 1 then x[0] else x[i]

            values[target] <-
                match compute with
                | Map(f, x) -> Array.map (Scalar.unary f) (values[x])
                | Zip(f, a, b) -> Array.init length (fun i -> Scalar.binary f (pick (values[a]) i) (pick (values[b]) i))
                | Sum x -> [| Array.sum (values[x]) |]
                | Dot(a, b) -> [| Scalar.dot (values[a]) (values[b]) |]
                | Broadcast x -> Array.create length (values[x][0])
                | Slice(x, start) -> Array.sub (values[x]) start length
                | Concat pieces -> Array.concat (Array.map (fun x -> values[x]) pieces)
                | Apply(s, x) ->
                    let m = program.Synapses[s].Matrix
                    apply (matrices[s]) m.Rows m.Columns (values[x])
                | ApplyT(s, v) ->
                    let m = program.Synapses[s].Matrix
                    applyT (matrices[s]) m.Rows m.Columns (values[v])

    /// What a synapse carries from step to step: F, or the trace H where α stands outside; and its eligibility trace.
    type private Carried =
        { Trace: float[]; Eligibility: float[] }

    let private zeros (s: ProgramSynapse) =
        Array.zeroCreate<float>(s.Matrix.Rows * s.Matrix.Columns)

    /// α where it stands, and ones where it does not: inside the update, outside the trace.
    let private inside (s: ProgramSynapse) (alpha: float[]) =
        if s.Bound.IsOnTrace then
            Array.create alpha.Length 1.0
        else
            alpha

    let private outside (s: ProgramSynapse) (alpha: float[]) =
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
            addInto total (outer (values[pair.P]) (values[pair.Q]))

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
    let private learn (s: ProgramSynapse) (alpha: float[]) (values: float[][]) (before: Carried) : Carried =
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
    let private unlearn (s: ProgramSynapse) (alpha: float[]) (values: float[][]) (before: Carried) give alphaBar bars =
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
            addInto alphaBar (Array.map2 (fun b d -> rate * b * d) bar drive)

        // The pairs go into E where there is one.
        let pairRate, pairBar =
            if s.HasEligibility then
                values[s.Update.EligibilityRate][0], bars.Eligibility
            else
                rate, scaled

        for pair, pairSlots in Array.zip s.Update.Pairs s.Bars.Pairs do
            give pairSlots.P (applyT pairBar n m (values[pair.Q]) |> Array.map (fun x -> pairRate * x))
            give pairSlots.Q (apply pairBar n m (values[pair.P]) |> Array.map (fun x -> pairRate * x))

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

    /// Forward and, when asked for, backward over one sample. Adds to `gradients`.
    let private sample
        (program: Program)
        (parameters: float[][])
        (batch: Batch)
        index
        wantGradient
        (gradients: float[][])
        =
        let slots, synapses = program.Slots, program.Synapses
        let steps = batch.Steps

        let alphas =
            synapses
            |> Array.map (fun s ->
                if s.Alpha >= 0 then
                    parameters[s.Alpha]
                else
                    Array.create (s.Matrix.Rows * s.Matrix.Columns) 1.0)

        let vectorOf name =
            parameters[program.Parameters |> Array.findIndex (fun p -> p.Name = name)]

        let fastAt (carried: Carried[]) =
            synapses
            |> Array.mapi (fun k s -> Array.map2 (*) (outside s (alphas[k])) (carried[k].Trace))

        let matricesAt (carried: Carried[]) =
            let fast = fastAt carried

            synapses
            |> Array.mapi (fun k s ->
                if s.IsPlastic then
                    Array.map2 (+) (parameters[s.Weight]) (fast[k])
                else
                    parameters[s.Weight])

        let values =
            Array.init steps (fun _ -> Array.create slots.Length Array.empty<float>)

        let carried = Array.create (steps + 1) Array.empty<Carried>

        let nothing =
            synapses
            |> Array.map (fun s ->
                {
                    Trace = zeros s
                    Eligibility = zeros s
                })

        carried[0] <- nothing

        let mutable states =
            Map.ofSeq [ for s in program.States -> s.Name, Array.zeroCreate<float> s.Length ]

        for t in 0 .. steps - 1 do
            let now = values[t]

            slots
            |> Array.iteri (fun k slot ->
                match slot.Source with
                | Source.Data name ->
                    let given = batch.Read(name, index, t).ToArray()

                    if given.Length <> slot.Length then
                        raise (ShapeException($"data {name}", $"length {slot.Length}", string given.Length))

                    now[k] <- given
                | Source.State name -> now[k] <- states[name]
                | Source.Parameter name -> now[k] <- vectorOf name
                | Source.Constant c -> now[k] <- Array.create slot.Length c
                | Source.Cotangent _
                | Source.Computed -> ())

            execute slots (matricesAt (carried[t])) program now program.Forward
            states <- Map.ofSeq [ for s in program.States -> s.Name, now[s.Next] ]

            carried[t + 1] <-
                synapses
                |> Array.mapi (fun k s ->
                    if s.IsPlastic then
                        learn s (alphas[k]) now (carried[t][k])
                    else
                        carried[t][k])

        if wantGradient then
            let bars = Array.copy nothing

            let alphaBar (s: ProgramSynapse) =
                if s.Alpha >= 0 then gradients[s.Alpha] else zeros s

            let mutable stateBars =
                Map.ofSeq [ for s in program.States -> s.Name, Array.zeroCreate<float> s.Length ]

            for t in steps - 1 .. -1 .. 0 do
                let now = values[t]

                let give slot (value: float[]) =
                    if slot >= 0 then
                        now[slot] <- value

                for s in program.States do
                    give s.NextBar (stateBars[s.Name])

                synapses
                |> Array.iteri (fun k s ->
                    if s.IsPlastic then
                        bars[k] <- unlearn s (alphas[k]) now (carried[t][k]) give (alphaBar s) (bars[k]))

                execute slots (matricesAt (carried[t])) program now program.Backward

                synapses
                |> Array.iteri (fun k s ->
                    let share = zeros s

                    for pair in s.Gradient do
                        addInto share (outer (now[pair.P]) (now[pair.Q]))

                    addInto (gradients[s.Weight]) share

                    if s.IsPlastic then
                        bars[k] <-
                            { bars[k] with
                                Trace = Array.map2 (+) (bars[k].Trace) (Array.map2 (*) (outside s (alphas[k])) share)
                            }

                        if s.Bound.IsOnTrace then
                            let before = carried[t][k]
                            addInto (alphaBar s) (Array.map2 (*) before.Trace share))

                for v in program.Vectors do
                    if v.Gradient >= 0 then
                        addInto (gradients[v.Parameter]) (now[v.Gradient])

                stateBars <-
                    Map.ofSeq
                        [
                            for s in program.States ->
                                s.Name,
                                (if s.EntryBar >= 0 then
                                     now[s.EntryBar]
                                 else
                                     Array.zeroCreate s.Length)
                        ]

        values, fastAt (carried[steps]), states

    /// Runs a batch. `parameters` are in the Program's order, each of its shape.
    /// Raises ShapeException when their number, a parameter's size, or the batch's size or widths do not fit the Program.
    let run (program: Program) (parameters: float[][]) (batch: Batch) (wantGradient: bool) : Episode =
        if parameters.Length <> program.Parameters.Length then
            raise (ShapeException("parameters", $"{program.Parameters.Length} arrays", string parameters.Length))

        for p, values in Array.zip program.Parameters parameters do
            if values.Length <> p.Size then
                raise (ShapeException($"parameter {p.Name}", $"{p.Size} numbers", string values.Length))

        if batch.Size <> program.Batch then
            raise (
                ShapeException("batch", $"{program.Batch} episodes, as the network was built for", string batch.Size)
            )

        let gradients =
            program.Parameters |> Array.map (fun p -> Array.zeroCreate<float> p.Size)

        let samples =
            Array.init batch.Size (fun b -> sample program parameters batch b wantGradient gradients)

        // Frozen weights receive no gradient, though the pairs that carry F̄ pass over them.
        program.Parameters
        |> Array.iteri (fun k p ->
            if not p.Trained then
                Array.fill (gradients[k]) 0 (gradients[k].Length) 0.0)

        let dictionary (entries: seq<string * float[]>) =
            entries |> dict |> Dictionary :> IReadOnlyDictionary<_, _>

        let read slot =
            Array.concat
                [
                    for values, _, _ in samples -> Array.concat [ for now in values -> now[slot] ]
                ]

        let sampleLoss =
            [|
                for values, _, _ in samples -> values |> Array.sumBy (fun now -> now[program.Loss][0])
            |]

        Episode(
            Array.sum sampleLoss,
            sampleLoss,
            dictionary [ for o in program.Outputs -> o.Name, read o.Slot ],
            (if wantGradient then gradients else [||]),
            dictionary
                [
                    for k, s in Array.indexed program.Synapses do
                        if s.IsPlastic then
                            s.Matrix.Name, Array.concat [ for _, fast, _ in samples -> fast[k] ]
                ],
            dictionary
                [
                    for s in program.States -> s.Name, Array.concat [ for _, _, states in samples -> states[s.Name] ]
                ]
        )
