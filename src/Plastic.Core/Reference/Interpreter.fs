namespace Plastic.Core

open System
open System.Collections.Generic
open System.Threading

/// The reference executor: float64, one sample after the other, keeping every value of every step. It defines the meaning
/// of a StepProgram, and is written to be read, not to be fast.
[<RequireQualifiedAccess>]
module internal Interpreter =
    /// Runs a list of instructions; `matrices` are W + F of each synapse.
    let private execute (program: StepProgram) (matrices: float[][]) (values: float[][]) (list: Instruction[]) =
        let matrix synapse : MatrixValues =
            let m = program.Synapses[synapse].Matrix

            {
                Rows = m.Rows
                Columns = m.Columns
                Values = matrices[synapse]
            }

        for instruction in list do
            values[instruction.Target] <-
                instruction.Operation
                |> Operation.map (fun slot -> values[slot]) matrix
                |> Operation.value program.Slots[instruction.Target].Length

    /// Forward and, if requested, backward over one sample. Adds to `gradients`. Cancellation takes effect between steps.
    let private sample
        (program: StepProgram)
        (parameters: float[][])
        (batch: Batch)
        index
        wantGradient
        (gradients: float[][])
        (stop: CancellationToken)
        =
        let slots, synapses = program.Slots, program.Synapses
        let steps = batch.Steps

        let alphas =
            synapses
            |> Array.map (fun s ->
                match s.Alpha with
                | NonNullV alpha -> parameters[alpha]
                | NullV -> Array.create (s.Matrix.Rows * s.Matrix.Columns) 1.0)

        let vectorOf name =
            parameters[program.Parameters |> Array.findIndex (fun p -> p.Name = name)]

        let fastAt (carried: UpdateLaw.Carried[]) =
            synapses |> Array.mapi (fun k s -> UpdateLaw.fastWeights s alphas[k] carried[k])

        let matricesAt (carried: UpdateLaw.Carried[]) =
            let fast = fastAt carried

            synapses
            |> Array.mapi (fun k s ->
                if s.IsPlastic then
                    Array.map2 (+) (parameters[s.Weight]) (fast[k])
                else
                    parameters[s.Weight])

        let values =
            Array.init steps (fun _ -> Array.create slots.Length Array.empty<float>)

        let carried = Array.create (steps + 1) Array.empty<UpdateLaw.Carried>

        let atStart = synapses |> Array.map UpdateLaw.atStart

        carried[0] <- atStart

        let mutable states =
            Map.ofSeq [ for s in program.States -> s.Name, Array.zeroCreate<float> s.Length ]

        for t in 0 .. steps - 1 do
            stop.ThrowIfCancellationRequested()
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

            execute program (matricesAt carried[t]) now program.Forward
            states <- Map.ofSeq [ for s in program.States -> s.Name, now[s.Next] ]

            carried[t + 1] <-
                synapses
                |> Array.mapi (fun k s ->
                    match s.Update with
                    | ValueSome u -> UpdateLaw.advance s.Matrix u alphas[k] now carried[t].[k]
                    | ValueNone -> carried[t].[k])

        if wantGradient then
            let bars = Array.copy atStart

            let alphaBar (s: ProgramSynapse) =
                match s.Alpha with
                | NonNullV alpha -> gradients[alpha]
                | NullV -> UpdateLaw.zeros s

            let mutable stateBars =
                Map.ofSeq [ for s in program.States -> s.Name, Array.zeroCreate<float> s.Length ]

            for t in steps - 1 .. -1 .. 0 do
                stop.ThrowIfCancellationRequested()
                let now = values[t]

                let give (slot: Nullable<int>) (value: float[]) =
                    match slot with
                    | NonNullV slot -> now[slot] <- value
                    | NullV -> ()

                for s in program.States do
                    give s.NextBar (stateBars[s.Name])

                synapses
                |> Array.iteri (fun k s ->
                    match s.Update with
                    | ValueSome u ->
                        bars[k] <-
                            UpdateLaw.advanceAdjoint s.Matrix u alphas[k] now carried[t].[k] give (alphaBar s) bars[k]
                    | ValueNone -> ())

                execute program (matricesAt carried[t]) now program.Backward

                synapses
                |> Array.iteri (fun k s ->
                    let share = UpdateLaw.zeros s

                    for pair in s.Gradient do
                        Dense.addInto share (Dense.outer (now[pair.P]) (now[pair.Q]))

                    Dense.addInto (gradients[s.Weight]) share

                    match s.Update with
                    | ValueSome u ->
                        bars[k] <-
                            UpdateLaw.fastWeightsAdjoint u.Bound alphas[k] carried[t].[k] (alphaBar s) share bars[k]
                    | ValueNone -> ())

                for v in program.Vectors do
                    match v.Gradient with
                    | NonNullV slot -> Dense.addInto gradients[v.Parameter] now[slot]
                    | NullV -> ()

                stateBars <-
                    Map.ofSeq
                        [
                            for s in program.States ->
                                s.Name,
                                (match s.EntryBar with
                                 | NonNullV slot -> now[slot]
                                 | NullV -> Array.zeroCreate s.Length)
                        ]

        values, fastAt (carried[steps]), states

    /// The approximate memory of one episode in bytes: F of every step, and what else the update carries.
    let internal replayBytes (program: StepProgram) (steps: int) : int64 =
        let connections (s: ProgramSynapse) =
            int64 s.Matrix.Rows * int64 s.Matrix.Columns

        let carried =
            program.Synapses
            |> Array.filter _.IsPlastic
            |> Array.sumBy (connections >> (*) 2L)

        let vectors = program.Slots |> Array.sumBy (fun slot -> int64 slot.Length)
        let matrices = program.Synapses |> Array.sumBy (connections >> (*) 8L)
        (int64 (steps + 1) * (carried + vectors) + matrices) * int64 sizeof<float>

    /// Every value of one episode of a batch, forward and, if requested, backward: by step, then by slot.
    let internal replay
        (program: StepProgram)
        (parameters: float[][])
        (batch: Batch)
        index
        wantGradient
        stop
        : float[][][] =
        let gradients =
            program.Parameters |> Array.map (fun p -> Array.zeroCreate<float> p.Size)

        let values, _, _ = sample program parameters batch index wantGradient gradients stop
        values

    /// Runs a batch. `parameters` are in the Program's order, each of its shape.
    /// Raises ShapeException when their number, a parameter's size, or the batch's size or widths do not fit the Program.
    let run (program: StepProgram) (parameters: float[][]) (batch: Batch) (wantGradient: bool) : Episode =
        if parameters.Length <> program.Parameters.Length then
            raise (ShapeException("parameters", $"{program.Parameters.Length} arrays", string parameters.Length))

        for p, values in Array.zip program.Parameters parameters do
            if values.Length <> p.Size then
                raise (ShapeException($"parameter {p.Name}", $"{p.Size} numbers", string values.Length))

        if batch.Size <> program.Batch then
            raise (
                ShapeException("batch", $"{program.Batch} episodes, the batch size of the network", string batch.Size)
            )

        let gradients =
            program.Parameters |> Array.map (fun p -> Array.zeroCreate<float> p.Size)

        let samples =
            Array.init batch.Size (fun b ->
                sample program parameters batch b wantGradient gradients CancellationToken.None)

        // Frozen weights receive no gradient, although the pairs that carry F̄ are theirs too.
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
                    if wantGradient then
                        for i in program.Inputs do
                            i.Name,
                            (match i.Bar with
                             | NonNullV slot -> read slot
                             | NullV -> Array.zeroCreate (batch.Size * batch.Steps * i.Length))
                ],
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
