namespace Plastic.Core

open System
open System.Collections.Generic

/// From a step to a StepProgram: the forward list, the adjoint that Diff derives from it, and the lifetimes of values. Common
/// subexpressions are shared between the lists, and values that nothing reads are left out.
[<RequireQualifiedAccess>]
module internal Lowering =
    let private synapses (indexOf: string -> int) (step: Step) (forward: ForwardPass) (adjoint: AdjointPass) =
        let learns = List.zip forward.Operands adjoint.Bars

        List.zip3 step.Synapses learns adjoint.Gradients
        |> List.map (fun (s, learns, gradient) ->
            {
                Matrix = s.Matrix
                Weight = indexOf s.Weight
                Alpha = s.Alpha |> Option.map indexOf |> Option.toNullable
                Update =
                    match s.Update, learns with
                    | Some u, (ValueSome operands, ValueSome bars) ->
                        ValueSome
                            {
                                Bound = u.Bound
                                Operands = operands
                                Bars = bars
                            }
                    | _ -> ValueNone
                Gradient = gradient
            })

    /// The Program of a step, which also computes the cotangents of the data named in `asked`. Raises ArgumentException when the
    /// step names a parameter that it does not declare or reads no data of a name asked for, and ShapeException when an update, a
    /// parameter or a state does not have the size that is read.
    let through (asked: string list) (step: Step) : StepProgram =
        StepShapes.require step

        let indexOf name =
            match step.Parameters |> List.tryFindIndex (fun p -> p.Name = name) with
            | Some index -> index
            | None -> invalidArg (nameof step) $"the step reads parameter {name}, which it does not declare"

        let sourceOf name =
            if AdjointPass.isCotangent name then
                Source.Cotangent name
            elif step.States |> List.exists (fun s -> s.Name = name) then
                Source.State name
            else
                Source.Data name

        let synapseOf (m: Matrix) =
            step.Synapses |> List.findIndex (fun s -> s.Matrix = m)

        let emitter = Emitter(sourceOf, synapseOf)
        let forward = ForwardPass.emit emitter step
        let forwardCount = emitter.Slots.Count
        let adjoint = AdjointPass.emit emitter indexOf forward.Next asked step

        let updateReads =
            forward.Operands
            |> Seq.collect (ValueOption.map _.All >> ValueOption.defaultValue [||])

        let afterBackward = HashSet adjoint.Results

        let inBackward =
            Seq.concat [ Seq.ofList adjoint.Results; Liveness.reads adjoint.Instructions; updateReads ]
            |> HashSet

        let afterForward = HashSet(Seq.append forward.Results inBackward)

        {
            Slots = emitter.Slots.ToArray()
            Forward = Liveness.withLastReads afterForward forward.Instructions
            Backward = Liveness.withLastReads afterBackward adjoint.Instructions
            Synapses = synapses indexOf step forward adjoint |> Array.ofList
            States = Array.ofList adjoint.States
            Inputs = Array.ofList adjoint.Inputs
            Vectors = Array.ofList adjoint.Vectors
            Outputs = Array.ofList forward.Outputs
            Loss = forward.Loss
            Parameters = Array.ofList step.Parameters
            Batch = step.Batch
            Kept = Array.init emitter.Slots.Count (fun slot -> slot < forwardCount && inBackward.Contains slot)
        }

    /// The Program of a step, without cotangents of data.
    let program (step: Step) : StepProgram = through [] step
