/// From a step to a Program: the list of instructions is well formed and without waste.
module Plastic.Laws.LoweringLaws

open System
open System.Collections.Generic
open Expecto
open FsCheck.FSharp
open Plastic.Core

let private members (pairs: Pair<int>[]) =
    pairs |> Seq.collect (fun pair -> [ pair.P; pair.Q ])

/// Everything that an update reads.
let private operandsOf (s: ProgramSynapse) : int list =
    match s.Update with
    | ValueNone -> []
    | ValueSome u ->
        [
            u.Operands.Keep
            u.Operands.Rate
            match u.Operands.Eligibility with
            | ValueSome e ->
                e.Keep
                e.Rate
            | ValueNone -> ()
            yield! members u.Operands.Pairs
        ]

/// What the caller and the updates read after the end of the forward list.
let private forwardResults (p: StepProgram) =
    [
        yield p.Loss
        for s in p.States do
            yield s.Next
        for o in p.Outputs do
            yield o.Slot
        for s in p.Synapses do
            yield! operandsOf s
    ]

/// What is read after the end of the backward list.
let private backwardResults (p: StepProgram) =
    [
        for s in p.States do
            yield! Option.ofNullable s.EntryBar |> Option.toList
        for i in p.Inputs do
            yield! Option.ofNullable i.Bar |> Option.toList
        for v in p.Vectors do
            yield! Option.ofNullable v.Gradient |> Option.toList
        for s in p.Synapses do
            yield! members s.Gradient
    ]

let private operands (list: Instruction[]) =
    list |> Seq.collect (fun i -> i.Operation.Operands) |> HashSet

/// Checks the Programs of random networks and of random steps.
let private lawful name law =
    Law.holdsFor 50 name (Prop.forAll Networks.any (fun case -> law (Networks.program case)))

    Law.holdsFor
        100
        (name + " of any step")
        (Prop.forAll Steps.any (fun case -> law (Lowering.program (Steps.step case))))

