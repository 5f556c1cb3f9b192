namespace Plastic.Core

/// The forward list: the values that callers read, the next states, and the operands of the updates.
type internal ForwardPass =
    {
        Instructions: Instruction[]
        Loss: int
        Outputs: ProgramOutput list
        /// One slot per state.
        Next: int list
        /// One per synapse; none where it does not learn.
        Operands: UpdateOperands<int> voption list
    }

    /// The slots that are read after the end of the list.
    member f.Results: int list =
        [
            f.Loss
            yield! f.Next
            for output in f.Outputs do
                output.Slot
            for operands in f.Operands do
                yield! operands |> ValueOption.map _.All |> ValueOption.defaultValue [||]
        ]

[<RequireQualifiedAccess>]
module internal ForwardPass =
    /// Emits a step's values. The order of the lines below is the order of the slots.
    let emit (emitter: Emitter) (step: Step) : ForwardPass =
        let loss = emitter.Slot step.Loss

        let outputs =
            step.Outputs
            |> List.map (fun (name, e) -> { Name = name; Slot = emitter.Slot e })

        let next = step.States |> List.map (fun s -> emitter.Slot s.Next)

        let operands =
            step.Synapses
            |> List.map (fun s ->
                match s.Update with
                | Some u -> UpdateOperands.ofUpdate u |> UpdateOperands.map emitter.Slot |> ValueSome
                | None -> ValueNone)

        {
            Instructions = emitter.Take()
            Loss = loss
            Outputs = outputs
            Next = next
            Operands = operands
        }
