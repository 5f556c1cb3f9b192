namespace Plastic.Core

open System
open System.Collections.Generic

/// How the learning rate α of each connection starts, and whether it is trained.
[<RequireQualifiedAccess>]
type AlphaMode =
    /// α = 1 everywhere, not trained.
    | Fixed
    /// Trained from 1.
    | Uniform
    /// Trained from −1.
    | NegativeUniform
    /// Trained from U(−k, k), element by element; k is the rule's AlphaSpread, 1 as published by Duan et al.
    | Random
    /// One α for all connections of a layer and one for its biases, each trained from U(−k, k). Not with a bounded trace.
    | Shared

/// Where W, b and α start.
[<RequireQualifiedAccess>]
type Start =
    /// W and b ~ U(−k, k), k = scale/√m, and α by its mode (Duan et al. 2023, appendix A).
    | Scaled
    /// W, b and whatever of α is random ~ N(0, deviation²) (Miconi 2016).
    | Normal of deviation: float

/// What the network is trained to make small, at the steps that count.
type Loss =
    /// Mean over the outputs of (y − target)².
    | MeanSquaredError
    /// Sum over the outputs of (y − target)².
    | SquaredError
    /// −Σ target·log softmax(y).
    | CrossEntropy

/// Over what the inner loss is averaged besides the outputs.
type InnerLossMean =
    /// Over the batch, as published: directions shrink as 1/B, so training and evaluation must share one batch size.
    | OverBatch
    /// Over nothing else: each sample has its own inner loss, whatever the batch.
    | PerSample

/// Raised when options describe no network; the message has one line per fault.
[<Sealed>]
type OptionsException(faults: string seq) =
    inherit ArgumentException(String.Join("; ", faults))
    /// What is wrong, one line each.
    member _.Faults = faults

