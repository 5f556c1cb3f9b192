namespace Plastic.Settings

/// What a figure shows.
type FigureKind =
    /// Validation loss over training steps.
    | Learning
    /// The test loss over an axis; x shows its value times a factor.
    | Against of axis: string * times: float
    /// Mean and standard deviation of the inner learning rate η(t) over test episodes.
    | InnerRate
    /// The training loss over training steps: median and quartiles over the seeds.
    | Training
    /// The same, with a thin line for every seed instead of the quartiles.
    | Seeds
    /// The mean loss over the last training batches, which change no weights: one row per point, over the seeds.
    | Frozen
    /// Test losses in rows and columns: columns by one axis, rows by the others.
    | Table of columns: string
    /// The task's additional metric in validations over training steps.
    | Metric
    /// The same metric of the test in rows and columns, as Table.
    | MetricTable of columns: string
    /// How an axis's values rank by test loss among runs that are equal in all else, and the loss as a multiple of chance; over the seeds.
    | Ranks of axis: string

/// A kind of figures of an experiment, one for each combination of some axes' values.
type Figure =
    {
        /// Each {axis} stands for that axis's value; the figure is split by these axes.
        Name: string
        /// What it shows.
        Kind: FigureKind
    }

    /// The axes in the name.
    member f.Split: string list =
        f.Name.Split('{', '}')
        |> Array.indexed
        |> Array.filter (fun (at, _) -> at % 2 = 1)
        |> Array.map snd
        |> List.ofArray
