/// Settings that are said to change nothing change nothing, and those that a rule or cell reads are not said to.
module Plastic.Laws.IdleLaws

open Expecto
open Plastic.Core
open Plastic.Settings

let private settings rule cell =
    { RunSettings.Default with
        Rule = rule
        Cell = cell
        Hidden = 3
        Extra = 1
        Batch = 2
        WeightDecay = 0.01
    }

let private everything =
    [
        for rule in Registry.rules do
            for cell in [ Rnn; Lstm; SingleLayer; TwoLayer; Attractor ] -> settings rule.Name cell
    ]

let private idle settings =
    Idle.among [ settings ] Fields.all |> List.map _.Name |> Set.ofList

/// The idle settings of everything, found once.
let private found = lazy [ for settings in everything -> settings, idle settings ]

let private others (field: Field) (settings: RunSettings) =
    match field.Kind with
    | Wholes(low, high) -> [ Whole low; Whole(min high (low + 4L)) ]
    | Numbers(_, high) -> [ Number(0.3 * min 1.0 high); Number(0.7 * min 1.0 high) ]
    | Bounds _ -> [ Number 1e-3; Number infinity ]
    | Switches -> [ Switch true; Switch false ]
    | Words words
    | Names words -> words |> List.map Word
    |> List.map (fun value -> field.Set value settings)
    |> List.filter (Configuration.conflicts >> List.isEmpty)

/// A bound whose range begins above 1.
let private bound =
    RuleSetting.bound "my_bound" (1.0, 10.0) 10.0 [ 2.0; infinity ] "a bound"

/// A number of which a rule reads only the whole part.
let private order = RuleSetting.number "my_order" (1.0, 3.0) 2.0 [] "a whole number"

/// Hebb's rule, with traces that `bound` bounds and `order` times as much of pre.
let private whole =
    let update (seen: Plasticity) (layer: Activity) : Update =
        {
            Keep = Expr.scalar 0.5
            Rate = Expr.scalar 0.5
            Pairs = [ float (int (seen.Value order)) * layer.Pre, layer.Post ]
            Eligibility = None
            Bound = Bound.trace (seen.Value bound)
        }

    { Rules.Hebbian.rule with
        Name = "whole"
        LearnsBiases = false
        Settings = [ bound; order ]
        Learn = Some(fun seen -> HebbianTrace.learned (Expr.scalar 0.5) (Expr.scalar 0.5) (update seen) seen)
    }

