namespace Plastic.Settings

open Plastic.Core
open Plastic.Tasks

/// Settings that a run does not read, found by trying: with another value the same network is built and trained the same way.
[<RequireQualifiedAccess>]
module Idle =
    /// What an optimiser reads of its own.
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

    /// The settings of networks and optimisers, which not all of them read; the others every run reads.
    let private probed =
        set
            [
                "hidden"
                "extra"
                "modulation"
                "alpha"
                "p_lr"
                "p_wd"
                "clip"
                "weight_clip"
                "trace_clip"
                "trace_rate"
                "gamma"
                "train_gamma"
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

    /// What training goes by: the initial values, the loss without what is only looked at, and the optimiser.
    let private made (s: RunSettings) =
        let network = PlasticNetwork(Configuration.network s)

        let step =
            Lowering.program
                { network.Network.Step with
                    Outputs = []
                }

        step, List.ofSeq network.Parameters, optimiser s

    /// Whether a run of these settings would be another with another value of the field.
    let private reads (field: Field) (settings: RunSettings) =
        let now = lazy (made settings)

        // What cannot be otherwise with the rest is read.
        let differs value =
            let changed = field.Set value settings

            not (Configuration.conflicts changed).IsEmpty || made changed <> now.Value

        not (probed.Contains field.Name)
        || others field (field.Get settings) |> List.exists differs

    /// The fields of which none of these runs reads the value.
    let among (runs: RunSettings list) (fields: Field list) : Field list =
        // What is read depends on what there is, not on its size.
        let kinds =
            runs
            |> List.distinctBy (fun s -> s.Cell.Name, s.Rule, s.Optimiser, s.Modulation, s.Alpha, s.FrozenWeights)

        fields |> List.filter (fun field -> not (kinds |> List.exists (reads field)))
