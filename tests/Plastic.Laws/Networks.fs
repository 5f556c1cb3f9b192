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

        $"{o.Rule.Name} {o.Cell} inputs {o.Inputs} hidden {o.Hidden} outputs {o.Outputs} extra {o.Extra} modulation "
        + $"{o.Modulation} alpha {o.Alpha} p_lr {o.InnerLearningRate} p_wd {o.InnerWeightDecay} norm ≤ {o.MaxInnerNorm} "
        + $"|F| ≤ {o.WeightClip} layer norm {o.LayerNorm} frozen {o.FrozenWeights} {o.InnerLoss} batch {o.Batch} "
        + $"steps {c.Steps} seed {c.Seed} gain {c.Gain}"

    override c.ToString() = c.Description

/// Generators of networks, and the numbers that go with them.
[<RequireQualifiedAccess>]
module Networks =
    let private size =
        Gen.frequency
            [
                6, Gen.choose (1, 6)
                2, Gen.choose (7, 20)
                1, Gen.elements [ 16; 17; 31; 33 ]
            ]

    let private boolean = Gen.elements [ false; true ]

    let private generate hidden =
        gen {
            let! rule = Gen.elements Registry.rules
            let! cell = Gen.elements [ Rnn; Lstm ]
            let! inputs = hidden
            let! hidden = hidden
            let! outputs = Gen.choose (1, 3)
            let! extra = Gen.choose (0, 4)
            let! modulation = boolean
            let! alpha = Gen.elements [ Fixed; AlphaMode.Uniform; NegativeUniform; Random ]
            let! decay = Gen.elements [ 0.0; 0.1; 0.4 ]
            let! norm = Gen.elements [ 1e-3; 0.05; 1.0; 100.0; infinity ]
            // Large steps without a bound make an episode explode.
            let! rate = Gen.elements (if norm > 1.0 then [ 0.05; 0.1 ] else [ 0.1; 0.5; 1.0 ])
            let! clip = Gen.elements [ 1e-3; 0.05; infinity; infinity ]
            let! layerNorm = boolean
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
                            InnerLearningRate = rate
                            InnerWeightDecay = decay
                            MaxInnerNorm = norm
                            WeightClip = clip
                            LayerNorm = layerNorm
                            FrozenWeights = frozen
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
                o.Cell <> Rnn, { o with Cell = Rnn }
                o.Modulation, { o with Modulation = false }
                o.LayerNorm, { o with LayerNorm = false }
                o.FrozenWeights, { o with FrozenWeights = false }
                o.Alpha <> Fixed, { o with Alpha = Fixed }
                o.InnerWeightDecay > 0.0, { o with InnerWeightDecay = 0.0 }
                Double.IsFinite o.MaxInnerNorm, { o with MaxInnerNorm = infinity }
                Double.IsFinite o.WeightClip, { o with WeightClip = infinity }
            ]
            |> List.filter fst
            |> List.map snd

        seq {
            for v in fewer 1 c.Steps -> { c with Steps = v }
            for o in options @ plainer -> { c with Options = o }
        }

    let private sizes hidden =
        Arb.fromGenShrink (generate hidden, simpler)

    /// Networks of up to 33 units.
    let any = sizes size

    /// Networks of up to 4 units, for laws that do much with each.
    let small = sizes (Gen.choose (1, 4))

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
        Arb.filter (fun c -> c.Options.Rule.Directions.IsSome) cases

    let network (c: NetworkCase) = Network.create c.Options
    let program (c: NetworkCase) = Lowering.program (network c).Step

    /// Numbers of float32, so that every executor starts from the same ones.
    let private uniform (seed: int) (purpose: string) count (low: float) (high: float) =
        let stream = Stream(Philox.key seed purpose, 0L, 0)
        Array.init count (fun _ -> float (float32 (stream.Uniform(low, high))))

    /// A parameter's values: not where training starts but somewhere on its way.
    let parameter (c: NetworkCase) (p: Parameter) : float[] =
        let draw = uniform c.Seed p.Name p.Size

        match p.Initial with
        | Initial.Uniform bound when p.Name.EndsWith ".alpha" -> draw -bound bound
        | Initial.Uniform bound -> draw (-c.Gain * bound) (c.Gain * bound)
        | Fill 0.0 -> draw -0.3 0.3
        | Fill value -> draw (0.5 * value) (1.5 * value)

    /// The values of every parameter, in the Program's order.
    let parameters (c: NetworkCase) (program: Program) : float[][] =
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
        c.Options.Rule.Directions.IsSome
        && (let program = Lowering.program (withRate (network c))
            let episode = Interpreter.run program (parameters c program) (batch c) false
            Array.exists2 (<) (episode.Outputs["rate"]) (episode.Outputs["eta"]))

    /// Whether some fast weight ends at its bound.
    let isWeightClipped (c: NetworkCase) (episode: Episode) =
        episode.FastWeights.Values
        |> Seq.exists (Array.exists (fun f -> abs f = c.Options.WeightClip))
