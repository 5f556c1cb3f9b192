namespace Plastic.Core

open System
open System.Collections.Generic

/// From a step to a Program: derives the adjoint, shares common subexpressions, leaves out what nothing reads.
[<RequireQualifiedAccess>]
module Lowering =
    let private isZero (e: Expr) =
        match e.Op with
        | Op.Constant 0.0 -> true
        | _ -> false

    let private pairSlots (slot: Expr -> int) pairs =
        pairs |> List.map (fun (p, q) -> { P = slot p; Q = slot q }) |> Array.ofList

    let private lastUses slotCount (instructions: Instruction[]) (readLater: int seq) =
        let last = Array.create slotCount -1

        instructions
        |> Array.iteri (fun i instruction ->
            for x in instruction.Compute.Operands do
                last[x] <- i)

        for x in readLater do
            if x >= 0 then
                last[x] <- Int32.MaxValue

        last

    let private pairMembers (pairs: Pair[]) =
        pairs |> Seq.collect (fun pair -> [ pair.P; pair.Q ])

    /// An update's slots from those of its Operands.
    let private arrange (u: Update) (slots: int list) : UpdateSlots =
        let eligibility, pairs =
            match u.Eligibility, List.skip 2 slots with
            | Some _, keep :: rate :: pairs -> (keep, rate), pairs
            | _, pairs -> (-1, -1), pairs

        {
            Keep = slots[0]
            Rate = slots[1]
            EligibilityKeep = fst eligibility
            EligibilityRate = snd eligibility
            Pairs =
                pairs
                |> List.chunkBySize 2
                |> List.map (fun pair -> { P = pair[0]; Q = pair[1] })
                |> Array.ofList
        }

    let private members (u: UpdateSlots) =
        Seq.append [ u.Keep; u.Rate; u.EligibilityKeep; u.EligibilityRate ] (pairMembers u.Pairs)
        |> Seq.filter (fun slot -> slot >= 0)

    /// The Program of a step. Raises ArgumentException when the step names a parameter that it does not declare, and
    /// ShapeException when an update, a parameter or a state does not have the size that is read.
    let program (step: Step) : StepProgram =
        StepShapes.require step
        let parameters = Array.ofList step.Parameters

        let indexOf name =
            match parameters |> Array.tryFindIndex (fun p -> p.Name = name) with
            | Some index -> index
            | None -> invalidArg (nameof step) $"the step reads parameter {name}, which it does not declare"

        let stateNames = step.States |> List.map _.Name |> HashSet
        let cotangentNames = HashSet<string>()

        let cotangent (name: string) (e: Expr) =
            let name = "∂" + name
            cotangentNames.Add name |> ignore
            e, Expr.input name e.Length

        let synapseOf (m: Matrix) =
            step.Synapses |> List.findIndex (fun s -> s.Matrix = m)

        let sourceOf name =
            if cotangentNames.Contains name then Source.Cotangent name
            elif stateNames.Contains name then Source.State name
            else Source.Data name

        let emitter = Emitter(sourceOf, synapseOf)
        let slot = emitter.Slot
        // Forward: whatever the caller reads, the next states, and the updates' operands.
        let loss = slot step.Loss

        let outputs =
            step.Outputs |> List.map (fun (name, e) -> { Name = name; Slot = slot e })

        let next = step.States |> List.map (fun s -> slot s.Next)

        let operands = step.Synapses |> List.choose _.Update |> List.collect _.Operands
        operands |> List.iter (slot >> ignore)

        let forward = emitter.Take()
        let forwardCount = emitter.Slots.Count

        // The adjoint: cotangents come in for the loss, the next states and the updates' operands.
        let nextBars = step.States |> List.map (fun s -> cotangent s.Name s.Next)

        let updateBars =
            step.Synapses
            |> List.map (fun s ->
                match s.Update with
                | None -> []
                | Some u -> u.Operands |> List.mapi (fun k e -> cotangent $"{s.Matrix.Name}.{k}" e))

        let roots = (step.Loss, Expr.scalar 1.0) :: nextBars @ List.concat updateBars

        let reached = List.map fst roots @ List.map snd step.Outputs |> Expr.inOrder

        let leavesBy pick =
            reached |> List.choose (fun e -> pick e |> Option.map (fun name -> name, e))

        let entries =
            leavesBy (fun e ->
                match e.Op with
                | Op.Input name when stateNames.Contains name -> Some name
                | _ -> None)

        let vectors =
            leavesBy (fun e ->
                match e.Op with
                | Op.Parameter name -> Some name
                | _ -> None)

        let wanted =
            step.Synapses
            |> List.filter (fun s -> s.Update.IsSome || parameters[indexOf s.Weight].Trained)
            |> List.map _.Matrix

        let trainedVectors =
            vectors |> List.filter (fun (name, _) -> parameters[indexOf name].Trained)

        let bars =
            Diff.vjp roots (List.map snd entries @ List.map snd trainedVectors) wanted

        // One name may be read through several nodes: their cotangents add up.
        let barOf leaves name =
            let found =
                leaves |> List.filter (fun (n, _) -> n = name) |> List.map (snd >> bars.Of)

            let total =
                if found.IsEmpty then
                    Expr.scalar 0.0
                else
                    List.reduce (+) found

            if isZero total then -1 else slot total

        let gradients =
            step.Synapses
            |> List.map (fun s ->
                bars.Pairs s.Matrix
                |> List.filter (fun (p, q) -> not (isZero p || isZero q))
                |> pairSlots slot)

        let vectorPlans =
            vectors
            |> List.distinctBy fst
            |> List.map (fun (name, e) ->
                {
                    Parameter = indexOf name
                    Slot = slot e
                    Gradient = barOf trainedVectors name
                })

        let states =
            List.zip step.States next
            |> List.map (fun (s, next) ->
                {
                    Name = s.Name
                    Length = s.Next.Length
                    Entry =
                        entries
                        |> List.tryFind (fun (n, _) -> n = s.Name)
                        |> Option.map (snd >> emitter.Find)
                        |> Option.defaultValue -1
                    Next = next
                    NextBar = -1
                    EntryBar = barOf entries s.Name
                })

        let backward = emitter.Take()
        // Now that all has been emitted, a cotangent without a slot is one that nothing reads.
        let states =
            List.zip states nextBars
            |> List.map (fun (s, (_, bar)) -> { s with NextBar = emitter.Find bar })

        let synapses =
            List.zip3 step.Synapses updateBars gradients
            |> List.map (fun (s, bars, gradient) ->
                let arranged slots =
                    match s.Update with
                    | Some u -> arrange u slots
                    | None -> UpdateSlots.Nothing

                {
                    Matrix = s.Matrix
                    Weight = indexOf s.Weight
                    Alpha = s.Alpha |> Option.map indexOf |> Option.defaultValue -1
                    Update = arranged (bars |> List.map (fst >> slot))
                    Bound = s.Update |> Option.map _.Bound |> Option.defaultValue Bound.Free
                    Bars = arranged (bars |> List.map (snd >> emitter.Find))
                    Gradient = gradient
                })

        let count = emitter.Slots.Count
        let slots = emitter.Slots.ToArray()

        let afterForward =
            [
                yield loss
                yield! next
                yield! outputs |> List.map _.Slot
                for s in synapses do
                    yield! members s.Update
            ]

        let afterBackward =
            [
                yield! states |> List.map _.EntryBar
                yield! vectorPlans |> List.map _.Gradient
                for s in synapses do
                    yield! pairMembers s.Gradient
            ]

        let inBackward =
            [
                yield! afterBackward
                yield! backward |> Seq.collect (fun i -> i.Compute.Operands)
                for s in synapses do
                    yield! members s.Update
            ]
            |> HashSet<int>

        let forwardLast = lastUses count forward afterForward
        let backwardLast = lastUses count backward afterBackward

        {
            Slots = slots
            Forward = forward
            Backward = backward
            Synapses = Array.ofList synapses
            States = Array.ofList states
            Vectors = Array.ofList vectorPlans
            Outputs = Array.ofList outputs
            Loss = loss
            Parameters = parameters
            Batch = step.Batch
            Kept = Array.init count (fun i -> i < forwardCount && inBackward.Contains i)
            LastUse = Array.init count (fun i -> if i < forwardCount then forwardLast[i] else backwardLast[i])
        }
