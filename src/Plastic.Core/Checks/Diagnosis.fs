namespace Plastic.Core

open System
open System.Threading

/// Where the first non-finite number of a batch arose.
[<Sealed>]
type Finding internal (sample: int, step: int, isBackward: bool, what: string) =
    /// The episode within the batch.
    member _.Sample = sample
    /// The time step t.
    member _.Step = step
    /// Whether it arose in the backward pass.
    member _.IsBackward = isBackward
    /// The operation, and what it computes.
    member _.What = what

/// Replays a batch in the reference interpreter and finds the first number that is not finite, or too large for float32.
[<AbstractClass; Sealed>]
type Diagnosis =
    /// The largest number of float32.
    static member Largest = float Single.MaxValue

    /// The approximate memory of a replay, in bytes.
    static member Bytes(program: StepProgram, steps: int) : int64 = Interpreter.replayBytes program steps

    /// The first fault in the order of computation: forward through time, then, if requested, backward. Null if there is none,
    /// or if the search was stopped before it was found. `parameters` are in the Program's order. Raises ShapeException as the
    /// interpreter does.
    static member Find
        (program: StepProgram, parameters: float[][], batch: Batch, wantGradient: bool, stop: CancellationToken)
        : Finding | null =
        let isWrong (values: float[]) =
            values |> Array.exists (fun x -> not (abs x <= Diagnosis.Largest))

        let instructions = Array.append program.Forward program.Backward

        // The nearest layer among these slots, those that `next` leads to, those that it leads to from there, and so on.
        let rec nearest
            (next: int -> Instruction seq)
            (of': Instruction -> int seq)
            (seen: Set<int>)
            (slots: int list)
            =
            let found = slots |> Seq.collect next |> List.ofSeq

            let layer =
                found
                |> List.tryPick (fun i ->
                    match i.Operation with
                    | Operation.Apply(s, _)
                    | Operation.ApplyT(s, _) -> Some program.Synapses[s].Matrix.Name
                    | _ -> None)

            match
                layer,
                found
                |> Seq.collect of'
                |> Seq.distinct
                |> Seq.filter (seen.Contains >> not)
                |> List.ofSeq
            with
            | Some name, _ -> Some name
            | None, [] -> None
            | None, further -> nearest next of' (Set.union seen (Set.ofList further)) further

        // Where a slot without a name belongs: to a layer's update, else to a parameter that it is computed from, else after the
        // nearest layer, else before it.
        let place slot =
            let reads (i: Instruction) = Seq.ofArray i.Operation.Operands

            let updated =
                program.Synapses
                |> Array.tryFind (fun s ->
                    match s.Update with
                    | ValueSome u -> u.Operands.All |> Array.contains slot
                    | ValueNone -> false)

            let writers slot =
                instructions |> Seq.filter (fun i -> i.Target = slot)

            let readers slot =
                instructions |> Seq.filter (fun i -> reads i |> Seq.contains slot)

            let parameter =
                writers slot
                |> Seq.collect reads
                |> Seq.tryPick (fun read ->
                    match program.Slots[read].Source with
                    | Source.Parameter name -> Some name
                    | _ -> None)

            match updated, parameter with
            | Some synapse, _ -> $" in the update of layer {synapse.Matrix.Name}"
            | None, Some parameter -> $" computed from {parameter}"
            | None, None ->
                match nearest writers reads (Set.singleton slot) [ slot ] with
                | Some layer -> $" after layer {layer}"
                | None ->
                    match nearest readers (fun i -> Seq.singleton i.Target) (Set.singleton slot) [ slot ] with
                    | Some layer -> $" before layer {layer}"
                    | None -> ""

        let name (instruction: Instruction) =
            let operation =
                match instruction.Operation with
                | Operation.Apply(s, _) -> $"the product with synapse {program.Synapses[s].Matrix.Name}"
                | Operation.ApplyT(s, _) -> $"the product with synapse {program.Synapses[s].Matrix.Name}, transposed"
                | other -> other.Name

            let target = instruction.Target

            let tensor =
                [
                    for o in program.Outputs do
                        if o.Slot = target then
                            $"output {o.Name}"
                    for s in program.States do
                        if s.Next = target then
                            $"state {s.Name}"

                        if s.EntryBar = Nullable target then
                            $"the cotangent of state {s.Name}"
                    for v in program.Vectors do
                        if v.Gradient = Nullable target then
                            $"the gradient of {program.Parameters[v.Parameter].Name}"
                    if program.Loss = target then
                        "the loss"
                ]

            match tensor with
            | first :: _ -> $"{operation}, {first}"
            | [] -> $"{operation}, {program.Slots[target].Length} numbers{place target}"

        let first (values: float[][][]) (instructions: Instruction[]) isBackward sample times =
            times
            |> Seq.tryPick (fun t ->
                instructions
                |> Array.tryFind (fun i -> isWrong values[t].[i.Target])
                |> Option.map (fun i -> Finding(sample, t, isBackward, name i)))

        let steps = [ 0 .. batch.Steps - 1 ]

        // Only one episode is held at a time. A forward fault in a later episode still precedes a backward fault in this one.
        let rec search sample backward =
            let replayed =
                try
                    if sample < batch.Size then
                        Some(Interpreter.replay program parameters batch sample wantGradient stop)
                    else
                        None
                with :? OperationCanceledException ->
                    None

            match replayed with
            | None -> backward
            | Some values ->
                match first values program.Forward false sample steps with
                | Some finding -> Some finding
                | None ->
                    backward
                    |> Option.orElseWith (fun () ->
                        if wantGradient then
                            first values program.Backward true sample (List.rev steps)
                        else
                            None)
                    |> search (sample + 1)

        let found = search 0 None

        match found with
        | Some finding -> finding
        | None -> null
