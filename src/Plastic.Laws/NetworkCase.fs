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
        /// What the network is, the size B of its batch included.
        Options: NetworkOptions
        /// Time steps T of an episode, ≥ 1.
        Steps: int
        /// Decides parameters and batch.
        Seed: int
        /// How far weights and biases reach, in units of their initial bound, > 0.
        Gain: float
        /// The data whose gradient is wanted, of "input", "target" and "weight".
        Through: string list
    }

    /// All of it on one line.
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
        + $"layer norm {o.LayerNorm} input layer {o.InputLayer} biases {o.Biases} frozen {o.FrozenWeights} {o.Start} {o.Loss} {o.InnerLoss} batch {o.Batch} "
        + $"steps {c.Steps} seed {c.Seed} gain {c.Gain} through {c.Through}"

    override c.ToString() = c.Description

/// How random networks are drawn, and how they become smaller.
[<RequireQualifiedAccess>]
module internal NetworkGenerator =
    /// Sizes of layers: small ones, and some that fill one or two vectors of lanes, or not quite.
    let size =
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

    let generate (rules: Rule list) hidden =
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

            let! inputLayer =
                match cell with
                | Rnn
                | Lstm -> Gen.frequency [ 3, Gen.constant true; 1, Gen.constant false ]
                | _ -> Gen.constant true

            let! through = Gen.elements [ []; [ "input" ]; [ "input"; "target"; "weight" ] ]

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
                            InputLayer = inputLayer
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
                    Through = through
                }
        }

    /// Every way to make a case simpler by one choice.
    let simpler (c: NetworkCase) =
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
                not o.InputLayer, { o with InputLayer = true }
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
            for v in fewer 1 c.Steps do
                yield { c with Steps = v }

            if not c.Through.IsEmpty then
                yield { c with Through = [] }

            for o in options @ plainer do
                yield { c with Options = o }
        }
