namespace Plastic.Core

open System
open System.Collections.Generic

/// A whole episode of one sample as a single expression, without fast-weight state: F is the sum of its updates, so
/// Fᵀx = Σ_s q_s ∘ αᵀ(p_s ∘ x), q_s multiplied by its rate and by the keeps since; an eligibility trace is such a sum too.
/// The expression is closed under Diff. So it is an oracle for the adjoint that executors run step by step, and the
/// episode loss can be differentiated to any order. It grows with T², with eligibility with T³, so it is for short
/// episodes. Synapses with a bound cannot be written this way.
[<RequireQualifiedAccess>]
module internal Unroll =
    /// One pair of an update; q is multiplied by the keeps of the steps since.
    type private Trace = { P: Expr; Q: Expr }

    /// The pairs whose sums are F/α and E.
    type private Carried =
        {
            Fast: Trace list
            Eligibility: Trace list
        }

    let private times (factor: Expr) (traces: Trace list) =
        traces
        |> List.map (fun trace ->
            { trace with
                Q =
                    if factor.Length = 1 then
                        Expr.scale factor trace.Q
                    else
                        factor * trace.Q
            })

    /// The matrix of slow weights of a synapse, by the name of its parameter.
    let slow (s: Synapse) = { s.Matrix with Name = s.Weight }

    /// The matrix of learning rates, when they are trained.
    let rates (s: Synapse) =
        s.Alpha |> Option.map (fun name -> { s.Matrix with Name = name })

    /// The name of a data input at step t: "input", "target" and "weight" become "input@t" and so on.
    let at (name: string) (t: int) = $"{name}@{t}"

    let private applyRates s x =
        match rates s with
        | Some alpha -> Expr.apply alpha x
        | None -> Expr.broadcast s.Matrix.Columns (Expr.sum x)

    let private applyRatesT s v =
        match rates s with
        | Some alpha -> Expr.applyT alpha v
        | None -> Expr.broadcast s.Matrix.Rows (Expr.sum v)

    /// The loss of one sample over `steps` steps. Raises ArgumentException for a synapse with a clamp.
    let loss (step: Step) (steps: int) : Expr =
        for s in step.Synapses do
            match s.Update with
            | Some u when u.Bound <> Bound.Free ->
                invalidArg (nameof step) $"synapse {s.Matrix.Name} is bounded, so its episode cannot be unrolled"
            | _ -> ()

        let roots =
            [
                yield step.Loss
                for s in step.States do
                    yield s.Next
                for s in step.Synapses do
                    match s.Update with
                    | Some u -> yield! u.Operands
                    | None -> ()
            ]

        let order = Expr.inOrder roots

        let synapseOf (m: Matrix) =
            step.Synapses |> List.find (fun s -> s.Matrix = m)
        // One vector per name, so that it is a single variable for differentiation: a parameter in all steps, data in its own step.
        let sharing (make: string -> int -> Expr) =
            let known = Dictionary<string, Expr>()

            fun name length ->
                match known.TryGetValue name with
                | true, found -> found
                | _ ->
                    known[name] <- make name length
                    known[name]

        let parameter, data = sharing Expr.parameter, sharing Expr.input

        let stepAt t (states: Map<string, Expr>) (carried: Map<string, Carried>) =
            let known = Dictionary<Expr, Expr>(HashIdentity.Reference)

            for e in order do
                known[e] <-
                    match e.Node with
                    | Node.Input name ->
                        match states.TryFind name with
                        | Some value -> value
                        | None -> data (at name t) e.Length
                    | Node.Parameter name -> parameter name e.Length
                    | Node.Constant c -> Expr.constant e.Length c
                    | Node.Alias x -> known[x]
                    | Node.Computed operation ->
                        match Operation.map (fun x -> known[x]) id operation with
                        | Operation.Apply(m, x) ->
                            let s = synapseOf m

                            (Expr.apply (slow s) x, carried[m.Name].Fast)
                            ||> List.fold (fun y trace -> y + trace.Q * applyRates s (trace.P * x))
                        | Operation.ApplyT(m, v) ->
                            let s = synapseOf m

                            (Expr.applyT (slow s) v, carried[m.Name].Fast)
                            ||> List.fold (fun y trace -> y + trace.P * applyRatesT s (trace.Q * v))
                        | other -> Expr.build other

            known

        /// The end of a step.
        let learn (known: Dictionary<Expr, Expr>) (u: Update) before =
            let pairs = u.Pairs |> List.map (fun (p, q) -> { P = known[p]; Q = known[q] })
            let kept = times (known[u.Keep]) before.Fast

            match u.Eligibility with
            | None ->
                {
                    Fast = kept @ times (known[u.Rate]) pairs
                    Eligibility = []
                }
            | Some e ->
                {
                    Fast = kept @ times (known[u.Rate]) before.Eligibility
                    Eligibility = times (known[e.Keep]) before.Eligibility @ times (known[e.Rate]) pairs
                }

        let rec from t states carried total =
            if t = steps then
                total
            else
                let known = stepAt t states carried

                let carried =
                    step.Synapses
                    |> List.map (fun s ->
                        let before = Map.find s.Matrix.Name carried

                        s.Matrix.Name,
                        s.Update
                        |> Option.map (fun u -> learn known u before)
                        |> Option.defaultValue before)
                    |> Map.ofList

                let states = step.States |> List.map (fun s -> s.Name, known[s.Next]) |> Map.ofList
                from (t + 1) states carried (total + known[step.Loss])

        let states =
            step.States |> List.map (fun s -> s.Name, Expr.zero s.Next.Length) |> Map.ofList

        let nothing = { Fast = []; Eligibility = [] }

        let carried =
            step.Synapses |> List.map (fun s -> s.Matrix.Name, nothing) |> Map.ofList

        from 0 states carried (Expr.scalar 0.0)