[<Tests>]
let tests =
    testList
        "Lowering"
        [
            testCase "operands come before their users, and each slot is written once" (fun () ->
                lawful "order of instructions" (fun p ->
                    let ready = HashSet<int>()

                    p.Slots
                    |> Array.iteri (fun k slot ->
                        if slot.Source <> Source.Computed then
                            ready.Add k |> ignore)

                    for list in [ p.Forward; p.Backward ] do
                        for i in list do
                            for x in i.Operation.Operands do
                                if not (ready.Contains x) then
                                    failtest $"slot {x} is read unwritten"

                            if not (ready.Add i.Target) then
                                failtest $"slot {i.Target} is written twice"

                    Expect.equal ready.Count p.Slots.Length "ready.Count"))

            testCase "the forward list reads no cotangent" (fun () ->
                lawful "forward reads" (fun p ->
                    for x in Seq.append (operands p.Forward) (forwardResults p) do
                        match p.Slots[x].Source with
                        | Source.Cotangent name -> failtest $"forward reads {name}"
                        | _ -> ()))

            testCase "each instruction's operands have the required lengths" (fun () ->
                lawful "lengths" (fun p ->
                    let length slot = p.Slots[slot].Length

                    for {
                            Target = target
                            Operation = operation
                        } in Seq.append p.Forward p.Backward do
                        let fits =
                            match operation with
                            | Operation.Map(_, x) -> length x = length target
                            | Operation.Zip(_, a, b) ->
                                [ a; b ] |> List.forall (fun x -> length x = length target || length x = 1)
                            | Operation.Sum _ -> length target = 1
                            | Operation.Dot(a, b) -> length target = 1 && length a = length b
                            | Operation.Broadcast(x, n) -> length x = 1 && length target = n
                            | Operation.Slice(x, start, n) -> length target = n && start >= 0 && start + n <= length x
                            | Operation.Concat pieces -> Array.sumBy length pieces = length target
                            | Operation.Apply(s, x) ->
                                let m = p.Synapses[s].Matrix
                                length x = m.Rows && length target = m.Columns
                            | Operation.ApplyT(s, v) ->
                                let m = p.Synapses[s].Matrix
                                length v = m.Columns && length target = m.Rows

                        if not fits then
                            failtest $"%A{operation} to length {length target}"))

            testCase
                "no two instructions compute the same from the same operands, whatever the order of a sum or product"
                (fun () ->
                    lawful "common subexpressions" (fun p ->
                        let seen = HashSet<struct (Operation<int, int> * int)>()

                        for {
                                Target = target
                                Operation = operation
                            } in Seq.append p.Forward p.Backward do
                            let operation =
                                match operation with
                                | Operation.Zip((Add | Mul) as f, a, b) -> Operation.Zip(f, min a b, max a b)
                                | Operation.Dot(a, b) -> Operation.Dot(min a b, max a b)
                                | other -> other

                            if not (seen.Add(struct (operation, p.Slots[target].Length))) then
                                failtest $"%A{operation} is computed twice"))

            testCase "no leaf has two slots" (fun () ->
                lawful "leaves" (fun p ->
                    let leaves = p.Slots |> Array.filter (fun slot -> slot.Source <> Source.Computed)
                    Expect.equal ((Array.distinct leaves).Length) leaves.Length "(Array.distinct leaves).Length"))

            testCase "every vector parameter and state that is read is part of the Program" (fun () ->
                lawful "places" (fun p ->
                    let vectors =
                        p.Vectors |> Array.map (fun v -> p.Parameters[v.Parameter].Name, v.Slot)

                    let entries = p.States |> Array.map (fun s -> s.Name, Option.ofNullable s.Entry)

                    p.Slots
                    |> Array.iteri (fun k slot ->
                        match slot.Source with
                        | Source.Parameter name -> Expect.contains vectors (name, k) "name, k"
                        | Source.State name -> Expect.contains entries (name, Some k) "name, k"
                        | _ -> ())))

            testCase "every instruction's value is read by another one or is a result" (fun () ->
                lawful "dead instructions" (fun p ->
                    let read = operands p.Backward
                    read.UnionWith(backwardResults p)

                    for i in p.Backward do
                        Expect.isTrue (read.Contains i.Target) $"nothing reads slot {i.Target} of the backward list"

                    read.UnionWith(operands p.Forward)
                    read.UnionWith(forwardResults p)

                    for i in p.Forward do
                        Expect.isTrue (read.Contains i.Target) $"nothing reads slot {i.Target} of the forward list"))

            testCase "Kept is exactly what the backward pass reads of the forward pass" (fun () ->
                lawful "kept slots" (fun p ->
                    let forward = p.Forward |> Seq.map _.Target |> HashSet
                    let read = operands p.Backward
                    read.UnionWith(backwardResults p)

                    for s in p.Synapses do
                        read.UnionWith(operandsOf s)

                    p.Slots
                    |> Array.iteri (fun k slot ->
                        match slot.Source with
                        | Source.Data _
                        | Source.State _ -> Expect.equal p.Kept[k] (read.Contains k) "p.Kept[k]"
                        | Source.Computed ->
                            Expect.equal p.Kept[k] (forward.Contains k && read.Contains k) "p.Kept[k]"
                        | Source.Cotangent _ -> Expect.isFalse p.Kept[k] "p.Kept[k]"
                        | Source.Parameter _
                        | Source.Constant _ -> ())))

            testCase "LastReads are the values of the instruction's own list that nothing reads afterwards" (fun () ->
                lawful "last reads" (fun p ->
                    let check (list: Instruction[]) (readLater: int seq) =
                        let computed = list |> Seq.map _.Target |> HashSet
                        let later = HashSet readLater

                        for i in Array.rev list do
                            let expected =
                                i.Operation.Operands
                                |> Array.distinct
                                |> Array.filter (fun slot -> computed.Contains slot && not (later.Contains slot))

                            Expect.equal (Array.sort i.LastReads) (Array.sort expected) $"last reads of {i.Target}"
                            later.UnionWith i.Operation.Operands

                    let kept =
                        p.Kept
                        |> Seq.indexed
                        |> Seq.choose (fun (slot, kept) -> if kept then Some slot else None)

                    check p.Forward (Seq.append (forwardResults p) kept)
                    check p.Backward (backwardResults p)))

            testCase
                "frozen parameters have no gradient to compute, and a network that does not learn has no fast weights"
                (fun () ->
                    lawful "frozen" (fun p ->
                        for v in p.Vectors do
                            if not p.Parameters[v.Parameter].Trained then
                                Expect.isFalse v.Gradient.HasValue "v.Gradient"

                        for s in p.Synapses do
                            if not s.IsPlastic then
                                Expect.isEmpty (operandsOf s) "operands"

                                if not p.Parameters[s.Weight].Trained then
                                    Expect.isEmpty s.Gradient "s.Gradient"))

            testCase "an update with the wrong sizes for its synapse is refused, and named" (fun () ->
                let refused what (change: Update -> Update) =
                    let step = (Network.create NetworkOptions.Default).Step

                    let spoilt =
                        { step with
                            Synapses =
                                step.Synapses
                                |> List.map (fun s ->
                                    { s with
                                        Update = s.Update |> Option.map change
                                    })
                        }

                    let fault =
                        Expect.raises<ShapeException>(fun () -> Lowering.program spoilt |> ignore)

                    Expect.stringContains fault.Message what "fault.Message"

                let long = Expr.constant 3 0.5
                refused "keep of input" (fun u -> { u with Keep = long })
                refused "rate of input" (fun u -> { u with Rate = long })

                refused "p of input" (fun u ->
                    { u with
                        Pairs = u.Pairs |> List.map (fun (p, q) -> q, p)
                    })

                refused "bound of input" (fun u -> { u with Bound = Bound.Weights -1.0 })
                refused "bound of input" (fun u -> { u with Bound = Bound.Trace nan })

                refused "the eligibility's keep" (fun u ->
                    { u with
                        Eligibility = Some { Keep = long; Rate = u.Rate }
                    }))
        ]
