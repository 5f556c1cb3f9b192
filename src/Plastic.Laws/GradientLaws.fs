namespace Plastic.Laws

open System
open System.Collections.Generic
open FsCheck.FSharp
open Plastic.Core

/// Derivatives of an episode's loss, through every change of the fast weights, against two other ways to compute them.
[<RequireQualifiedAccess>]
module internal GradientLaws =
    /// Each sample's loss, and the gradients by the parameters and by the data that the Program was asked for, from the whole
    /// episode as one expression and Diff.
    let private unrolled (step: Step) (program: StepProgram, parameters: float[][], batch: Batch) =
        let loss = Unroll.loss step batch.Steps

        let vectors =
            Expr.inOrder [ loss ]
            |> List.choose (fun e ->
                match e.Node with
                | Node.Parameter name -> Some(name, e)
                | Node.Input name when program.Inputs |> Array.exists (fun i -> name.StartsWith(i.Name + "@")) ->
                    Some(name, e)
                | _ -> None)
            |> dict

        let matrices =
            dict
                [
                    for s in step.Synapses do
                        yield s.Weight, Unroll.slow s

                        match Unroll.rates s with
                        | Some rates -> yield rates.Name, rates
                        | None -> ()
                ]

        let bars =
            Diff.vjp [ loss, Expr.scalar 1.0 ] (List.ofSeq vectors.Values) (List.ofSeq matrices.Values)

        let values = Dictionary<string, float[]>()
        Array.iter2 (fun (p: Plastic.Core.Parameter) v -> values[p.Name] <- v) program.Parameters parameters

        let sample b =
            let given = Dictionary<string, float[]>(values)

            for t in 0 .. batch.Steps - 1 do
                for name in [ "input"; "target"; "weight" ] do
                    given[Unroll.at name t] <- batch.Read(name, b, t).ToArray()

            let bindings = { Vectors = given; Matrices = given }

            let gradient (p: Plastic.Core.Parameter) =
                match vectors.TryGetValue p.Name, matrices.TryGetValue p.Name with
                | (true, e), _ -> Evaluate.one bindings (bars.Of e)
                | _, (true, m) ->
                    let ps, qs = List.unzip (bars.Pairs m)
                    let found = Evaluate.many bindings (ps @ qs)
                    let ps, qs = List.splitAt ps.Length found

                    List.map2 Dense.outer ps qs
                    |> List.fold (Array.map2 (+)) (Array.zeroCreate p.Size)
                | _ -> Array.zeroCreate p.Size

            let inputGradient (i: ProgramInput) =
                Array.init batch.Steps (Unroll.at i.Name)
                |> Array.collect (fun name ->
                    match vectors.TryGetValue name with
                    | true, e -> Evaluate.one bindings (bars.Of e)
                    | _ -> Array.zeroCreate i.Length)

            (Evaluate.one bindings loss)[0],
            program.Parameters |> Array.map gradient,
            program.Inputs |> Array.map inputGradient

        let losses, gradients, inputGradients =
            [| 0 .. batch.Size - 1 |] |> Array.map sample |> Array.unzip3

        losses,
        gradients |> Array.reduce (Array.map2 (Array.map2 (+))),
        inputGradients |> Array.reduce (Array.map2 Array.append)

    /// Fails unless the interpreter's loss and gradients equal those of the unrolled episode. The step must have no bounds.
    let isUnrolled step (program: StepProgram, parameters, batch) =
        let losses, gradients, inputGradients = unrolled step (program, parameters, batch)
        let episode = Interpreter.run program parameters batch true
        Close.arrays Float64.derived "loss" losses episode.SampleLoss

        Close.together
            Float64.derived
            1.0
            [
                for k, p in Array.indexed program.Parameters do
                    if p.Trained then
                        p.Name, gradients[k], episode.Gradients[k]

                for k, i in Array.indexed program.Inputs do
                    "data " + i.Name, inputGradients[k], episode.InputGradients[i.Name]
            ]

    /// Whether no update of the step is bounded: only then is its episode one expression.
    let isFree (step: Step) =
        step.Synapses
        |> List.choose _.Update
        |> List.forall (fun update -> update.Bound = Bound.Free)

    /// Along a random direction of all trained parameters and of the data that was asked for, the gradient that the Program gives is
    /// the slope of its loss.
    /// False near a kink, where there is no slope to compare with. `program` is the case's network, lowered.
    let isSlope (case: NetworkCase) (program: StepProgram) =
        let parameters, batch = Networks.parameters case program, Networks.batch case
        let episode = Interpreter.run program parameters batch true

        let along =
            program.Parameters
            |> Array.map (fun p ->
                let scale = if p.Trained then 1.0 else 0.0
                Numbers.uniform case.Seed ("along " + p.Name) p.Size |> Array.map ((*) scale))

        let alongData (name: string) (values: float[]) =
            let scale =
                if program.Inputs |> Array.exists (fun i -> i.Name = name) then
                    1.0
                else
                    0.0

            Numbers.uniform case.Seed ("along data " + name) values.Length
            |> Array.map ((*) scale)

        let dataOf input target weight =
            Batch(batch.Size, batch.Steps, batch.Inputs, batch.Outputs, input, target, weight)

        let alongBatch =
            dataOf (alongData "input" batch.Input) (alongData "target" batch.Target) (alongData "weight" batch.Weight)

        let at epsilon =
            let shift = Array.map2 (fun x d -> x + epsilon * d)
            let moved = Array.map2 shift parameters along

            let batch =
                dataOf
                    (shift batch.Input alongBatch.Input)
                    (shift batch.Target alongBatch.Target)
                    (shift batch.Weight alongBatch.Weight)

            (Interpreter.run program moved batch false).Loss

        let dataSlope =
            Seq.sum (
                seq {
                    for i in program.Inputs do
                        for sample in 0 .. batch.Size - 1 do
                            for t in 0 .. batch.Steps - 1 do
                                let start = (sample * batch.Steps + t) * i.Length

                                Dense.dot
                                    (Array.sub episode.InputGradients[i.Name] start i.Length)
                                    (alongBatch.Read(i.Name, sample, t).ToArray())
                }
            )

        match Differences.central at with
        | Some slope ->
            Array.map2 Dense.dot episode.Gradients along
            |> Array.sum
            |> (+) dataSlope
            |> Close.numbers Float64.differences "slope" slope

            true
        | None -> false

    /// `lower` makes a step's Program, with the cotangents of the data that are asked for.
    let slope (lower: string list -> Step -> StepProgram) (rule: Rule) =
        RuleLaw.often
            rule
            "gradient"
            "The gradient of an episode's loss with respect to parameters and data, through every change of its fast weights, agrees with central differences of the loss."
            25
            [ "no kink is near", 0.5 ]
            (Networks.smallOfRule rule)
            (fun tally case ->
                let program = lower case.Through (Networks.network case).Step
                tally.Note("no kink is near", isSlope case program))

    /// The options without those of the rule's bounds that keep its updates from being free.
    let private freed (o: NetworkOptions) =
        let free o = isFree (Network.create o).Step

        (o, o.Rule.Settings)
        ||> List.fold (fun o setting ->
            match setting.Kind with
            | RuleSettingKind.Bound _ when not (free o) ->
                let looser =
                    { o with
                        RuleValues = o.RuleValues.Set(setting, RuleValue.Number infinity)
                    }

                if free looser then looser else o
            | _ -> o)

    let adjoint (rule: Rule) =
        RuleLaw.always
            rule
            "adjoint"
            "Without bounds on fast weights, loss and gradient equal those of the whole episode written and differentiated as one expression."
            15
            (Networks.smallOfRule rule
             |> Arb.filter (fun case -> case.Steps <= 4)
             |> Networks.where freed)
            (fun case ->
                let step = (Networks.network case).Step

                if isFree step then
                    isUnrolled step (Networks.setUp case))

    /// What is wrong with a derivative that does not pass its check.
    let fault (check: Check) : string =
        let name = $"{check.Name}, order {check.Order}"

        if not (Double.IsFinite check.Difference) then
            $"{name}: the difference is {check.Difference}, not a number"
        elif not (Double.IsFinite check.Error) then
            $"{name}: the derivative is not a number; differences give {check.Difference:R}"
        else
            $"{name}: differences give {check.Difference:R}, off by {check.Error:E2} > {check.Bound:E2}"

    let secondOrder (rule: Rule) =
        RuleLaw.always
            rule
            "second order"
            "Without bounds on fast weights, first and second derivatives of two steps agree with central differences, for every input and parameter."
            3
            (Networks.smallOfRule rule
             |> Arb.filter (fun case -> case.Options.Batch <= 2)
             |> Networks.where freed)
            (fun case ->
                let step = (Networks.network case).Step

                if isFree step then
                    let loss = Unroll.loss step 2
                    let variables = Gradcheck.variables [ loss ]

                    for check in Gradcheck.expression (int64 case.Seed) rule.Name "two steps" variables loss do
                        if not check.Passed then
                            raise (NotClose(fault check)))
