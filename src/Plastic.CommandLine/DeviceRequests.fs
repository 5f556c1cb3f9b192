namespace Plastic.CommandLine

open Plastic.Settings

/// `devices`
[<Sealed>]
type DevicesRequest internal () =
    inherit Command()

/// `selftest [--device opencl[:N]|cuda[:N]] [--hidden N] [--steps N] [--batch N] [--milliseconds N]`
[<Sealed>]
type SelftestRequest internal (device: string, hidden: int, steps: int, batch: int, seconds: float) =
    inherit Command()
    /// The device, by name.
    member _.Device = device
    /// Hidden units of the networks that are timed.
    member _.Hidden = hidden
    /// Steps of their episodes.
    member _.Steps = steps
    /// Episodes of a batch.
    member _.Batch = batch
    /// Seconds that each measurement takes at least.
    member _.Seconds = seconds

/// `bench roofline --device cuda --model NAME`
[<Sealed>]
type EstimateRequest internal (workload: Workload, model: string) =
    inherit Command()
    /// What is trained.
    member _.Workload = workload
    /// The card that the estimate is for, by name.
    member _.Model = model
