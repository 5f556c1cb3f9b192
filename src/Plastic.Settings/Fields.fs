namespace Plastic.Settings

open System
open System.Runtime.CompilerServices
open Plastic.Core
open Plastic.Tasks
open FieldForms

/// Every setting, described once: the command line, `config --explain`, validation and config.json all read this table.
[<RequireQualifiedAccess>]
module internal Fields =
    /// The field, and which tasks read it, where it is not all.
    let private withTasks (library: Library) (field: Field) : Field =
        match library.Tasks |> List.filter (fun task -> List.contains field.Name task.Reads) with
        | [] -> field
        | tasks ->
            { field with
                Help = $"{field.Help} ({listed (tasks |> List.map _.Name)})"
            }

    /// Where a random α starts, rule by rule.
    let private alphaSpreads (library: Library) =
        let spreads =
            library.Rules
            |> List.filter _.IsPlastic
            |> List.groupBy _.AlphaSpread
            |> List.map (fun (k, rules) -> $"U(−{(Number k).Text}, {(Number k).Text}) ({namesOf rules})")

        String.Join(" or ", spreads)

    let private described (library: Library) (ofRules: RuleSetting list) : Field list =
        [
            name "task" (library.Tasks |> List.map _.Name) "the task to learn (plastic list tasks)" _.Task (fun s v ->
                { s with Task = v })
            number "noise" 0.0 1000.0 "standard deviation of the noise on the values shown" _.Episode.Noise (fun s v ->
                { s with Episode.Noise = v })
            whole "n" 1 1000 "number of elements in a sequence" _.Episode.SequenceLength (fun s v ->
                { s with Episode.SequenceLength = v })
            whole "delay" 0 10000 "steps between a sequence and its reproduction" _.Episode.Delay (fun s v ->
                { s with Episode.Delay = v })
            whole "K" 0 1000 "number of pairs shown" _.Episode.Pairs (fun s v -> { s with Episode.Pairs = v })
            choice
                "function"
                [ "linear", FunctionKind.Linear; "mlp", FunctionKind.Mlp ]
                "the random functions: affine of 12 variables, or two tanh units of 6"
                _.Episode.Function
                (fun s v -> { s with Episode.Function = v })
            whole "bits" 1 4096 "number of bits in a pattern" _.Episode.Bits (fun s v -> { s with Episode.Bits = v })
            whole "patterns" 1 1000 "number of patterns shown" _.Episode.Patterns (fun s v ->
                { s with Episode.Patterns = v })
            whole "cycles" 1 1000 "how many times each pattern is shown" _.Episode.Cycles (fun s v ->
                { s with Episode.Cycles = v })
            whole
                "shown"
                1
                1000
                "steps for which a pattern is shown, and for which it is tested"
                _.Episode.Shown
                (fun s v -> { s with Episode.Shown = v })
            whole "pause" 0 1000 "steps without input after a pattern" _.Episode.Pause (fun s v ->
                { s with Episode.Pause = v })
            choice
                "labels"
                [ "sorted", FewShotLabels.Sorted; "shuffled", FewShotLabels.Shuffled ]
                "which label each class of an episode has: its rank among them, as published, or any"
                _.Episode.Labels
                (fun s v -> { s with Episode.Labels = v })
            named
                "cell"
                [ for cell in Cell.All -> cell.Name, cell ]
                "the network: recurrent (RNN, LSTM, attractor), one or two layers (single, double), or nearest prototypes, without layers"
                _.Cell
                (fun s v -> { s with Cell = v })
            name
                "rule"
                (library.Rules |> List.map _.Name)
                "the rule by which fast weights change within an episode (plastic list rules)"
                _.Rule
                (fun s v -> { s with Rule = v })
            choice
                "encoder"
                (("none", ValueNone)
                 :: [ for kind in EncoderKind.All -> kind.Name, ValueSome kind ])
                "the encoder of images: its features and the other inputs are the input of an RNN or LSTM, hidden numbers in all"
                _.Encoder
                (fun s v -> { s with Encoder = v })
            whole "encoder_width" 1 1024 "channels of the encoder's first block" _.EncoderWidth (fun s v ->
                { s with EncoderWidth = v })
            whole
                "encoder_warmup"
                0
                100000000
                "updates that train the encoder alone, as a prototypical network, before the first step"
                _.EncoderWarmup
                (fun s v -> { s with EncoderWarmup = v })
            whole "hidden" 1 4096 "hidden units H (RNN, LSTM, double)" _.Hidden (fun s v -> { s with Hidden = v })
            whole
                "extra"
                0
                1024
                "extra outputs beyond the prediction, read by the inner loss and part of the output layer's post"
                _.Extra
                (fun s v -> { s with Extra = v })
            switch
                "modulation"
                $"the last output m modulates plasticity: η and λ by 2σ(m); M = tanh m ({namesOf (library.Rules |> List.filter _.NeedsModulator)})"
                _.Modulation
                (fun s v -> { s with Modulation = v })
            choice
                "alpha"
                [
                    "none", AlphaMode.Fixed
                    "uniform", AlphaMode.Uniform
                    "neg_uniform", AlphaMode.NegativeUniform
                    "random", AlphaMode.Random
                    "shared", AlphaMode.Shared
                ]
                $"the learning rate α: none = 1, not trained; uniform, neg_uniform, random = trained per connection from 1, −1, {alphaSpreads library}; shared = one per layer"
                _.Alpha
                (fun s v -> { s with Alpha = v })
            yield! ofRules |> List.map (ofRule library)
            switch "layer_norm" "apply layer norm to h" _.LayerNorm (fun s v -> { s with LayerNorm = v })
            switch "bias" "give the layers biases" _.Biases (fun s v -> { s with Biases = v })
            switch "random_network" "keep W and b at their initial values" _.FrozenWeights (fun s v ->
                { s with FrozenWeights = v })
            bound
                "init_sd"
                1e-15
                1e15
                "standard deviation of the initial W, b and α; none for the uniform defaults of each layer"
                _.InitialDeviation
                (fun s v -> { s with InitialDeviation = v })
            choice
                "inner_loss"
                [ "batch", OverBatch; "sample", PerSample ]
                "whether the inner loss is the mean over the batch (as published) or per sample"
                _.InnerLoss
                (fun s v -> { s with InnerLoss = v })
            whole "batch" 1 65536 "episodes per batch B, also for evaluation" _.Batch (fun s v -> { s with Batch = v })
            choice
                "optimiser"
                [ "adamw", OptimiserKind.AdamW; "rmsprop", OptimiserKind.RmsProp ]
                "the optimiser of the trained parameters"
                _.Optimiser
                (fun s v -> { s with Optimiser = v })
            number "lr" 0.0 10.0 "learning rate" _.LearningRate (fun s v -> { s with LearningRate = v })
            choice
                "schedule"
                [ "constant", Schedule.Constant; "cosine", Cosine ]
                "constant, or a cosine from lr to lr/10, updated every log_every steps"
                _.Schedule
                (fun s v -> { s with Schedule = v })
            number "weight_decay" 0.0 1.0 "weight decay of AdamW, on every trained parameter" _.WeightDecay (fun s v ->
                { s with WeightDecay = v })
            number "beta1" 0.0 0.999999 "decay rate of AdamW's average of the gradient" _.Beta1 (fun s v ->
                { s with Beta1 = v })
            number
                "beta2"
                0.0
                0.999999
                "decay rate of the average of the squared gradient, for both optimisers"
                _.Beta2
                (fun s v -> { s with Beta2 = v })
            switch "amsgrad" "AdamW divides by the largest average of the squared gradient so far" _.AmsGrad (fun s v ->
                { s with AmsGrad = v })
            number
                "epsilon"
                1e-15
                1.0
                "added to the divisor: outside the root for AdamW, inside for RMSprop"
                _.Epsilon
                (fun s v -> { s with Epsilon = v })
            bound "max_step" 1e-15 1e15 "bound on the step of each weight (rmsprop)" _.MaxStep (fun s v ->
                { s with MaxStep = v })
            number
                "l1"
                0.0
                1.0
                "amount by which each update reduces the magnitude of W and α (rmsprop)"
                _.PenaltyL1
                (fun s v -> { s with PenaltyL1 = v })
            number "l2" 0.0 1.0 "fraction by which each update reduces W and α (rmsprop)" _.PenaltyL2 (fun s v ->
                { s with PenaltyL2 = v })
            bound "max_grad_norm" 1e-15 1e15 "bound on the norm of the gradient" _.MaxGradientNorm (fun s v ->
                { s with MaxGradientNorm = v })
            whole "max_batch" 0 100_000_000 "index of the last training batch; the first is 0" _.MaxBatch (fun s v ->
                { s with MaxBatch = v })
            whole
                "freeze_last"
                0
                100_000_000
                "number of training batches at the end that change no weights; their mean loss is reported"
                _.FreezeLast
                (fun s v -> { s with FreezeLast = v })
            whole "validate_every" 1 100_000_000 "steps between validations" _.ValidateEvery (fun s v ->
                { s with ValidateEvery = v })
            whole
                "validation_batches"
                1
                Task.MostValidationBatches
                "fresh batches per validation"
                _.ValidationBatches
                (fun s v -> { s with ValidationBatches = v })
            whole
                "test_batches"
                1
                1_000_000
                "batches in the test set, the same for every run; a data set ends sooner"
                _.TestBatches
                (fun s v -> { s with TestBatches = v })
            whole "log_every" 1 100_000_000 "steps averaged in one line of metrics.jsonl" _.LogEvery (fun s v ->
                { s with LogEvery = v })
            whole64
                "seed"
                0L
                2147483647L
                "seed of the initial weights and of the training and validation data"
                _.Seed
                (fun s v -> { s with Seed = v })
        ]

    /// The names that rules' settings cannot have: those of the program's own.
    let own: string list = described Library.BuiltIn [] |> List.map _.Name

    /// The settings that tasks read.
    let ofTasks: string list =
        Library.BuiltIn.Tasks |> List.collect _.Reads |> List.distinct

    /// The program's own settings and those of rules. Raises InvalidOperationException where two have one name.
    let table (library: Library) (ofRules: RuleSetting list) : Field list =
        let fields = described library ofRules |> List.map (withTasks library)

        match fields |> List.countBy _.Name |> List.tryFind (fun (_, count) -> count > 1) with
        | Some(name, _) ->
            invalidOp $"a rule's setting cannot be called {name}: the program has a setting of that name already"
        | None -> fields

    let private tables = ConditionalWeakTable<Library, Field list>()

    /// All settings of runs whose rules and tasks are those of a library, in the order of config.json.
    let ofLibrary (library: Library) : Field list =
        tables.GetValue(library, (fun library -> table library library.Settings))

    /// All settings, without those of rules from files.
    let all: Field list = ofLibrary Library.BuiltIn

    /// The setting of that name, or a fault with the closest name.
    let find (library: Library) (name: string) : Result<Field, Fault> =
        let fields = ofLibrary library

        match fields |> List.tryFind (fun field -> field.Name = name) with
        | Some field -> Ok field
        | None -> Error(UnknownKey(name, Nearest.find (fields |> List.map _.Name) name))
