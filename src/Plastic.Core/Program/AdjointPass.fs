namespace Plastic.Core

open System

/// The backward list, and the slots where cotangents come in and go out.
type internal AdjointPass =
    {
        Instructions: Instruction[]
        States: ProgramState list
        Inputs: ProgramInput list
        Vectors: ProgramVector list
        /// One per synapse: the cotangents of its update's operands; none where it does not learn.
        Bars: UpdateOperands<Nullable<int>> voption list
        /// One per synapse: the pairs that the step adds to W̄ and F̄.
        Gradients: Pair<int>[] list
    }

    /// The slots that are read after the end of the list.
    member a.Results: int list =
        [
            for s in a.States do
                yield! Option.ofNullable s.EntryBar |> Option.toList
            for i in a.Inputs do
                yield! Option.ofNullable i.Bar |> Option.toList
            for v in a.Vectors do
                yield! Option.ofNullable v.Gradient |> Option.toList
            for pairs in a.Gradients do
                for pair in pairs do
                    pair.P
                    pair.Q
        ]

/// The adjoint of a step, derived by Diff. Cotangents come in for the loss (1), for the next states and for the operands of the
/// updates; they go out for the states at entry, for the data that was asked for, for the trained vectors, and, as pairs, for the matrices.
[<RequireQualifiedAccess>]
module internal AdjointPass =
    /// The name by which the step's adjoint reads a cotangent that the executor hands in.
    let private cotangent (name: string) (e: Expr) = Expr.input ("∂" + name) e.Length

    let isCotangent (name: string) = name.StartsWith '∂'

    /// The cotangent of each synapse's update, operand by operand.
    let private updateBars (step: Step) : UpdateOperands<Expr> voption list =
        step.Synapses
        |> List.map (fun s ->
            match s.Update with
            | None -> ValueNone
            | Some u ->
                let mutable count = -1

                UpdateOperands.ofUpdate u
                |> UpdateOperands.map (fun e ->
                    count <- count + 1
                    cotangent $"{s.Matrix.Name}.{count}" e)
                |> ValueSome)

    /// Emits the adjoint, after the forward pass. `indexOf` numbers the parameters; `asked` names the data whose cotangents go out.
    /// What nobody asks for changes no instruction. Raises ArgumentException when the step reads no data of that name.
    let emit
        (emitter: Emitter)
        (indexOf: string -> int)
        (next: int list)
        (asked: string list)
        (step: Step)
        : AdjointPass =
        let isTrained name = step.Parameters[indexOf name].Trained
        let nextBars = step.States |> List.map (fun s -> s.Next, cotangent s.Name s.Next)
        let bars = updateBars step

        let operandBars =
            List.zip step.Synapses bars
            |> List.collect (fun (s, bars) ->
                match s.Update, bars with
                | Some u, ValueSome bars -> List.zip u.Operands (List.ofArray bars.All)
                | _ -> [])

        let roots = (step.Loss, Expr.scalar 1.0) :: nextBars @ operandBars

        // The leaves of the step whose cotangents leave the list.
        let leaves = List.map fst roots @ List.map snd step.Outputs |> Expr.inOrder

        let inputs isWanted =
            leaves
            |> List.choose (fun e ->
                match e.Node with
                | Node.Input name when isWanted name -> Some(name, e)
                | _ -> None)

        let isState name =
            step.States |> List.exists (fun s -> s.Name = name)

        let entries = inputs isState

        let data =
            inputs (fun name -> List.contains name asked && not (isState name || isCotangent name))

        for name in asked do
            if not (List.exists (fst >> (=) name) data) then
                invalidArg (nameof asked) $"the step reads no data named {name}"

        let vectors =
            leaves
            |> List.choose (fun e ->
                match e.Node with
                | Node.Parameter name -> Some(name, e)
                | _ -> None)

        let trained = vectors |> List.filter (fst >> isTrained)

        let matrices =
            step.Synapses
            |> List.filter (fun s -> s.Update.IsSome || isTrained s.Weight)
            |> List.map _.Matrix

        let cotangents = Diff.vjp roots (List.map snd (entries @ data @ trained)) matrices

        /// The slot of a name's cotangent: several nodes may read one name, and their cotangents are added.
        let slotOf leaves name : Nullable<int> =
            let shares =
                leaves
                |> List.filter (fun (n, _) -> n = name)
                |> List.map (snd >> cotangents.Of)

            match shares with
            | [] -> Nullable()
            | _ ->
                let total = List.reduce (+) shares

                if total.IsZero then
                    Nullable()
                else
                    Nullable(emitter.Slot total)

        // From here on the order of the lines is the order of the slots.
        let gradients =
            step.Synapses
            |> List.map (fun s ->
                cotangents.Pairs s.Matrix
                |> List.filter (fun (p, q) -> not (p.IsZero || q.IsZero))
                |> List.map (fun (p, q) ->
                    let p = emitter.Slot p
                    { P = p; Q = emitter.Slot q })
                |> Array.ofList)

        let vectors =
            vectors
            |> List.distinctBy fst
            |> List.map (fun (name, e) ->
                {
                    Parameter = indexOf name
                    Slot = emitter.Slot e
                    Gradient = slotOf trained name
                })

        let entryBars = step.States |> List.map (fun s -> slotOf entries s.Name)

        let inputs: ProgramInput list =
            data
            |> List.distinctBy fst
            |> List.map (fun (name, e) ->
                {
                    Name = name
                    Length = e.Length
                    Bar = slotOf data name
                })

        // Everything has been emitted: a cotangent without a slot is not read by anything.
        let states =
            List.zip3 (List.zip step.States next) nextBars entryBars
            |> List.map (fun ((s, next), (_, nextBar), entryBar) ->
                {
                    Name = s.Name
                    Length = s.Next.Length
                    Entry =
                        match entries |> List.tryFind (fun (name, _) -> name = s.Name) with
                        | Some(_, e) -> emitter.Find e
                        | None -> Nullable()
                    Next = next
                    NextBar = emitter.Find nextBar
                    EntryBar = entryBar
                })

        {
            Instructions = emitter.Take()
            States = states
            Inputs = inputs
            Vectors = vectors
            Bars = bars |> List.map (ValueOption.map (UpdateOperands.map emitter.Find))
            Gradients = gradients
        }
