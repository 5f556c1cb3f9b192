namespace Plastic.Core

open System
open System.Collections.Generic

/// Numbers slots and emits instructions on demand, operands first; equal computations share a slot.
type internal Emitter(sourceOf: string -> Source, synapseOf: Matrix -> int) =
    let slots = ResizeArray<Slot>()
    let known = Dictionary<Expr, int>(HashIdentity.Reference)
    let leaves = Dictionary<Slot, int>(HashIdentity.Structural)
    let computed = Dictionary<struct (Compute * int), int>(HashIdentity.Structural)
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

    let canonical compute =
        match compute with
        | Zip((Add | Mul) as f, a, b) when a > b -> Zip(f, b, a)
        | Dot(a, b) when a > b -> Dot(b, a)
        | _ -> compute

    let emit length compute =
        let compute = canonical compute
        let key = struct (compute, length)

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
                    Compute = compute
                    LastReads = [||]
                }

            target

    /// The slot of an expression's value.
    member this.Slot(e: Expr) : int =
        match known.TryGetValue e with
        | true, found -> found
        | _ ->
            let slot =
                match e.Op with
                | Op.Input name ->
                    leaf
                        {
                            Length = e.Length
                            Source = sourceOf name
                        }
                | Op.Parameter name ->
                    leaf
                        {
                            Length = e.Length
                            Source = Source.Parameter name
                        }
                | Op.Constant c ->
                    leaf
                        {
                            Length = e.Length
                            Source = Source.Constant c
                        }
                | Op.Alias x -> this.Slot x
                | Op.Map(f, x) -> emit e.Length (Map(f, this.Slot x))
                | Op.Zip(f, a, b) ->
                    let a = this.Operand a
                    emit e.Length (Zip(f, a, this.Operand b))
                | Op.Sum x -> emit 1 (Sum(this.Slot x))
                | Op.Dot(a, b) ->
                    let a = this.Slot a
                    emit 1 (Dot(a, this.Slot b))
                | Op.Broadcast s -> emit e.Length (Broadcast(this.Slot s))
                | Op.Slice(x, start) -> emit e.Length (Slice(this.Slot x, start))
                | Op.Concat pieces -> emit e.Length (Concat(pieces |> List.map this.Slot |> Array.ofList))
                | Op.Apply(m, x) -> emit e.Length (Apply(synapseOf m, this.Slot x))
                | Op.ApplyT(m, v) -> emit e.Length (ApplyT(synapseOf m, this.Slot v))

            known[e] <- slot
            slot

    /// An operand of Zip: a repeated scalar is read as the scalar.
    member private this.Operand(e: Expr) : int =
        match e.Op with
        | Op.Broadcast s -> this.Slot s
        | Op.Constant c ->
            leaf
                {
                    Length = 1
                    Source = Source.Constant c
                }
        | Op.Alias x -> this.Operand x
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
