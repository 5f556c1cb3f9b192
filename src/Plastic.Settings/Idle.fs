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

    /// Settings that only some networks and optimisers read, besides those of rules. Every run reads the others.
    let private probed =
        set
            [
                "encoder_width"
                "encoder_warmup"
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
            ]

    /// Whether another value of the field would change a run with these settings, whose network is the one that `build`
    /// gives.
    let reads (build: RunSettings -> PlasticNetwork) (field: Field) (settings: RunSettings) : bool =
        // What training depends on: the initial values, the loss without what is only observed, and the optimiser.
        let made (s: RunSettings) =
            let network = build s
            let warmup = if isNull network.Encoder then 0 else s.EncoderWarmup
            network.LossProgram, List.ofSeq network.Parameters, warmup, optimiser s

        let now = lazy (made settings)

        // Every trial is in range. A setting that allows no other value beside the rest counts as read.
        let differs value =
            let changed = field.Set value settings

            not (Configuration.conflicts changed).IsEmpty || made changed <> now.Value

        field.Trials |> List.filter ((<>) (field.Get settings)) |> List.exists differs

    /// The fields that none of these runs reads.
    let among (runs: RunSettings list) (fields: Field list) : Field list =
        // Which settings are read does not depend on the size of the network.
        let kinds =
            runs
            |> List.distinctBy (fun s ->
                s.Cell.Name,
                s.Encoder,
                s.Rule,
                s.Optimiser,
                s.Modulation,
                s.Alpha,
                s.FrozenWeights,
                Configuration.switches s)

        fields
        |> List.filter (fun field ->
            (probed.Contains field.Name || not (List.contains field.Name Fields.own))
            && not (kinds |> List.exists (reads RunNetwork.create field)))

    /// What to say of a field that none of these runs reads, and why none does where the rule decides; the rules are those of a
    /// library.
    let warning (library: Library) (runs: RunSettings list) (field: Field) : string =
        let readers = library.Readers field.Name |> List.map _.Name

        let isRun rule =
            runs |> List.exists (fun s -> s.Rule = rule)

        match readers with
        | [ reader ] when not (isRun reader) ->
            $"{field.Name} has no effect: only {reader} reads it, and no run has rule={reader}"
        | _ :: _ when not (List.exists isRun readers) ->
            let but, last = List.splitAt (readers.Length - 1) readers
            let but = System.String.Join(", ", but)
            $"{field.Name} has no effect: only {but} and {last.Head} read it, and no run has one of these rules"
        | _ -> $"{field.Name} has no effect on these runs; its meaning: {field.Help}"
