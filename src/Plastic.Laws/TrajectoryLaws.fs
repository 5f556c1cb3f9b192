namespace Plastic.Laws

open FsCheck.FSharp
open Plastic.Core

/// Laws of whole episodes, whatever the rule computes.
[<RequireQualifiedAccess>]
module internal TrajectoryLaws =
    let permutation (rule: Rule) =
        RuleLaw.always
            rule
            "permutation"
            "No hidden unit is special: permuting the hidden units permutes the trajectory and its gradients, and leaves outputs and loss unchanged."
            20
            (Networks.ofRule rule |> Networks.recurrent)
            (fun case ->
                let program, parameters, batch = Networks.setUp case
                let permute = Permutation.tensor case

                let there =
                    Array.map2 (fun (p: Plastic.Core.Parameter) -> permute p.Name) program.Parameters parameters

                let before, after =
                    Interpreter.run program parameters batch true, Interpreter.run program there batch true

                let expected =
                    Episodes.everything program before
                    |> List.map (fun (name, values) -> name, permute name values)

                Episodes.agree Float64.derived expected (Episodes.everything program after))

    /// A network for one sample: its loss is not divided by B. Where the inner loss is a mean over the batch, that is a factor
    /// of 1/B, which one sample's network carries in s² instead.
    let private bySamples (case: NetworkCase) (program: StepProgram) (parameters: float[][]) (batch: Batch) =
        let one =
            { case with
                NetworkCase.Options.Batch = 1
            }

        let size, inner = float batch.Size, case.Options.InnerLoss

        let ofOne =
            Array.map2
                (fun (p: Plastic.Core.Parameter) ->
                    match p.Name, inner with
                    | "inner_loss.scale", OverBatch -> Array.map (fun s -> s / sqrt size)
                    | _ -> id)
                program.Parameters
                parameters

        let oneProgram = Networks.program one

        List.init batch.Size (fun b -> Interpreter.run oneProgram ofOne (batch.Sample b) true)
        |> List.map (Episodes.everything program)
        |> List.transpose
        |> List.map (fun parts ->
            let name = fst parts.Head
            let values = List.map snd parts

            let factor =
                match name, inner with
                | "gradient of inner_loss.scale", OverBatch -> 1.0 / (size * sqrt size)
                | _ -> 1.0 / size

            if name.StartsWith "gradient of" then
                name, values |> List.reduce (Array.map2 (+)) |> Array.map ((*) factor)
            elif name = "sample loss" || name.StartsWith "input gradient of" then
                name, Array.concat values |> Array.map (fun x -> x / size)
            else
                name, Array.concat values)

    let batch (rule: Rule) =
        RuleLaw.always
            rule
            "batch"
            "Samples are independent: a batch gives the same results as its samples one by one, and the sum of their gradients."
            20
            (Networks.ofRule rule)
            (fun case ->
                let program, parameters, batch = Networks.setUp case
                let together = Interpreter.run program parameters batch true

                Episodes.agree
                    Float64.derived
                    (Episodes.everything program together)
                    (bySamples case program parameters batch)

                Close.numbers Float64.reordered "loss" (Array.sum together.SampleLoss) together.Loss)

    let causal (rule: Rule) =
        RuleLaw.always
            rule
            "causality"
            "Later steps do not affect earlier ones: the first steps of an episode give the same results without the later ones."
            20
            (Networks.ofRule rule |> Arb.filter (fun case -> case.Steps > 1))
            (fun case ->
                let program, parameters, batch = Networks.setUp case
                let whole = Interpreter.run program parameters batch false
                let steps = batch.Steps - 1
                let part = Interpreter.run program parameters (batch.First steps) false

                for entry in part.Outputs do
                    let width = entry.Value.Length / (batch.Size * steps)

                    whole.Outputs[entry.Key]
                    |> Array.chunkBySize (batch.Steps * width)
                    |> Array.collect (Array.take (steps * width))
                    |> fun first -> Close.arrays Float64.reordered entry.Key first entry.Value)

    /// The case's numbers with inputs, weights and biases zero, and α too if requested.
    let atZero (case: NetworkCase) alphasToo =
        let program, parameters, batch = Networks.setUp case
        let nothing = Array.map (fun (x: float) -> 0.0 * x)

        let still =
            Batch(batch.Size, batch.Steps, batch.Inputs, batch.Outputs, nothing batch.Input, batch.Target, batch.Weight)

        let zero =
            Array.map2
                (fun (p: Plastic.Core.Parameter) values ->
                    if alphasToo || not (p.Name.EndsWith ".alpha") then
                        nothing values
                    else
                        values)
                program.Parameters
                parameters

        program, zero, still

    let zero (rule: Rule) =
        RuleLaw.always
            rule
            "finite at zero"
            "With inputs, weights and biases all zero, every value and derivative is finite, in the interpreter and in the engine."
            20
            (Networks.ofRule rule)
            (fun case ->
                for alphasToo in [ false; true ] do
                    let program, parameters, batch = atZero case alphasToo

                    for name, values in Episodes.everything program (Interpreter.run program parameters batch true) do
                        Close.finite name values

                    use engine = new Plastic.Engine.CpuExecutor(program, 1)

                    for name, values in Episodes.everything program (engine.Run(parameters, batch, true)) do
                        Close.finite $"{name}, in the engine" values)

    let bounds (rule: Rule) =
        RuleLaw.always
            rule
            "bounds"
            "If an update bounds fast weights or their trace, none exceeds its bound."
            20
            (Networks.ofRule rule)
            (fun case ->
                let program, parameters, batch = Networks.setUp case
                let episode = Interpreter.run program parameters batch false

                for s in program.Synapses do
                    if s.Bound <> Bound.Free then
                        let name, fast = $"F of {s.Matrix.Name}", episode.FastWeights[s.Matrix.Name]
                        Close.finite name fast

                        for k, f in Array.indexed fast do
                            let limit = Networks.limitOf parameters s k

                            if abs f > limit then
                                raise (NotClose $"{name}[{k}] is {f:R}, beyond ±{limit:R}"))
