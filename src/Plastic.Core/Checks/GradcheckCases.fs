namespace Plastic.Core

open System
open FSharp.Reflection

/// The gradient checks of everything there is: operations by enumeration of their types, rules by their registry.
[<RequireQualifiedAccess>]
module internal GradcheckCases =
    let private casesOf<'t> () =
        [
            for case in FSharpType.GetUnionCases(typeof<'t>, true) -> FSharpValue.MakeUnion(case, [||], true) :?> 't
        ]

    /// ½⟨w, y∘y⟩ + ⟨w, y⟩: a scalar whose second derivative is not zero even where y is linear.
    let private probe (y: Expr) =
        let w = Expr.input "probe" y.Length
        Expr.dot w (0.5 * Expr.square y + y)

    /// One expression per operation; the name starts with the operation's.
    let operations: (string * Expr) list =
        let x, y = Expr.input "x" 5, Expr.input "y" 5
        let m: Matrix = { Name = "M"; Rows = 5; Columns = 3 }

        [
            for f in casesOf<Unary>() do
                match f with
                // Their domain is the positive numbers.
                | Log
                | Sqrt -> $"{f}", Expr.map f (Expr.square x + 0.1)
                | _ -> $"{f}", Expr.map f x
            for f in casesOf<Binary>() do
                $"{f}", Expr.zip f x y
                $"{f} with itself", Expr.zip f (x * y) (Expr.alias x)
            "Alias", Expr.alias x * x
            "Sum", Expr.sum x
            "Dot", Expr.dot x y
            "Dot with itself", Expr.dot x x
            "Broadcast", Expr.broadcast 4 (Expr.input "s" 1)
            "Slice", Expr.slice 1 3 x
            "Slice twice, overlapping", Expr.slice 0 3 x * Expr.slice 1 3 x
            "Concat", Expr.concat [ x; Expr.slice 0 2 y; x ]
            "Apply", Expr.apply m x
            "ApplyT", Expr.applyT m (Expr.slice 0 3 x)
            "Apply and ApplyT", Expr.applyT m (Expr.tanh (Expr.apply m x))
        ]

    let private withValue (setting: RuleSetting) value (options: NetworkOptions) =
        { options with
            RuleValues = options.RuleValues.Set(setting, value)
        }

    /// The settings of the named rules and of one that may not be one of them.
    let private settingsWith (rule: Rule) =
        Registry.settings @ rule.Settings |> List.distinctBy _.Name

    /// A small network. Each number of a rule is the first of its trials: plasticity matters.
    let private small (settings: RuleSetting list) =
        let options =
            { NetworkOptions.Default with
                Inputs = 3
                Hidden = 6
                Outputs = 2
                Extra = 1
                Batch = 2
            }

        let numbers =
            settings
            |> List.filter (fun setting ->
                match setting.Kind with
                | RuleSettingKind.Number _ -> true
                | RuleSettingKind.Bound _
                | RuleSettingKind.Switch -> false)

        (options, numbers)
        ||> List.fold (fun options setting -> withValue setting setting.Trials[0] options)

    /// The options that change what a step computes, by name; those of a rule beside those of the named ones.
    let variants (settings: RuleSetting list) : (string * NetworkOptions) list =
        let small = small settings

        [
            "published", small
            "unmodulated", { small with Modulation = false }
            "layer norm", { small with LayerNorm = true }
            "no biases", { small with Biases = false }
            "inner loss per sample", { small with InnerLoss = PerSample }
            "alpha Fixed", { small with Alpha = AlphaMode.Fixed }
            "alpha Shared", { small with Alpha = AlphaMode.Shared }
            "squared error", { small with Loss = SquaredError }
            "cross-entropy", { small with Loss = CrossEntropy }
            for setting in settings do
                match setting.Kind with
                | RuleSettingKind.Number _ -> ()
                | RuleSettingKind.Switch ->
                    for value in setting.Trials |> Seq.filter ((<>) setting.Default) do
                        $"{setting.Name} {value}", withValue setting value small
                | RuleSettingKind.Bound _ ->
                    // The bound must hold back the rule early enough for later steps to feel it; or there is none.
                    $"{setting.Name} tight", withValue setting setting.Trials[0] small
                    $"{setting.Name} none", withValue setting (RuleValue.Number infinity) small
        ]

    /// The options that only change where parameters start or which of them train.
    let private starts (settings: RuleSetting list) =
        let small = small settings

        [
            "weights frozen", { small with FrozenWeights = true }
            "normal start", { small with Start = Start.Normal 0.3 }
            for mode in casesOf<AlphaMode>() do
                if mode <> AlphaMode.Fixed && mode <> AlphaMode.Shared && mode <> small.Alpha then
                    $"alpha {mode}", { small with Alpha = mode }
        ]

    /// All that one step passes on, as one scalar: the loss, the next states and the updates, each by a random weight.
    let private stepScalar (step: Step) =
        let roots =
            [
                yield step.Loss
                yield! step.States |> List.map _.Next
                for s in step.Synapses do
                    match s.Update with
                    | Some u -> yield! u.Operands
                    | None -> ()
            ]

        Gradcheck.variables roots,
        roots
        |> List.mapi (fun k root -> Expr.dot root (Expr.input $"probe {k}" root.Length))
        |> List.reduce (+)

    let private steps = 4

    /// What float32 may round off of a gradient, relative to its norm and to a hundredth of the largest norm of all gradients.
    let private singleRounding = 5e-6

    /// An episode's loss by the adjoint that executors run, against differences of the loss that they compute. Gradients come from
    /// the interpreter; or from elsewhere, in float32.
    let private executed
        seed
        group
        (elsewhere: (Network -> float[][] -> Batch -> float[][]) option)
        name
        (network: Network)
        =
        let exact =
            match elsewhere with
            | Some _ -> Array.map (fun x -> float (float32 x))
            | None -> id

        let program = Lowering.program network.Step
        let o = network.Options

        let stream purpose =
            RandomStream(Philox.key seed ("gradcheck " + purpose), 0L, 0)

        let batch =
            let draw purpose size =
                let numbers = stream purpose
                Array.init size (fun _ -> numbers.Normal()) |> exact

            Batch(
                o.Batch,
                steps,
                o.Inputs,
                o.Outputs,
                draw "input" (o.Batch * steps * o.Inputs),
                draw "target" (o.Batch * steps * o.Outputs),
                Array.init steps (fun t -> float t / float (steps * (steps - 1) / 2)) |> exact
            )

        let parameters = Initialise.all seed program.Parameters |> Array.map exact

        let gradients =
            match elsewhere with
            | Some gradients -> gradients network parameters batch
            | None -> (Interpreter.run program parameters batch true).Gradients

        let norm (x: float[]) = sqrt (Dense.dot x x)
        let floor = 0.01 * (gradients |> Array.map norm |> Array.max)

        [
            for k, p in Array.indexed program.Parameters do
                if p.Trained then
                    let direction =
                        let numbers = stream ("direction " + p.Name)
                        Array.init p.Size (fun _ -> numbers.Normal())

                    let f h =
                        let moved = Array.map2 (fun x d -> x + h * d) parameters[k] direction
                        let parameters = Array.updateAt k moved parameters
                        (Interpreter.run program parameters batch false).Loss

                    let slack =
                        match elsewhere with
                        | Some _ -> singleRounding * norm direction * max floor (norm gradients[k])
                        | None -> 0.0

                    Gradcheck.compareWithin slack group $"{name}, {p.Name}" 1 f (Dense.dot gradients[k] direction)
        ]

    /// The gradients of episodes that something else computes in float32, of a rule with every cell, lazily.
    let elsewhere (seed: int64) (rule: Rule) (gradients: Network -> float[][] -> Batch -> float[][]) : Check seq =
        seq {
            for cell in casesOf<Cell>() do
                let options =
                    { small (settingsWith rule) with
                        Rule = rule
                        Cell = cell
                    }

                if options.Faults.Count = 0 then
                    yield!
                        executed seed $"{rule.Name} × {cell.Name}" (Some gradients) "published" (Network.create options)
        }

    /// The checks of a rule with every cell, lazily, group by group; the seed decides points and directions.
    let ofRule (seed: int64) (rule: Rule) : Check seq =
        let settings = settingsWith rule

        seq {
            for cell in casesOf<Cell>() do
                let title = $"{rule.Name} × {cell.Name}"

                // What a rule or a cell does not read gives the same program again, and is left out.
                let build options =
                    options
                    |> List.map (fun (name, options) ->
                        name,
                        { options with
                            Rule = rule
                            Cell = cell
                        })
                    |> List.filter (fun (_, options) -> options.Faults.Count = 0)
                    |> List.map (fun (name, options) -> name, Network.create options)
                    |> List.distinctBy (fun (_, network) -> Lowering.program network.Step)

                let networks = build (variants settings)

                for name, network in networks do
                    let variables, root = stepScalar network.Step
                    yield! Gradcheck.expression seed $"step, {title}" name variables root

                for name, network in networks do
                    let isFree =
                        network.Step.Synapses
                        |> List.choose _.Update
                        |> List.forall (fun u -> u.Bound = Bound.Free)

                    if isFree then
                        let loss = Unroll.loss network.Step 3
                        let variables = Gradcheck.variables [ loss ]
                        yield! Gradcheck.expression seed $"episode, {title}" name variables loss

                for name, network in networks @ build (starts settings) do
                    yield! executed seed $"executed episode, {title}" None name network
        }

    /// Every check, lazily, group by group; the seed decides points and directions.
    let all (seed: int64) : Check seq =
        seq {
            for name, y in operations do
                let root = probe y
                yield! Gradcheck.expression seed "operations" name (Gradcheck.variables [ y ]) root

            for rule in Registry.rules do
                yield! ofRule seed rule
        }
