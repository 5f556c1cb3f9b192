namespace Plastic.Core

open System
open System.Collections.Generic

/// A network ready to run: from options to what executors run and to initial parameters; with an image encoder before it, or without
/// one. The constructor raises OptionsException if the options are invalid, and ArgumentException or ShapeException if the rule returns
/// something that does not fit the layers.
///
/// With an encoder, the first 3·side² inputs of a step are an image [3, side, side]. Its features take their place, so the options'
/// inputs are the features and whatever other inputs there are. The encoder's buffers count as parameters that are not trained.
[<Sealed>]
type PlasticNetwork(options: NetworkOptions, encoder: Encoder) =
    do
        if not (isNull encoder) && options.Inputs < encoder.Features then
            raise (
                OptionsException
                    [
                        $"inputs must be at least the encoder's {encoder.Features} features, not {options.Inputs}"
                    ]
            )

    let network = Network.create options
    let program = Lowering.program network.Step
    let through = lazy (Lowering.through [ "input" ] network.Step)
    let gated = lazy (Lowering.program (Gates.step network.Step))

    let parameters: Parameter[] =
        [|
            yield! program.Parameters

            if not (isNull encoder) then
                yield! encoder.Parameters

                for b in encoder.Buffers do
                    {
                        Name = b.Name
                        Shape = [| b.Size |]
                        Trained = false
                        Initial = Initial.Fill b.Initial
                    }
        |]

    let readOnly (entries: (string * int) seq) =
        entries |> dict |> Dictionary :> IReadOnlyDictionary<string, int>

    /// A network without an encoder.
    new(options: NetworkOptions) = PlasticNetwork(options, null)

    /// The options it was built from.
    member _.Options = options
    /// The encoder before it; null if there is none.
    member _.Encoder = encoder
    /// The step that describes it.
    member internal _.Step = network.Step
    /// What executors run; of a network with an encoder, the part behind it.
    member _.Program = program

    /// Length of the input of a step.
    member _.Inputs =
        if isNull encoder then
            options.Inputs
        else
            options.Inputs - encoder.Features + EncodedInput.pixels encoder

    /// The Program without named outputs: all that the loss and its gradient depend on. Two networks whose loss programs and
    /// parameters are equal train alike.
    member _.LossProgram: StepProgram = Lowering.program { network.Step with Outputs = [] }

    /// The Program that also computes the gradient of the loss with respect to the input, [B, T, inputs], so that what made the input
    /// can be trained. Its forward list is Program's; gradients of parameters may differ from Program's in their last bits.
    member _.ProgramThroughInput: StepProgram = through.Value

    /// The Program for batches under interventions (Under), and for no others. Its outputs are Program's, and "loss" [B, T, 1]: the share
    /// of each step of each episode in the batch's loss.
    member _.ProgramUnderInterventions: StepProgram = gated.Value

    /// A batch on which ProgramUnderInterventions runs the network with all of these interventions; of a network with an encoder, the
    /// batch behind it. With none of them the results are exactly Program's. Raises ArgumentException where one names no plastic
    /// layer, or a step before the first.
    member _.Under(batch: Batch, [<ParamArray>] interventions: Intervention[]) : Batch =
        batch.Gated(Gates.values network.Step batch.Steps interventions)

    /// Names, shapes and initial distributions of the parameters: the Program's, in its order, then the encoder's, then its buffers.
    member _.Parameters: IReadOnlyList<Parameter> = parameters

    /// The synapses with fast weights, in the order of the layers. Episode.FastWeights has an array for each, by name.
    member _.PlasticSynapses: IReadOnlyList<Matrix> =
        [|
            for s in program.Synapses do
                if s.IsPlastic then
                    s.Matrix
        |]

    /// The lengths of the vectors that are carried from step to step, by name: h, c, and the fast biases f of each layer as
    /// "layer.bias.fast". Episode.States has an array for each.
    member _.States: IReadOnlyDictionary<string, int> =
        readOnly [ for s in program.States -> s.Name, s.Length ]

    /// Initial values, one array per parameter, row-major; the same seed gives the same values.
    member _.InitialValues(seed: int64) : float[][] = Initialise.all seed parameters

    /// Runs a batch in the reference (float64). `parameters` as from InitialValues. An encoder runs in training, with the drops of seed
    /// 0, where a gradient is wanted, and else in evaluation. Raises ShapeException if a parameter, or the batch's size or widths, do not
    /// fit the network.
    member this.RunReference(parameters: float[][], batch: Batch, wantGradient: bool) : Episode =
        this.RunReference(parameters, batch, wantGradient, KeyedDrops 0L)

    /// The same, with what the encoder drops.
    member this.RunReference(values: float[][], batch: Batch, wantGradient: bool, drops: IEncoderDrops) : Episode =
        if isNull encoder then
            Interpreter.run program values batch wantGradient
        else
            if values.Length <> parameters.Length then
                raise (ShapeException("parameters", $"{parameters.Length} arrays", string values.Length))

            if batch.Inputs <> this.Inputs then
                raise (ShapeException("batch input", $"{this.Inputs} numbers a step", string batch.Inputs))

            let own = program.Parameters.Length
            let trained = own + encoder.Parameters.Count
            let mutable episode = Unchecked.defaultof<Episode>
            let mutable input = Array.empty

            let result =
                EncoderReference.Run(
                    encoder,
                    values[own .. trained - 1],
                    values[trained..],
                    EncodedInput.images encoder batch,
                    batch.Steps,
                    (if wantGradient then
                         EncoderMode.Training
                     else
                         EncoderMode.Evaluation),
                    drops,
                    fun features ->
                        input <- EncodedInput.input encoder batch features
                        let inner = EncodedInput.batch batch input

                        if wantGradient then
                            episode <- Interpreter.run through.Value values[.. own - 1] inner true
                            EncodedInput.featureBars encoder batch episode.InputGradients["input"]
                        else
                            episode <- Interpreter.run program values[.. own - 1] inner false
                            Array.zeroCreate features.Length
                )

            let gradients =
                if wantGradient then
                    Array.concat
                        [
                            episode.Gradients
                            result.Gradients
                            result.Buffers |> Array.map (fun b -> Array.zeroCreate b.Length)
                        ]
                else
                    [||]

            episode.Encoded(input, gradients, result.Buffers)
