namespace Plastic.Settings

open Plastic.Core
open Plastic.Tasks

/// Finds settings that a run does not read, by trial: with another value, the same network is built and trained the same way.
[<RequireQualifiedAccess>]
module internal Idle =
    /// The settings that an optimiser reads.
    let private optimiser (s: RunSettings) : Value list =
        match s.Optimiser with
        | OptimiserKind.AdamW ->
            [
                Number s.Beta1
                Number s.Beta2
                Number s.Epsilon
                Number s.WeightDecay
                Switch s.AmsGrad
            ]
        | OptimiserKind.RmsProp ->
            [
                Number s.Beta2
                Number s.Epsilon
                Number s.MaxStep
                Number s.PenaltyL1
                Number s.PenaltyL2
            ]

    /// Settings that only some networks and optimisers read. Every run reads the others.
    let private probed =
        set
            [
                "hidden"
                "extra"
                "modulation"
                "alpha"
                "layer_norm"
                "bias"
                "init_sd"
                "inner_loss"
                "weight_decay"
                "beta1"
                "amsgrad"
                "max_step"
                "l1"
                "l2"
                for setting in Registry.settings do
                    setting.Name
            ]

    /// A few other values of a field.
    let private others (field: Field) (value: Value) : Value list =
        match field.Kind with
        | Wholes(low, high) -> [ Whole(low); Whole(min high (low + 1L)) ]
        | Numbers(low, high) -> [ Number low; Number(min high (low + 0.5)) ]
        | Bounds _ -> [ Number 0.25; Number infinity ]
        | Switches -> [ Switch true; Switch false ]
        | Words words
        | Names words -> words |> List.map Word
        |> List.filter ((<>) value)

    /// What training depends on: the initial values, the loss without what is only observed, and the optimiser.
    let private made (s: RunSettings) =
        let network = PlasticNetwork(Configuration.network s)

        network.LossProgram, List.ofSeq network.Parameters, optimiser s

    /// Whether another value of the field would change a run with these settings.
    let private reads (field: Field) (settings: RunSettings) =
        let now = lazy (made settings)

        // A setting that allows no other value beside the rest counts as read.
        let differs value =
            let changed = field.Set value settings

            not (Configuration.conflicts changed).IsEmpty || made changed <> now.Value

        not (probed.Contains field.Name)
        || others field (field.Get settings) |> List.exists differs

    /// The fields that none of these runs reads.
    let among (runs: RunSettings list) (fields: Field list) : Field list =
        // Which settings are read does not depend on the size of the network.
        let kinds =
            runs
            |> List.distinctBy (fun s ->
                s.Cell.Name, s.Rule, s.Optimiser, s.Modulation, s.Alpha, s.FrozenWeights, Configuration.switches s)

        fields |> List.filter (fun field -> not (kinds |> List.exists (reads field)))
