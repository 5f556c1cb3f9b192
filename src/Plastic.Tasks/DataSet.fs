namespace Plastic.Tasks

open System
open System.Collections.Generic
open Plastic.Core

/// A task whose episodes come from arrays: inputs [N, T, I] and targets [N, T, O], or class labels [N, T] as whole numbers; weights [T]
/// or [N, T], lengths [N] and split [N] where they are given. The weights of each episode are made to sum to 1, so every episode counts
/// the same. The loss is the mean squared error, or the cross-entropy where targets are labels.
[<AbstractClass; Sealed>]
type DataSet =
    /// The fraction of counted steps at which the true label is not the most likely one.
    static member private WrongLabels =
        Measure(
            "wrong labels",
            fun batch outputs ->
                let width = batch.Outputs
                let mutable wrong = 0.0

                for sample in 0 .. batch.Size - 1 do
                    for t in 0 .. batch.Steps - 1 do
                        let weight = batch.WeightOf(sample, t)
                        let at = (sample * batch.Steps + t) * width

                        if weight > 0.0 then
                            let label = Array.IndexOf(batch.Target, 1.0, at, width)

                            if label <> at + Measure.Likeliest(ReadOnlySpan(outputs, at, width)) then
                                wrong <- wrong + weight

                wrong / float batch.Size
        )

    /// The task of named arrays. `source` is the name of their file, from which the task gets its own. Raises DataException.
    static member Task(source: string, arrays: IReadOnlyList<DataArray>) : Task =
        let stores, steps, outputs = DataReading.read (List.ofSeq arrays)
        let bytes = arrays |> Seq.sumBy _.Bytes
        let first = fst stores.Head
        let inputs, hasLabels = first.Width, first.HasLabels

        let parts =
            [|
                for store, episodes in stores -> DataPart(store, episodes, steps, outputs, bytes) :> IStored
            |]

        let count part = parts[int part].Count
        let test = parts[int Part.Test]

        let outputsText =
            if hasLabels then
                $"{outputs} classes"
            else
                $"{outputs} outputs"

        {
            Name = DataSet.NameOf source
            Summary =
                $"{source}: {count Part.Training} episodes to train on, {count Part.Validation} to validate, {count Part.Test} to test; at most {steps} steps, {inputs} inputs, {outputsText}"
            Floor = "chance is the best constant guess on the test episodes"
            // The test set is tested whole.
            Published = [ "max_batch", "5000"; "test_batches", "1000000" ]
            Loss = if hasLabels then CrossEntropy else MeanSquaredError
            Measure = if hasLabels then DataSet.WrongLabels else null
            Reads = []
            Size = fun _ -> int64 steps * int64 (max inputs outputs)
            Chance = fun _ -> test.Chance test.Count
            LeastLoss = fun _ -> 0.0
            Episodes = fun _ -> Episodes(inputs, outputs, steps, 0, Shuffled(fun part -> parts[int part]))
        }

    /// A text with '_' for other characters than ASCII letters and digits.
    static member internal Clean(text: string) : string =
        String.map (fun c -> if Char.IsAsciiLetterOrDigit c then c else '_') text

    /// The name of the task of a file: "data_" and the file's name, with '_' for other characters than ASCII letters and digits. At most
    /// 64 characters: of a long name the extension stays.
    static member NameOf(source: string) : string =
        let ending = DataSet.Clean(IO.Path.GetExtension source)
        let ending = ending.Substring(0, min 16 ending.Length)
        let name = "data_" + DataSet.Clean(IO.Path.GetFileNameWithoutExtension source)
        name.Substring(0, min (64 - ending.Length) name.Length) + ending
