namespace Plastic.Core

/// Checks what the builders of expressions cannot see: whether a step's updates, parameters and states have the sizes that
/// the step and its synapses read.
[<RequireQualifiedAccess>]
module internal StepShapes =
    /// Raises ShapeException at the first mismatch.
    let require (step: Step) =
        for s in step.Synapses do
            let require what (e: Expr) lengths =
                if not (List.contains e.Length lengths) then
                    let expected = lengths |> List.distinct |> List.map string |> String.concat " or "
                    raise (ShapeException($"{what} of {s.Matrix.Name}'s update", $"length {expected}", string e.Length))

            match s.Update with
            | None -> ()
            | Some u ->
                let n, m = s.Matrix.Rows, s.Matrix.Columns
                require "keep" u.Keep [ 1; m ]
                require "rate" u.Rate [ 1 ]

                match u.Eligibility with
                | Some e ->
                    require "the eligibility's keep" e.Keep [ 1 ]
                    require "the eligibility's rate" e.Rate [ 1 ]
                | None -> ()

                for p, q in u.Pairs do
                    require "p" p [ n ]
                    require "q" q [ m ]

                if not (u.Bound.Limit > 0.0) then
                    raise (ShapeException($"bound of {s.Matrix.Name}'s update", "a limit > 0", string u.Bound.Limit))

        let reached =
            [
                yield step.Loss
                yield! step.Outputs |> List.map snd
                yield! step.States |> List.map _.Next
                yield! step.Synapses |> List.choose _.Update |> List.collect _.Operands
            ]
            |> Expr.inOrder

        for e in reached do
            match e.Node with
            | Node.Parameter name ->
                match step.Parameters |> List.tryFind (fun p -> p.Name = name) with
                | Some p when p.Size <> e.Length ->
                    raise (ShapeException($"parameter {name}", $"length {p.Size}, as declared", string e.Length))
                | _ -> ()
            | _ -> ()

        for s in step.States do
            for e in reached do
                match e.Node with
                | Node.Input name when name = s.Name && e.Length <> s.Next.Length ->
                    raise (
                        ShapeException($"state {name}", $"length {s.Next.Length}, as at the next step", string e.Length)
                    )
                | _ -> ()
