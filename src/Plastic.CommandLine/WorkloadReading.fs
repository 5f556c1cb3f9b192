namespace Plastic.CommandLine

open System
open Argu
open Plastic.Settings

/// From the options and settings of `bench` to a workload.
[<RequireQualifiedAccess>]
module internal WorkloadReading =
    /// The workload that options and further settings describe.
    let workload
        (loader: ICodeLoader)
        (r: ParseResults<WorkloadArguments>)
        (use': Workload -> Resources -> int -> Command)
        : Command =
        let sizes =
            OptionValues.whole "--inputs" 16L 1L 100000L (r.TryGetResult WorkloadArguments.Inputs),
            OptionValues.whole "--steps" 20L 1L 100000L (r.TryGetResult WorkloadArguments.Steps),
            OptionValues.whole "--repeat" 20L 1L 100000L (r.TryGetResult WorkloadArguments.Repeat),
            OptionValues.resources
                (r.TryGetResult WorkloadArguments.Threads)
                (r.TryGetResult WorkloadArguments.History)
                (r.TryGetResult WorkloadArguments.Device)
            |> OptionValues.ranked (r.TryGetResult WorkloadArguments.Ranks)

        let named =
            [
                "cell", r.TryGetResult Cell
                "rule", r.TryGetResult WorkloadArguments.Rule
                "hidden", r.TryGetResult WorkloadArguments.Hidden
                "extra", r.TryGetResult Extra
                "batch", r.TryGetResult WorkloadArguments.Batch
            ]
            |> List.choose (fun (key, value) -> value |> Option.map (fun text -> $"{key}={text}"))

        Refusal.words "bench" (r.GetResults Settings) (fun given ->
            let library, words = CodeReading.settings loader Library.BuiltIn (named @ given)

            match sizes, Configuration.parse library words with
            | (Error fault, _, _, _), _
            | (_, Error fault, _, _), _
            | (_, _, Error fault, _), _
            | (_, _, _, Error fault), _ -> Refusal.usage fault
            | _, Error faults -> Refusal.rejected faults
            | _, Ok overrides when not (Configuration.several overrides).IsEmpty ->
                Refusal.rejected (Configuration.several overrides)
            | (Ok inputs, Ok steps, Ok repeat, Ok resources), Ok overrides ->
                let settings =
                    Configuration.apply
                        overrides
                        { RunSettings.Default with
                            Library = library
                            Rule = "hebbian"
                        }

                match Configuration.conflicts settings with
                | [] when int64 settings.Batch * steps * inputs > int64 Int32.MaxValue ->
                    Rejected("batch × steps × inputs must be below 2³¹", false)
                | [] -> use' (Workload(settings, int inputs, int steps)) resources (int repeat)
                | conflicts -> Refusal.rejected conflicts)