// They share a value that takes long to compute: one of them computes it, and none waits for it.
[<Tests>]
let tests =
    testSequencedGroup "idle"
    <| testList
        "Idle"
        [
            testCase "an idle setting changes neither initial values nor losses nor gradients" (fun () ->
                let mutable compared = 0

                for settings, idle in found.Value do
                    let run (settings: RunSettings) =
                        let network = PlasticNetwork(RunNetwork.options settings)
                        let task = RunNetwork.task settings
                        let batch = (task.Episodes settings.Episode).Batch(task.TestKey, 0L, settings.Batch)
                        let initial = network.InitialValues 1L
                        let episode = network.RunReference(initial, batch, true)
                        initial, episode.SampleLoss, episode.Gradients

                    let expected = lazy (run settings)

                    for field in Fields.all |> List.filter (_.Name >> idle.Contains) do
                        for changed in others field settings do
                            Expect.isTrue
                                (run changed = expected.Value)
                                $"{settings.Rule} {settings.Cell.Name}: {field.Name}"

                            compared <- compared + 1

                Expect.inRange compared 200 10_000 "compared")

            testCase "what a rule, a cell or an optimiser reads is not idle, and what it does not is" (fun () ->
                let readers name =
                    found.Value
                    |> List.filter (fun (_, idle) -> not (idle.Contains name))
                    |> List.map (fun (s, _) -> s.Rule)
                    |> List.distinct

                Expect.equal (readers "gamma") [ "bohp" ] "readers 'gamma'"
                Expect.equal (readers "train_gamma") [ "bohp" ] "readers 'train_gamma'"

                Expect.equal
                    (readers "trace_rate" |> set)
                    (set [ "trace"; "oja"; "retroactive" ])
                    "readers 'trace_rate' |> set"

                Expect.equal
                    (readers "trace_clip" |> set)
                    (set [ "neuromodulated"; "retroactive" ])
                    "readers 'trace_clip' |> set"

                Expect.equal (readers "inner_loss") [ "gradient" ] "readers 'inner_loss'"
                Expect.equal (readers "p_lr" |> set) (set [ "gradient"; "hebbian" ]) "readers 'p_lr' |> set"

                for s, found in found.Value do
                    Expect.equal
                        (found.Contains "hidden")
                        (s.Cell = SingleLayer || s.Cell = Attractor)
                        "found.Contains 'hidden'"

                    Expect.equal (found.Contains "alpha") (s.Rule = "none") "found.Contains 'alpha'"

                    Expect.isTrue
                        (found.IsSupersetOf(set [ "max_step"; "l1"; "l2" ]))
                        "found.IsSupersetOf(set [ 'max_step'; 'l1'; 'l2' ])"

                    Expect.isFalse
                        (found.Contains "weight_decay" || found.Contains "lr" || found.Contains "seed")
                        "found.Contains 'weight_decay' || found.Contains 'lr' || found.Contains 'seed'"

                for rule in [ "none"; "trace" ] do
                    let other =
                        idle
                            { settings rule Rnn with
                                Optimiser = OptimiserKind.RmsProp
                            }

                    Expect.isTrue
                        (other.IsSupersetOf(set [ "weight_decay"; "beta1"; "amsgrad" ]))
                        "other.IsSupersetOf(set [ 'weight_decay'; 'beta1'; 'amsgrad' ])"

                    Expect.isFalse
                        (other.Contains "max_step" || other.Contains "beta2")
                        "other.Contains 'max_step' || other.Contains 'beta2'")

            testCase
                "a setting of a new rule is read by that rule alone, whatever its range and however it is read"
                (fun () ->
                    for setting, given in [ bound :> RuleSetting, Number 5.0; order, Number 1.0; order, Number 3.0 ] do
                        let field = FieldForms.ofRule Library.BuiltIn setting
                        let given = field.Set given (settings "hebbian" Rnn)

                        let isRead rule =
                            let build settings =
                                PlasticNetwork
                                    { RunNetwork.options settings with
                                        Rule = rule
                                    }

                            Idle.reads build field given

                        Expect.isTrue (isRead whole) $"{setting.Name} by the rule that declares it"
                        Expect.isFalse (isRead Rules.Hebbian.rule) $"{setting.Name} by another rule")

            testCase "what a setting is tried with is in its range" (fun () ->
                for field in
                    FieldForms.ofRule Library.BuiltIn bound
                    :: FieldForms.ofRule Library.BuiltIn order
                    :: Fields.all do
                    Expect.isNonEmpty field.Trials field.Name

                    for value in field.Trials do
                        Expect.equal (Field.parse field value.Text) (Ok value) field.Name)

            testCase "a warning says which rules read the setting, where no run has one of them" (fun () ->
                let warning name rule =
                    let field = Fields.all |> List.find (fun field -> field.Name = name)
                    Idle.warning Library.BuiltIn [ settings rule Rnn ] field

                Expect.equal
                    (warning "gamma" "none")
                    "gamma has no effect: only bohp reads it, and no run has rule=bohp"
                    "one rule"

                Expect.equal
                    (warning "trace_rate" "none")
                    "trace_rate has no effect: only trace, oja and retroactive read it, and no run has one of these rules"
                    "several rules"

                Expect.stringStarts
                    (warning "l1" "none")
                    "l1 has no effect on these runs; its meaning: amount by which"
                    "a setting of the program")
        ]