/// Every choice of a network: those of Duan et al. 2023 (section 3 and appendix A), and of Miconi 2016 and what followed. From
/// C#, start from NetworkOptions.Default and set what differs.
[<CLIMutable>]
type NetworkOptions =
    {
        /// The cell: which layers there are and how they are wired.
        Cell: Cell
        /// How the plastic layers learn within an episode.
        Rule: Rule
        /// Length of the input vector.
        Inputs: int
        /// Hidden units H.
        Hidden: int
        /// Length of the prediction y.
        Outputs: int
        /// Outputs beyond y: the inner loss reads them, and they are part of the output layer's post.
        Extra: int
        /// Whether a last output m drives plasticity: η and λ by 2σ(m), or M = tanh m.
        Modulation: bool
        /// How the learning rates α start, and whether they are trained.
        Alpha: AlphaMode
        /// What the rules' settings hold, as declared where nothing else is given; each rule reads its own. From C#, With.
        RuleValues: RuleValues
        /// Layer norm of h (eps 1e-5), with trained weight and bias; of recurrent cells.
        LayerNorm: bool
        /// Whether an RNN or LSTM has an input layer, e = relu(input(x)); without one e = x, as behind an encoder (Duan et al. 2023,
        /// few-shot classification).
        InputLayer: bool
        /// Whether layers have biases.
        Biases: bool
        /// W and b stay at their initial values (a random network); the rest trains.
        FrozenWeights: bool
        /// Where W, b and a random α start.
        Start: Start
        /// What training makes small.
        Loss: Loss
        /// Over what the inner loss is averaged.
        InnerLoss: InnerLossMean
        /// Episodes in a batch B.
        Batch: int
    }

    /// The published defaults: RNN, gradient rule, 128 units, batch of 64.
    static member Default =
        {
            Cell = Rnn
            Rule = Rules.Gradient.rule
            Inputs = 16
            Hidden = 128
            Outputs = 1
            Extra = 4
            Modulation = true
            Alpha = AlphaMode.Random
            RuleValues = RuleValues.Default
            LayerNorm = false
            InputLayer = true
            Biases = true
            FrozenWeights = false
            Start = Start.Scaled
            Loss = MeanSquaredError
            InnerLoss = OverBatch
            Batch = 64
        }

    /// All outputs of the network, D = outputs + extra + 1 if modulated.
    member internal o.FullOutputs = o.Outputs + o.Extra + (if o.Modulation then 1 else 0)

    /// The units: hidden ones, or the outputs where there are no others; an attractor's are its outputs, or its inputs where those
    /// are more.
    member o.Units =
        match o.Cell with
        | Rnn
        | Lstm
        | TwoLayer -> o.Hidden
        | SingleLayer -> o.FullOutputs
        | Attractor -> max o.Inputs o.FullOutputs
        | Prototypes -> max 0 (o.Inputs - o.Outputs)

    /// What a setting of a rule holds: a number (infinity for no bound), or whether a switch is on.
    member o.Value(setting: RuleSetting<'T>) : 'T = o.RuleValues.Value setting

    /// The same options with another value of a rule's setting; its range is checked with the rest, by Faults.
    member o.With(setting: RuleSetting<'T>, value: 'T) : NetworkOptions =
        { o with
            RuleValues = o.RuleValues.With(setting, value)
        }

    member private o.Setting(name: string) : RuleSetting =
        let known = o.Rule.Settings @ Registry.settings

        match known |> List.tryFind (fun setting -> setting.Name = name) with
        | Some setting -> setting
        | None ->
            let names = String.Join(", ", known |> List.map _.Name |> List.distinct)
            invalidArg (nameof name) $"no rule has a setting '{name}'; the settings are {names}"

    /// The same options with another number or bound (infinity for none) of a rule's setting, by its name, of the rule in these
    /// options or of one in the registry. Raises ArgumentException for an unknown name and for a switch.
    member o.With(name: string, value: float) : NetworkOptions =
        { o with
            RuleValues = o.RuleValues.Set(o.Setting name, RuleValue.Number value)
        }

    /// The same options with a switch of a rule on or off, by its name. Raises ArgumentException for an unknown name and for a
    /// number.
    member o.With(name: string, value: bool) : NetworkOptions =
        { o with
            RuleValues = o.RuleValues.Set(o.Setting name, RuleValue.Switch value)
        }

    /// What a number or bound of a rule holds, by its name; infinity for no bound. Raises ArgumentException for an unknown name
    /// and for a switch.
    member o.Number(name: string) : float =
        match o.RuleValues.Get(o.Setting name) with
        | RuleValue.Number x -> x
        | RuleValue.Switch _ -> invalidArg (nameof name) $"{name} is a switch"

    /// Whether a switch of a rule is on, by its name. Raises ArgumentException for an unknown name and for a number.
    member o.IsOn(name: string) : bool =
        match o.RuleValues.Get(o.Setting name) with
        | RuleValue.Switch on -> on
        | RuleValue.Number _ -> invalidArg (nameof name) $"{name} is a number"

    /// What is wrong with the options, one line each; empty when they describe a network.
    member o.Faults: IReadOnlyList<string> =
        let atLeast low name value =
            if value < low then
                [ $"{name} must be at least {low}, not {value}" ]
            else
                []

        [
            yield! atLeast 1 "inputs" o.Inputs
            yield! atLeast 1 "hidden" o.Hidden
            yield! atLeast 1 "outputs" o.Outputs
            yield! atLeast 0 "extra" o.Extra
            yield! atLeast 1 "batch" o.Batch
            yield! o.RuleValues.Faults

            match o.Start with
            | Start.Normal deviation when not (deviation > 0.0 && Double.IsFinite deviation) ->
                yield $"the standard deviation of the initial values must be a number > 0, not {deviation}"
            | _ -> ()

            if o.Rule.NeedsModulator && not o.Modulation then
                yield $"rule {o.Rule.Name} is driven by the network's last output, so modulation must be on"

            match o.Rule.TraceBound with
            | Some bound when o.Alpha = AlphaMode.Shared && Double.IsFinite(o.Value bound) ->
                yield
                    $"one α per layer cannot be combined with the bounded traces of {o.Rule.Name}: choose another alpha, or no bound ({bound.Name})"
            | _ -> ()

            match o.Cell with
            | SingleLayer
            | TwoLayer
            | Attractor ->
                if o.LayerNorm then
                    yield "layer norm applies to h of an RNN or LSTM only"

                if not o.InputLayer then
                    yield "only an RNN or LSTM can be without an input layer"
            | Prototypes ->
                if o.Inputs <= o.Outputs then
                    yield
                        $"prototypes need more inputs than outputs: features, and a label for each of {o.Outputs} outputs"

                if o.Rule.IsPlastic then
                    yield $"prototypes have no layers that {o.Rule.Name} could change: choose the rule none"

                if o.LayerNorm then
                    yield "layer norm applies to h of an RNN or LSTM only"
            | Rnn
            | Lstm -> ()
        ]
