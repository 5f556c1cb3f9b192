namespace Plastic.Laws

open FsCheck
open FsCheck.FSharp
open Plastic.Core

/// Random networks, and the numbers that go with them.
[<RequireQualifiedAccess>]
module Networks =
    let private sizes rules hidden =
        Arb.fromGenShrink (NetworkGenerator.generate rules hidden, NetworkGenerator.simpler)

    /// Networks of 1 to 33 inputs and hidden units, of every rule of the registry, every cell and option; batches of 1 to 5
    /// samples, episodes of 1 to 6 steps.
    let any: Arbitrary<NetworkCase> = sizes Registry.rules NetworkGenerator.size

    /// The same of one rule, which need not be in the registry.
    let ofRule (rule: Rule) : Arbitrary<NetworkCase> = sizes [ rule ] NetworkGenerator.size

    /// Networks of 1 to 4 inputs and hidden units, for laws that do much with each.
    let small: Arbitrary<NetworkCase> = sizes Registry.rules (Gen.choose (1, 4))

    /// The same of one rule, which need not be in the registry.
    let smallOfRule (rule: Rule) : Arbitrary<NetworkCase> = sizes [ rule ] (Gen.choose (1, 4))

    /// The cases with `change` applied to their options, when they are drawn and when they become smaller. Other cells than RNN and
    /// LSTM get back their input layer.
    let where (change: NetworkOptions -> NetworkOptions) (cases: Arbitrary<NetworkCase>) : Arbitrary<NetworkCase> =
        let changed (c: NetworkCase) =
            let o = change c.Options

            { c with
                Options =
                    { o with
                        InputLayer = o.InputLayer || (o.Cell <> Rnn && o.Cell <> Lstm)
                    }
            }

        // What `change` undoes is no simpler case, and would be shrunk to for ever.
        let shrink c =
            cases.Shrinker c
            |> Seq.map changed
            |> Seq.filter (fun simpler -> simpler.Description <> c.Description)

        Arb.fromGenShrink (Gen.map changed cases.Generator, shrink)

    /// The cases of networks that learn within the episode.
    let plastic (cases: Arbitrary<NetworkCase>) : Arbitrary<NetworkCase> =
        Arb.filter (fun c -> c.Options.Rule.IsPlastic) cases

    /// The cases as of an RNN or an LSTM with biases.
    let recurrent (cases: Arbitrary<NetworkCase>) : Arbitrary<NetworkCase> =
        where
            (fun o ->
                let o = { o with Biases = true }

                match o.Cell with
                | Rnn
                | Lstm -> o
                | _ -> { o with Cell = Rnn })
            cases

    /// The cases as of a rule with directions, which are clipped, modulated and decay.
    let internal directed (cases: Arbitrary<NetworkCase>) =
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

    /// The case's network.
    let internal network (c: NetworkCase) : Network = Network.create c.Options

    /// The Program of its step, with the gradients of the data that the case asks for.
    let program (c: NetworkCase) : StepProgram =
        Lowering.through c.Through (network c).Step

    /// Numbers of float32, so that every executor starts from the same ones.
    let private uniform (seed: int) (purpose: string) count (low: float) (high: float) =
        let stream = RandomStream(Philox.key seed purpose, 0L, 0)
        Array.init count (fun _ -> float (float32 (stream.Uniform(low, high))))

    /// A parameter's values.
    let internal parameter (c: NetworkCase) (p: Parameter) : float[] =
        let draw = uniform c.Seed p.Name p.Size

        match p.Initial with
        | Initial.Uniform bound when p.Name.EndsWith ".alpha" -> draw -bound bound
        | Initial.Uniform bound -> draw (-c.Gain * bound) (c.Gain * bound)
        | Initial.Normal deviation -> draw (-c.Gain * deviation) (c.Gain * deviation)
        | Initial.Fill 0.0 -> draw -0.3 0.3
        | Initial.Fill value -> draw (0.5 * value) (1.5 * value)

    /// The values of every parameter, in the Program's order, not where training starts but somewhere on its way; numbers of
    /// float32.
    let parameters (c: NetworkCase) (program: StepProgram) : float[][] =
        program.Parameters |> Array.map (parameter c)

    /// A batch for the network, inputs and targets from U(−1, 1); about a third of the steps have weight 0.
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
    let setUp (c: NetworkCase) : StepProgram * float[][] * Batch =
        let program = program c
        program, parameters c program, batch c

    /// What the batch gives in the reference interpreter.
    let run (c: NetworkCase) (wantGradient: bool) : Episode =
        let program, parameters, batch = setUp c
        Interpreter.run program parameters batch wantGradient

    /// One step more to read: the η that was left after clipping.
    let internal withRate (n: Network) =
        match n.Step.Synapses |> List.tryPick _.Update with
        | Some update ->
            { n.Step with
                Outputs = ("rate", update.Rate) :: n.Step.Outputs
            }
        | None -> n.Step

    /// Whether the norm of some step's directions exceeds its bound.
    let internal isNormClipped (c: NetworkCase) =
        c.Options.Rule.LearnsBiases
        && (let program = Lowering.program (withRate (network c))
            let episode = Interpreter.run program (parameters c program) (batch c) false
            Array.exists2 (<) (episode.Outputs["rate"]) (episode.Outputs["eta"]))

    /// How far element k of a bounded synapse's F, of the first sample or any other, may go.
    let internal limitOf (parameters: float[][]) (s: ProgramSynapse) k =
        if s.Bound.IsOnTrace && s.Alpha.HasValue then
            let alpha = parameters[s.Alpha.Value]
            abs alpha[k % alpha.Length] * s.Bound.Limit
        else
            s.Bound.Limit

    /// Whether some fast weight, or the trace that it is α times of, ends at its bound.
    let internal isWeightClipped (c: NetworkCase) (episode: Episode) =
        let program, parameters, _ = setUp c

        program.Synapses
        |> Seq.filter (fun s -> s.Bound <> Bound.Free)
        |> Seq.exists (fun s ->
            episode.FastWeights[s.Matrix.Name]
            |> Array.indexed
            |> Array.exists (fun (k, f) -> f <> 0.0 && abs f = limitOf parameters s k))
