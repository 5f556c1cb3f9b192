namespace Plastic.Laws

open System
open FsCheck
open FsCheck.FSharp
open Plastic.Core

/// A random network with its parameters and a batch, all of it a function of a few small numbers, so that a failing case
/// shrinks to the smallest network that still fails.
[<StructuredFormatDisplay("{Description}")>]
type NetworkCase =
    {
        Options: NetworkOptions
        /// T.
        Steps: int
        /// What the numbers are drawn from.
        Seed: int
        /// How far weights and biases reach, in units of their initial bound.
        Gain: float
    }

    member c.Description =
        let o = c.Options

        let settings =
            String.Join(
                " ",
                [
                    for setting in o.Rule.Settings -> $"{setting.Name} {o.RuleValues.Get setting}"
                ]
            )

        $"{o.Rule.Name} {o.Cell.Name} inputs {o.Inputs} hidden {o.Hidden} outputs {o.Outputs} extra {o.Extra} modulation "
        + $"{o.Modulation} alpha {o.Alpha} {settings} "
        + $"layer norm {o.LayerNorm} biases {o.Biases} frozen {o.FrozenWeights} {o.Start} {o.Loss} {o.InnerLoss} batch {o.Batch} "
        + $"steps {c.Steps} seed {c.Seed} gain {c.Gain}"

    override c.ToString() = c.Description

