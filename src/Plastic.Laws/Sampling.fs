namespace Plastic.Laws

open System
open System.Globalization

/// The place of one case in the sequence of random cases, so that it can be checked again. As text: "seed,gamma,size", as a
/// failure prints it. Source: FsCheck's splittable generator (Steele, Lea and Flood 2014).
type CaseSeed =
    {
        /// State of the generator.
        Seed: uint64
        /// The generator's odd increment.
        Gamma: uint64
        /// FsCheck's size of the case, ≥ 0.
        Size: int
    }

    /// "seed,gamma,size".
    override r.ToString() = $"{r.Seed},{r.Gamma},{r.Size}"

    /// The case seed that the text denotes; None if it denotes none.
    static member TryParse(text: string) : CaseSeed option =
        let whole (part: string) =
            UInt64.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture)

        match text.Split ',' |> Array.map whole with
        | [| true, seed; true, gamma; true, size |] when size <= uint64 Int32.MaxValue ->
            Some
                {
                    Seed = seed
                    Gamma = gamma
                    Size = int size
                }
        | _ -> None

/// Which random cases a law is checked on. The same sampling gives the same cases.
type Sampling =
    {
        /// Determines, together with a law's name, every random number of the law's cases.
        Seed: int64
        /// The number of cases of every law, ≥ 1; None for each law's own number.
        Cases: int option
        /// Multiplies a law's own number of cases, ≥ 1.
        Times: int
        /// One case alone, instead of all others.
        Replay: CaseSeed option
    }

    /// Seed 0 and each law's own number of cases.
    static member Default: Sampling =
        {
            Seed = 0L
            Cases = None
            Times = 1
            Replay = None
        }

    /// What OfEnvironment gives where `variable` gives the environment's variables, null or empty for one that is not set.
    static member internal OfVariables(variable: string -> string) : Result<Sampling, string> =
        let isNightly = variable "PLASTIC_NIGHTLY" = "1"

        let sampling =
            { Sampling.Default with
                Seed = if isNightly then DateTime.UtcNow.Ticks else 0L
                Times = if isNightly then 20 else 1
            }

        match variable "PLASTIC_REPLAY" with
        | null
        | "" -> Ok sampling
        | text ->
            match CaseSeed.TryParse text with
            | Some replay -> Ok { sampling with Replay = Some replay }
            | None -> Error $"PLASTIC_REPLAY must be seed,gamma,size, as printed by a failure, not '{text}'"

    /// The sampling that the environment sets: PLASTIC_REPLAY=seed,gamma,size checks that one case; PLASTIC_NIGHTLY=1 uses a
    /// new seed each time and twenty times as many cases. An error on one line if PLASTIC_REPLAY is malformed.
    static member OfEnvironment() : Result<Sampling, string> =
        Sampling.OfVariables(fun name -> Environment.GetEnvironmentVariable name)
