namespace Plastic.Core

open System
open System.Collections.Generic

/// Numbers slots and emits instructions on demand, operands first; equal computations share a slot.
type internal Emitter(sourceOf: string -> Source, synapseOf: Matrix -> int) =
    let slots = ResizeArray<Slot>()
    let known = Dictionary<Expr, int>(HashIdentity.Reference)
    let leaves = Dictionary<Slot, int>(HashIdentity.Structural)

    let computed =
        Dictionary<struct (Operation<int, int> * int), int>(HashIdentity.Structural)

    let mutable instructions = ResizeArray<Instruction>()

    let add slot =
        slots.Add slot
        slots.Count - 1

    let leaf slot =
        match leaves.TryGetValue slot with
        | true, found -> found
        | _ ->
            leaves[slot] <- add slot
            leaves[slot]

    /// Operands of sums and products in the order of their slots, so that a + b and b + a are one computation.
    let canonical operation =
        match operation with
        | Operation.Zip((Add | Mul) as f, a, b) when a > b -> Operation.Zip(f, b, a)
        | Operation.Dot(a, b) when a > b -> Operation.Dot(b, a)
        | _ -> operation

    let emit length operation =
        let operation = canonical operation
        let key = struct (operation, length)

        match computed.TryGetValue key with
        | true, found -> found
        | _ ->
            let target =
                add
                    {
                        Length = length
                        Source = Source.Computed
                    }

            computed[key] <- target

            instructions.Add
                {
                    Target = target
                    Operation = operation
                    LastReads = [||]
                }

            target

    /// The slot of an expression's value.
    member this.Slot(e: Expr) : int =
        match known.TryGetValue e with
        | true, found -> found
        | _ ->
            let slot =
                match e.Node with
                | Node.Input name ->
                    leaf
                        {
                            Length = e.Length
                            Source = sourceOf name
                        }
                | Node.Parameter name ->
                    leaf
                        {
                            Length = e.Length
                            Source = Source.Parameter name
                        }
                | Node.Constant c ->
                    leaf
                        {
                            Length = e.Length
                            Source = Source.Constant c
                        }
                | Node.Alias x -> this.Slot x
                | Node.Computed operation ->
                    let operand =
                        match operation with
                        | Operation.Zip _ -> this.Operand
                        | _ -> this.Slot

                    operation |> Operation.map operand synapseOf |> emit e.Length

            known[e] <- slot
            slot

    /// An operand of Zip: a repeated scalar is read as the scalar.
    member private this.Operand(e: Expr) : int =
        match e.Node with
        | Node.Computed(Operation.Broadcast(s, _)) -> this.Slot s
        | Node.Constant c ->
            leaf
                {
                    Length = 1
                    Source = Source.Constant c
                }
        | Node.Alias x -> this.Operand x
        | _ -> this.Slot e

    /// The slot of an expression that has been emitted, null for one that has not.
    member _.Find(e: Expr) : Nullable<int> =
        match known.TryGetValue e with
        | true, found -> Nullable found
        | _ -> Nullable()

    /// All slots so far.
    member _.Slots = slots

    /// The instructions since the last call.
    member _.Take() =
        let taken = instructions.ToArray()
        instructions <- ResizeArray()
        taken