/// Generators of networks, and the numbers that go with them.
[<RequireQualifiedAccess>]
module internal Networks =
    let private size =
        Gen.frequency
            [
                6, Gen.choose (1, 6)
                2, Gen.choose (7, 20)
                1, Gen.elements [ 16; 17; 31; 33 ]
            ]

    let private boolean = Gen.elements [ false; true ]

    /// Values of the rules' settings, from those at which they are to be tried.
    let private ruleValues (rule: Rule) =
        let rec draw (settings: RuleSetting list) (values: RuleValues) =
            match settings with
            | [] -> Gen.constant values
            | setting :: rest ->
                gen {
                    let! value = Gen.elements setting.Trials
                    return! draw rest (values.Set(setting, value))
                }

        // Large steps without a bound make an episode explode.
        let tame (values: RuleValues) =
            if values.Value Descent.norm > 1.0 then
                values.With(Descent.learningRate, min 0.1 (values.Value Descent.learningRate))
            else
                values

        draw (rule.Settings @ Registry.settings |> List.distinctBy _.Name) RuleValues.Default
        |> Gen.map tame

    let private generate (rules: Rule list) hidden =
        gen {
            let! rule = Gen.elements rules

            let! cell =
                Gen.frequency
                    [
                        3, Gen.elements [ Rnn; Lstm ]
                        1, Gen.elements [ SingleLayer; TwoLayer; Attractor ]
                    ]

            let! inputs = hidden
            let! hidden = hidden
            let! outputs = Gen.choose (1, 3)
            let! extra = Gen.choose (0, 4)
            let! modulation = if rule.NeedsModulator then Gen.constant true else boolean
            let! values = ruleValues rule

            let! alpha =
                Gen.elements
                    [
                        AlphaMode.Fixed
                        AlphaMode.Uniform
                        AlphaMode.NegativeUniform
                        AlphaMode.Random
                        match rule.TraceBound with
                        | Some bound when Double.IsFinite(values.Value bound) -> ()
                        | _ -> AlphaMode.Shared
                    ]

            let! start = Gen.elements [ Start.Scaled; Start.Scaled; Start.Normal 0.3 ]

            let! loss =
                Gen.elements [ MeanSquaredError; MeanSquaredError; SquaredError; CrossEntropy ]


            let! layerNorm =
                match cell with
                | Rnn
                | Lstm -> boolean
                | _ -> Gen.constant false

            let! biases = Gen.frequency [ 5, Gen.constant true; 1, Gen.constant false ]
            let! frozen = Gen.frequency [ 3, Gen.constant false; 1, Gen.constant true ]
            let! inner = Gen.elements [ OverBatch; PerSample ]
            let! batch = Gen.choose (1, 5)
            let! steps = Gen.choose (1, 6)
            let! seed = Gen.choose (0, 9999)
            let! gain = Gen.elements [ 1.0; 2.0 ]

            return
                {
                    Options =
                        {
                            Cell = cell
                            Rule = rule
                            Inputs = inputs
                            Hidden = hidden
                            Outputs = outputs
                            Extra = extra
                            Modulation = modulation
                            Alpha = alpha
                            RuleValues = values
                            LayerNorm = layerNorm
                            Biases = biases
                            FrozenWeights = frozen
                            Start = start
                            Loss = loss
                            InnerLoss = inner
                            Batch = batch
                        }
                    Steps = steps
                    Seed = seed
                    Gain = gain
                }
        }

    /// Every way to make a case simpler by one choice.
    let private simpler (c: NetworkCase) =
        let o = c.Options

        let fewer low value =
            [ low; value / 2; value - 1 ]
            |> List.filter (fun v -> v >= low && v < value)
            |> List.distinct

        let options =
            [
                for v in fewer 1 o.Batch -> { o with Batch = v }
                for v in fewer 1 o.Hidden -> { o with Hidden = v }
                for v in fewer 1 o.Inputs -> { o with Inputs = v }
                for v in fewer 1 o.Outputs -> { o with Outputs = v }
                for v in fewer 0 o.Extra -> { o with Extra = v }
            ]

        let plainer =
            [
                o.Cell <> Rnn && o.Cell <> SingleLayer, { o with Cell = Rnn }
                o.Loss <> MeanSquaredError, { o with Loss = MeanSquaredError }
                o.Start <> Start.Scaled, { o with Start = Start.Scaled }
                o.Modulation, { o with Modulation = false }
                o.LayerNorm, { o with LayerNorm = false }
                o.FrozenWeights, { o with FrozenWeights = false }
                o.Alpha <> AlphaMode.Fixed, { o with Alpha = AlphaMode.Fixed }
                for setting in o.Rule.Settings do
                    let plain =
                        match setting.Kind with
                        | RuleSettingKind.Bound _ -> RuleValue.Number infinity
                        | RuleSettingKind.Number _
                        | RuleSettingKind.Switch -> setting.Default

                    o.RuleValues.Get setting <> plain,
                    { o with
                        RuleValues = o.RuleValues.Set(setting, plain)
                    }
            ]
            |> List.filter fst
            |> List.map snd
            |> List.filter (fun o -> o.Faults.Count = 0)

        seq {
            for v in fewer 1 c.Steps -> { c with Steps = v }
            for o in options @ plainer -> { c with Options = o }
        }

    let private sizes rules hidden =
        Arb.fromGenShrink (generate rules hidden, simpler)

    /// Networks of up to 33 units.
    let any = sizes Registry.rules size

    /// Those of one rule, which need not be in the registry.
    let ofRule (rule: Rule) = sizes [ rule ] size

    /// Networks of up to 4 units, for laws that do much with each.
    let small = sizes Registry.rules (Gen.choose (1, 4))

    /// Those of one rule.
    let smallOfRule (rule: Rule) = sizes [ rule ] (Gen.choose (1, 4))

    /// The cases with their options changed so by `change`.
    let where (change: NetworkOptions -> NetworkOptions) (cases: Arbitrary<NetworkCase>) =
        let changed c =
            { c with
                NetworkCase.Options = change c.Options
            }

        // What `change` undoes is no simpler case, and would be shrunk to for ever.
        let shrink c =
            cases.Shrinker c
            |> Seq.map changed
            |> Seq.filter (fun simpler -> simpler.Description <> c.Description)

        Arb.fromGenShrink (Gen.map changed cases.Generator, shrink)

    /// The cases of networks that learn within the episode.
    let plastic (cases: Arbitrary<NetworkCase>) =
        Arb.filter (fun c -> c.Options.Rule.IsPlastic) cases

    /// The cases as of an RNN or an LSTM with biases.
    let recurrent (cases: Arbitrary<NetworkCase>) =
        where
            (fun o ->
                let o = { o with Biases = true }

                match o.Cell with
                | Rnn
                | Lstm -> o
                | _ -> { o with Cell = Rnn })
            cases

    /// The cases as of a rule with directions, which are clipped, modulated and decay.
    let directed (cases: Arbitrary<NetworkCase>) =
        where
            (fun o ->
                if o.Rule.LearnsBiases then
                    o
                else
                    { o with
                        Rule =
                            if o.Hidden % 2 = 0 then
                                Rules.Hebbian.rule
                            else
                                Rules.Gradient.rule
                    })
            cases

    let network (c: NetworkCase) = Network.create c.Options
    let program (c: NetworkCase) = Lowering.program (network c).Step

    /// Numbers of float32, so that every executor starts from the same ones.
    let private uniform (seed: int) (purpose: string) count (low: float) (high: float) =
        let stream = RandomStream(Philox.key seed purpose, 0L, 0)
        Array.init count (fun _ -> float (float32 (stream.Uniform(low, high))))

    /// A parameter's values: not where training starts but somewhere on its way.
    let parameter (c: NetworkCase) (p: Parameter) : float[] =
        let draw = uniform c.Seed p.Name p.Size

        match p.Initial with
        | Initial.Uniform bound when p.Name.EndsWith ".alpha" -> draw -bound bound
        | Initial.Uniform bound -> draw (-c.Gain * bound) (c.Gain * bound)
        | Initial.Normal deviation -> draw (-c.Gain * deviation) (c.Gain * deviation)
        | Initial.Fill 0.0 -> draw -0.3 0.3
        | Initial.Fill value -> draw (0.5 * value) (1.5 * value)

    /// The values of every parameter, in the Program's order.
    let parameters (c: NetworkCase) (program: StepProgram) : float[][] =
        program.Parameters |> Array.map (parameter c)

    /// A batch for the network; about a third of the steps have no target.
    let batch (c: NetworkCase) : Batch =
        let o, steps, count = c.Options, c.Steps, c.Options.Batch
        let draw purpose length low high = uniform c.Seed purpose length low high
        let counted = draw "weight" steps -0.5 1.0 |> Array.map (max 0.0)

        Batch(
            count,
            steps,
            o.Inputs,
            o.Outputs,
            draw "input" (count * steps * o.Inputs) -1.0 1.0,
            draw "target" (count * steps * o.Outputs) -1.0 1.0,
            counted
        )

    /// The network's Program, parameters and batch.
    let setUp (c: NetworkCase) =
        let program = program c
        program, parameters c program, batch c

    /// The case in the reference interpreter.
    let run (c: NetworkCase) wantGradient : Episode =
        let program, parameters, batch = setUp c
        Interpreter.run program parameters batch wantGradient

    /// One step more to read: the η that was left after clipping.
    let withRate (n: Network) =
        match n.Step.Synapses |> List.tryPick _.Update with
        | Some update ->
            { n.Step with
                Outputs = ("rate", update.Rate) :: n.Step.Outputs
            }
        | None -> n.Step

    /// Whether the norm of some step's directions exceeds its bound.
    let isNormClipped (c: NetworkCase) =
        c.Options.Rule.LearnsBiases
        && (let program = Lowering.program (withRate (network c))
            let episode = Interpreter.run program (parameters c program) (batch c) false
            Array.exists2 (<) (episode.Outputs["rate"]) (episode.Outputs["eta"]))

    /// How far element k of a bounded synapse's F, of the first sample or any other, may go.
    let limitOf (parameters: float[][]) (s: ProgramSynapse) k =
        if s.Bound.IsOnTrace && s.Alpha.HasValue then
            let alpha = parameters[s.Alpha.Value]
            abs alpha[k % alpha.Length] * s.Bound.Limit
        else
            s.Bound.Limit

    /// Whether some fast weight, or the trace that it is α times of, ends at its bound.
    let isWeightClipped (c: NetworkCase) (episode: Episode) =
        let program, parameters, _ = setUp c

        program.Synapses
        |> Seq.filter (fun s -> s.Bound <> Bound.Free)
        |> Seq.exists (fun s ->
            episode.FastWeights[s.Matrix.Name]
            |> Array.indexed
            |> Array.exists (fun (k, f) -> f <> 0.0 && abs f = limitOf parameters s k))
