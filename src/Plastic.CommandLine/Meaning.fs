namespace Plastic.CommandLine

open System
open Plastic.Core

/// Help texts of options that several commands share, and names in them.
[<RequireQualifiedAccess>]
module internal Meaning =
    let runsFolder = "the folder that holds runs/ (default: the current one)"

    /// The names of all cells.
    let cells = String.Join(", ", Cell.All |> Seq.map _.Name)

    /// The names of all encoders.
    let encoders = String.Join(", ", EncoderKind.All |> Seq.map _.Name)

    let seeds = "one seed, or a range A..B"

    let threads =
        "number of threads (default: one per processor); results do not depend on it"

    let device =
        "what networks run on: cpu, opencl[:N] or cuda[:N] (plastic devices lists them; default: cpu); results are the same up to rounding; OpenCL on this machine's own CPU is for proof, and far slower than cpu"

    let ranks =
        "mpi: this process is one of those that mpirun, mpiexec or srun started, which train one run together (mpirun -n R plastic … --ranks mpi); results do not depend on their number"

    let history =
        "MB of fast weights that each thread may store for the backward pass (default: 64); with less, more is recomputed"

    let trust =
        "run the code in the run's folder, of a rule or a task from a file that was not used on this machine before"

    let checkpoint = "seconds between checkpoints (default: 60)"
