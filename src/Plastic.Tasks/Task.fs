namespace Plastic.Tasks

open System
open Plastic.Core

/// A metric in addition to the loss, for tasks whose loss does not tell everything: its name in words, and its mean over a batch, of the
/// outputs [B, T, outputs].
[<Sealed; AllowNullLiteral>]
type Measure(name: string, ofBatch: Func<Batch, float[], float>, decides: bool, chance: float) =
    /// A metric that decides nothing.
    new(name: string, ofBatch: Func<Batch, float[], float>) = Measure(name, ofBatch, false, nan)

    /// The place of the largest of some scores, the first of equals: the label that they answer with.
    static member Likeliest(scores: ReadOnlySpan<float>) : int =
        let mutable likeliest = 0

        for k in 1 .. scores.Length - 1 do
            if scores[k] > scores[likeliest] then
                likeliest <- k

        likeliest

    /// What guessing gives; NaN where that is not known.
    member _.Chance = chance
    /// Whether the best weights are those of the validation with the largest value of it; else those of the lowest loss.
    member _.Decides = decides
    /// Its name, in words.
    member _.Name = name
    /// The mean over a batch, of the outputs [B, T, outputs].
    member _.Of(batch: Batch, outputs: float[]) : float = ofBatch.Invoke(batch, outputs)

/// Draws one episode under the settings that the task reads: writes its input [steps × inputs] and target [steps × outputs], row by
/// row. Every element has to be written, and nothing else may be read or kept, for the episode to depend on the stream alone.
type EpisodeDraw =
    delegate of
        settings: EpisodeSettings * stream: RandomStream * input: ArraySegment<float> * target: ArraySegment<float> ->
            unit

/// What a network is trained to do. From C#, start from Task.Create.
[<NoComparison; NoEquality>]
type Task =
    {
        /// As on the command line.
        Name: string
        /// One line for lists.
        Summary: string
        /// In words: the loss that guessing gives, or the least that any network can reach.
        Floor: string
        /// The published network and training, as settings of a run and their texts; the others have their defaults.
        Published: (string * string) list
        /// What training makes small.
        Loss: Loss
        /// Null if the loss is enough.
        Measure: Measure
        /// The settings of its own that the task reads.
        Reads: string list
        /// The size of one episode's input, or of its target if that is larger.
        Size: EpisodeSettings -> int64
        /// The loss of the best guess that remembers nothing.
        Chance: EpisodeSettings -> float
        /// A loss that no network goes below: 0 where no higher one is known.
        LeastLoss: EpisodeSettings -> float
        /// The episodes under a run's settings.
        Episodes: EpisodeSettings -> Episodes
    }

    /// A task for C#, whose steps all count the same in the loss. `chance` is the loss of the best guess that remembers nothing.
    /// Raises ArgumentException unless inputs, outputs and steps are at least 1.
    static member Create
        (
            name: string,
            summary: string,
            loss: Loss,
            inputs: int,
            outputs: int,
            steps: int,
            chance: float,
            draw: EpisodeDraw
        ) : Task =
        if inputs < 1 || outputs < 1 || steps < 1 then
            invalidArg (nameof steps) "inputs, outputs and steps must be at least 1"

        {
            Name = name
            Summary = summary
            Floor = $"guessing gives {chance:G4}"
            Published = []
            Loss = loss
            Measure = null
            Reads = []
            Size = fun _ -> int64 steps * int64 (max inputs outputs)
            Chance = fun _ -> chance
            LeastLoss = fun _ -> 0.0
            Episodes =
                fun settings ->
                    Episodes(
                        inputs,
                        outputs,
                        steps,
                        (fun _ -> 1.0 / float steps),
                        fun stream input target -> draw.Invoke(settings, stream, input, target)
                    )
        }

    /// The same task with another default of a run's setting: `With("hidden", "32")`.
    member task.With(setting: string, text: string) : Task =
        { task with
            Published = task.Published @ [ setting, text ]
        }

    /// The same task, in which this is measured besides the loss.
    member task.Measuring(measure: Measure) : Task = { task with Measure = measure }

    /// The same task, which reads these settings of episodes, by their names on the command line: `Reading("noise")`.
    member task.Reading([<ParamArray>] settings: string[]) : Task =
        { task with
            Reads = task.Reads @ List.ofArray settings
        }

    /// The episodes under a run's settings, for C#.
    member task.EpisodesUnder(settings: EpisodeSettings) : Episodes = task.Episodes settings

    /// The same task under another name.
    member task.Named(name: string) : Task = { task with Name = name }

    /// The training data of a run: batch number = step.
    member task.TrainKey(seed: int64) : Key = Philox.key seed $"{task.Name} train"

    /// The validation data of a run, none of it used in training or testing.
    member task.ValidationKey(seed: int64) : Key =
        Philox.key seed $"{task.Name} validation"

    /// The test set: the same for every seed, rule and setting.
    member task.TestKey: Key = Philox.key 0L $"{task.Name} test"

    /// The most batches one validation may use.
    static member MostValidationBatches = Episodes.MostBatches

    /// The index of a batch of the validation at a training step: no two validations share a batch.
    static member ValidationStep(trainingStep: int64, index: int) : int64 =
        trainingStep * int64 Task.MostValidationBatches + int64 index
