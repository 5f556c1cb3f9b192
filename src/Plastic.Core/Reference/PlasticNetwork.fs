namespace Plastic.Core

open System.Collections.Generic

/// A network ready to run: from options to what executors run and to initial parameters. The constructor raises
/// OptionsException if the options are invalid, and ArgumentException or ShapeException if the rule returns something that
/// does not fit the layers.
[<Sealed>]
type PlasticNetwork(options: NetworkOptions) =
    let network = Network.create options
    let program = Lowering.program network.Step

    let readOnly (entries: (string * int) seq) =
        entries |> dict |> Dictionary :> IReadOnlyDictionary<string, int>

    /// The options it was built from.
    member _.Options = options
    /// The step that describes it.
    member internal _.Step = network.Step
    /// What executors run.
    member _.Program = program

    /// The Program without named outputs: all that the loss and its gradient depend on. Two networks whose loss programs and
    /// parameters are equal train alike.
    member _.LossProgram: StepProgram = Lowering.program { network.Step with Outputs = [] }

    /// The Program that also computes the gradient of the loss with respect to the input, [B, T, inputs], so that what made the input
    /// can be trained. Its forward list is Program's; gradients of parameters may differ from Program's in their last bits.
    member _.ProgramThroughInput: StepProgram = Lowering.through [ "input" ] network.Step

    /// Names, shapes and initial distributions of the parameters, in the Program's order.
    member _.Parameters: IReadOnlyList<Parameter> = program.Parameters

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
    member _.InitialValues(seed: int64) : float[][] = Initialise.all seed program.Parameters

    /// Runs a batch in the reference interpreter (float64). `parameters` as from InitialValues. Raises ShapeException if a
    /// parameter, or the batch's size or widths, do not fit the network.
    member _.RunReference(parameters: float[][], batch: Batch, wantGradient: bool) : Episode =
        Interpreter.run program parameters batch wantGradient
