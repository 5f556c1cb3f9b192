/// From a step to a Program: the list of instructions is well formed and without waste.
module Plastic.Laws.LoweringLaws

open System
open System.Collections.Generic
open FsCheck.FSharp
open Plastic.Core
open Xunit

let private members (pairs: Pair[]) =
    pairs |> Seq.collect (fun pair -> [ pair.P; pair.Q ])

/// All that an update reads.
let private operandsOf (s: ProgramSynapse) =
    [
        yield!
            [
                s.Update.Keep
                s.Update.Rate
                s.Update.EligibilityKeep
                s.Update.EligibilityRate
            ]
        yield! members s.Update.Pairs
    ]
    |> List.filter (fun slot -> slot >= 0)

/// What is read of the forward list when it has ended: by the caller, and by the updates.
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

/// What is read of the backward list when it has ended.
let private backwardResults (p: StepProgram) =
    [
        for s in p.States do
            yield s.EntryBar
        for v in p.Vectors do
            yield v.Gradient
        for s in p.Synapses do
            yield! members s.Gradient
    ]
    |> List.filter (fun slot -> slot >= 0)

let private operands (list: Instruction[]) =
    list |> Seq.collect (fun i -> i.Compute.Operands) |> HashSet

/// Checks the Programs of random networks and of random steps.
let private lawful name law =
    Law.holdsFor 50 name (Prop.forAll Networks.any (fun case -> law (Networks.program case)))

    Law.holdsFor
        100
        (name + " of any step")
        (Prop.forAll Steps.any (fun case -> law (Lowering.program (Steps.step case))))

[<Fact>]
let ``operands come before their users, and each slot is written once`` () =
    lawful "order of instructions" (fun p ->
        let ready = HashSet<int>()

        p.Slots
        |> Array.iteri (fun k slot ->
            if slot.Source <> Source.Computed then
                ready.Add k |> ignore)

        for list in [ p.Forward; p.Backward ] do
            for i in list do
                for x in i.Compute.Operands do
                    if not (ready.Contains x) then
                        Assert.Fail $"slot {x} is read unwritten"

                if not (ready.Add i.Target) then
                    Assert.Fail $"slot {i.Target} is written twice"

        Assert.Equal(p.Slots.Length, ready.Count))

[<Fact>]
let ``the forward list reads no cotangent`` () =
    lawful "forward reads" (fun p ->
        for x in Seq.append (operands p.Forward) (forwardResults p) do
            match p.Slots[x].Source with
            | Source.Cotangent name -> Assert.Fail $"forward reads {name}"
            | _ -> ())

[<Fact>]
let ``each instruction's operands have the lengths that it asks for`` () =
    lawful "lengths" (fun p ->
        let length slot = p.Slots[slot].Length

        for { Target = target; Compute = compute } in Seq.append p.Forward p.Backward do
            let fits =
                match compute with
                | Compute.Map(_, x) -> length x = length target
                | Compute.Zip(_, a, b) -> [ a; b ] |> List.forall (fun x -> length x = length target || length x = 1)
                | Compute.Sum _ -> length target = 1
                | Compute.Dot(a, b) -> length target = 1 && length a = length b
                | Compute.Broadcast x -> length x = 1
                | Compute.Slice(x, start) -> start >= 0 && start + length target <= length x
                | Compute.Concat pieces -> Array.sumBy length pieces = length target
                | Compute.Apply(s, x) ->
                    let m = p.Synapses[s].Matrix
                    length x = m.Rows && length target = m.Columns
                | Compute.ApplyT(s, v) ->
                    let m = p.Synapses[s].Matrix
                    length v = m.Columns && length target = m.Rows

            if not fits then
                Assert.Fail $"%A{compute} to length {length target}")

[<Fact>]
let ``no two instructions compute the same from the same operands, whatever the order of a sum or product`` () =
    lawful "common subexpressions" (fun p ->
        let seen = HashSet<struct (Compute * int)>()

        for { Target = target; Compute = compute } in Seq.append p.Forward p.Backward do
            let compute =
                match compute with
                | Compute.Zip((Add | Mul) as f, a, b) -> Compute.Zip(f, min a b, max a b)
                | Compute.Dot(a, b) -> Compute.Dot(min a b, max a b)
                | other -> other

            if not (seen.Add(struct (compute, p.Slots[target].Length))) then
                Assert.Fail $"%A{compute} is computed twice")

[<Fact>]
let ``no leaf has two slots`` () =
    lawful "leaves" (fun p ->
        let leaves = p.Slots |> Array.filter (fun slot -> slot.Source <> Source.Computed)
        Assert.Equal(leaves.Length, (Array.distinct leaves).Length))

[<Fact>]
let ``every vector parameter and state that is read has its place in the Program`` () =
    lawful "places" (fun p ->
        let vectors =
            p.Vectors |> Array.map (fun v -> p.Parameters[v.Parameter].Name, v.Slot)

        let entries = p.States |> Array.map (fun s -> s.Name, s.Entry)

        p.Slots
        |> Array.iteri (fun k slot ->
            match slot.Source with
            | Source.Parameter name -> Assert.Contains((name, k), vectors)
            | Source.State name -> Assert.Contains((name, k), entries)
            | _ -> ()))

[<Fact>]
let ``every instruction's value is read by another one or is a result`` () =
    lawful "dead instructions" (fun p ->
        let read = operands p.Backward
        read.UnionWith(backwardResults p)

        for i in p.Backward do
            Assert.True(read.Contains i.Target, $"nothing reads slot {i.Target} of the backward list")

        read.UnionWith(operands p.Forward)
        read.UnionWith(forwardResults p)

        for i in p.Forward do
            Assert.True(read.Contains i.Target, $"nothing reads slot {i.Target} of the forward list"))

[<Fact>]
let ``Kept is exactly what the backward pass reads of the forward pass`` () =
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
            | Source.State _ -> Assert.Equal(read.Contains k, p.Kept[k])
            | Source.Computed -> Assert.Equal(forward.Contains k && read.Contains k, p.Kept[k])
            | Source.Cotangent _ -> Assert.False p.Kept[k]
            | Source.Parameter _
            | Source.Constant _ -> ()))

[<Fact>]
let ``LastUse is the last reader in the slot's own list`` () =
    lawful "last uses" (fun p ->
        let check (list: Instruction[]) (results: int list) =
            for i in list do
                let last =
                    if List.contains i.Target results then
                        Int32.MaxValue
                    else
                        list
                        |> Array.tryFindIndexBack (fun user -> Array.contains i.Target user.Compute.Operands)
                        |> Option.defaultValue -1

                Assert.Equal(last, p.LastUse[i.Target])

        check p.Forward (forwardResults p)
        check p.Backward (backwardResults p))

[<Fact>]
let ``frozen parameters have no gradient to compute, and a network that does not learn has no fast weights`` () =
    lawful "frozen" (fun p ->
        for v in p.Vectors do
            if not p.Parameters[v.Parameter].Trained then
                Assert.Equal(-1, v.Gradient)

        for s in p.Synapses do
            if not s.IsPlastic then
                Assert.Empty s.Update.Pairs

                if not p.Parameters[s.Weight].Trained then
                    Assert.Empty s.Gradient)

[<Fact>]
let ``an update of other sizes than its synapse is refused, and named`` () =
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
            Assert.Throws<ShapeException>(fun () -> Lowering.program spoilt |> ignore)

        Assert.Contains(what, fault.Message)

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
        })
