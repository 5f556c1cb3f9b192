namespace Plastic.Settings

open System
open Plastic.Core
open Plastic.Tasks

/// The network that settings describe.
[<RequireQualifiedAccess>]
module RunNetwork =
    /// The task of the settings.
    let task (settings: RunSettings) : Task =
        match settings.Library.TryTask settings.Task with
        | Some task -> task
        | None -> invalidArg (nameof settings) $"no task is called {settings.Task}"

    /// The rule of the settings.
    let rule (settings: RunSettings) : Rule =
        match settings.Library.TryRule settings.Rule with
        | Some rule -> rule
        | None -> invalidArg (nameof settings) $"no rule is called {settings.Rule}"

    let private episodes (settings: RunSettings) =
        (task settings).Episodes settings.Episode

    /// The inputs of a step beside its image.
    let private others (episodes: Episodes) =
        episodes.Inputs - 3 * episodes.ImageSide * episodes.ImageSide

    /// The encoder of the images that steps start with; null for none.
    let encoder (settings: RunSettings) : Encoder =
        match settings.Encoder with
        | ValueNone -> null
        | ValueSome kind ->
            let episodes = episodes settings

            Encoder
                {
                    Kind = kind
                    Widths = EncoderOptions.WidthsOf(kind, settings.EncoderWidth)
                    Side = episodes.ImageSide
                    Projection = settings.Hidden - others episodes
                    Drops = true
                }

    /// What is wrong with the settings of an encoder.
    let internal encoderFaults (settings: RunSettings) =
        [
            if settings.Encoder.IsSome then
                let episodes = episodes settings
                let side, others = episodes.ImageSide, others episodes

                if side = 0 then
                    Conflict $"encoder must be none: the task {settings.Task} has no images"
                elif side < 16 then
                    Conflict
                        $"encoder must be none: the images of {settings.Task} are {side} pixels wide; an encoder needs 16"
                elif settings.Hidden <= others then
                    Conflict
                        $"hidden must be more than {others}: the encoder's features and {others} other inputs are hidden numbers in all"
                elif
                    settings.EncoderWarmup > 0
                    && (others <> episodes.Outputs || (task settings).Loss <> CrossEntropy)
                then
                    Conflict
                        $"encoder_warmup must be 0: it trains prototypes of classes, and the steps of {settings.Task} are not an image and its label"
        ]

    /// The options from which Plastic.Core builds the network.
    let options (settings: RunSettings) : NetworkOptions =
        let episodes = episodes settings
        let hasEncoder = settings.Encoder.IsSome

        {
            Cell = settings.Cell
            Rule = rule settings
            Inputs = (if hasEncoder then settings.Hidden else episodes.Inputs)
            Hidden = settings.Hidden
            Outputs = episodes.Outputs
            Extra = settings.Extra
            Modulation = settings.Modulation
            Alpha = settings.Alpha
            RuleValues = settings.RuleValues
            LayerNorm = settings.LayerNorm
            Biases = settings.Biases
            InputLayer = not hasEncoder
            FrozenWeights = settings.FrozenWeights
            Start =
                if Double.IsPositiveInfinity settings.InitialDeviation then
                    Start.Scaled
                else
                    Start.Normal settings.InitialDeviation
            Loss = (task settings).Loss
            InnerLoss = settings.InnerLoss
            Batch = settings.Batch
        }

    /// The network of the settings, with its encoder.
    let create (settings: RunSettings) : PlasticNetwork =
        PlasticNetwork(options settings, encoder settings)

    /// The prototypical network with the same encoder, which trains it before the first step.
    let prototypes (settings: RunSettings) : PlasticNetwork =
        create
            { settings with
                Cell = Prototypes
                Rule = Rules.None.rule.Name
                LayerNorm = false
            }
