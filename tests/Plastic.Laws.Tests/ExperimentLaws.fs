/// Experiments and the command line: what is typed becomes runs or a refusal.
module Plastic.Laws.ExperimentLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Plastic.CommandLine
open Plastic.Laws.SettingsLaws
open Plastic.Settings

/// These command lines name no files.
let private noFiles =
    { new ICodeLoader with
        member _.Rule reference = failwith reference
        member _.Task reference = failwith reference
        member _.Data path = failwith path
        member _.Images _ = Seq.empty
        member _.ImagePlace = ""
    }

/// What each command requests.
let private requests =
    [
        "train", typeof<TrainRequest>
        "resume", typeof<ResumeRequest>
        "list", typeof<ListRequest>
        "figures", typeof<FiguresRequest>
        "config", typeof<ConfigRequest>
        "verify", typeof<VerifyRequest>
        "gradcheck", typeof<GradcheckRequest>
        "laws", typeof<LawsRequest>
        "eval", typeof<EvalRequest>
        "export", typeof<ExportRunRequest>
        "report", typeof<ReportRequest>
        "bench", typeof<BenchStepRequest>
        "show", typeof<ShowRequest>
        "compare", typeof<CompareRequest>
        "stop", typeof<StopRequest>
        "rm", typeof<RemoveRequest>
    ]

let private commandNames = requests |> List.map fst

/// What a command line that is accepted requests: the version, or what its first command says.
let private requested words =
    if List.contains "--version" words then
        typeof<VersionRequest>
    else
        words
        |> List.pick (fun word -> requests |> List.tryFind (fst >> (=) word))
        |> snd

[<Tests>]
let tests =
    testList
        "Experiment"
        [
            testCase
                "points have the same name just when they have the same settings, however they were typed"
                (fun () ->
                    // A few settings of which one, two or three values are given, the published ones among them.
                    let several =
                        gen {
                            let! keys =
                                Gen.subListOf [ "rule"; "cell"; "lr"; "p_wd"; "p_lr"; "hidden"; "extra"; "batch" ]

                            let texts key =
                                match key with
                                | "rule" -> [ "gradient"; "hebbian"; "none" ]
                                | "cell" -> [ "RNN"; "LSTM" ]
                                | "lr" -> [ "0.001"; "0.01"; "0.0003" ]
                                | "hidden" -> [ "128"; "64"; "3" ]
                                | "extra" -> [ "4"; "0"; "2" ]
                                | "batch" -> [ "64"; "7" ]
                                | _ -> [ "0.1"; "0.05"; "0" ]

                            return!
                                keys
                                |> List.truncate 4
                                |> List.map (fun key ->
                                    gen {
                                        let! some = Gen.nonEmptyListOf (Gen.elements (texts key))
                                        return key, String.Join(",", List.distinct some)
                                    })
                                |> Gen.sequenceToList
                        }

                    let pairs =
                        gen {
                            let! name = Gen.elements (Experiments.names Library.BuiltIn)
                            let! a, b = Gen.two (Gen.oneof [ choices; several ])
                            return name, a, b
                        }

                    Law.holds "identity"
                    <| Prop.forAll (Arb.fromGen pairs) (fun (name, a, b) ->
                        let overrides choices =
                            parsed (choices |> List.filter (fun (key, _) -> key <> "task"))

                        let experiment = (Experiments.tryFind Library.BuiltIn name []).Value

                        let points choices =
                            Experiment.points (overrides choices) experiment
                            |> List.map (fun p -> p.Name, Configuration.identity { p.Settings with Seed = 0L })

                        Expect.sequenceEqual
                            (points (List.rev a) |> List.sortBy fst)
                            (points a |> List.sortBy fst)
                            "points (List.rev a) |> List.sortBy fst"

                        let all = points a @ points b |> List.distinct

                        (all |> List.groupBy fst)
                        |> Seq.iter (fun (_, same) -> Expect.single same "same" |> ignore)

                        (all |> List.groupBy snd)
                        |> Seq.iter (fun (_, same) -> Expect.single same "same" |> ignore)

                        for name, _ in all do
                            Expect.inRange name.Length 1 140 "name.Length"
                            Expect.isFalse (name.Contains "/") "name"))

            testCase "every experiment expands to points that describe networks" (fun () ->
                for experiment in Experiments.all do
                    let points = Experiment.points [] experiment
                    Expect.isNonEmpty points "points"

                    Expect.equal
                        (points |> List.distinctBy _.Name |> List.length)
                        points.Length
                        "points |> List.distinctBy _.Name |> List.length"

                    for point in points do
                        Expect.isEmpty
                            (Configuration.conflicts point.Settings)
                            "Configuration.conflicts point.Settings")

            testCase "the demo is the published one" (fun () ->
                let plan =
                    Plan((Experiments.tryFind Library.BuiltIn "cuereward_demo" []).Value, [], [ 0L ])

                let found =
                    [
                        for run in plan.Runs ->
                            run.Directory, run.Settings.Hidden, run.Settings.MaxBatch, run.Settings.Batch
                    ]

                Expect.sequenceEqual
                    found
                    [
                        "cuereward_demo/cell=RNN,rule=gradient/seed=0", 128, 5000, 64
                        "cuereward_demo/cell=RNN,rule=hebbian/seed=0", 128, 5000, 64
                        "cuereward_demo/cell=RNN,rule=none/seed=0", 192, 5000, 64
                    ]
                    "found")

            testCase "any words make a command or a rejection on one line" (fun () ->
                let words =
                    [
                        "train"
                        "list"
                        "figures"
                        "config"
                        "verify"
                        "gradcheck"
                        "laws"
                        "hebbian"
                        "--cases"
                        "--replay"
                        "eval"
                        "report"
                        "bench"
                        "step"
                        "all"
                        "cuereward_large_test"
                        "regression"
                        "hidden=1..30"
                        "extra=0..99"
                        "seed=0..99"
                        "lr=0.1,0.2,0.1"
                        "K=0,5"
                        "delay=7"
                        "task=regression"
                        "--jobs"
                        "--max-failures"
                        "--allow-missing"
                        "show"
                        "cuereward_demo"
                        "cuereward"
                        "runs"
                        "hidden=3"
                        "rule=x"
                        "lr=NaN"
                        "--seed"
                        "0..3"
                        "3..0"
                        "--out"
                        "--threads"
                        "2"
                        "--json"
                        "--dry-run"
                        "--version"
                        "-"
                        "--"
                        "-x"
                        ""
                        "="
                        "a\nb"
                    ]

                // Half of the time a command first, so that there is something to accept.
                let lines =
                    gen {
                        let! words = Gen.listOf (Gen.elements words)
                        let! command = Gen.elements commandNames
                        let! short = Gen.choose (0, 3)
                        let! starts = Gen.elements [ false; true ]

                        return
                            if starts then
                                command :: List.truncate short words
                            else
                                words
                    }

                Law.holdsOften
                    1000
                    "command line"
                    [ "a command", 0.02; "a rejection", 0.3 ]
                    (Arb.fromGen lines)
                    (fun tally words ->
                        match (CommandParser.Parse(Array.ofList words, noFiles)).Command with
                        | :? Rejected as rejected ->
                            Expect.isFalse (rejected.Message.Contains "\n") "a line's end"
                            Expect.isFalse (rejected.Message.Contains "USAGE") "the usage"
                            Expect.isNonEmpty rejected.Message "the reason"
                            tally.Note("a rejection", true)
                        | command ->
                            Expect.equal (command.GetType()) (requested words) "what is requested"
                            tally.Note("a command", true)))

            testCase "in a grid, prototypes appear without plasticity only" (fun () ->
                let cells texts =
                    (Experiments.tryFind Library.BuiltIn "fsc_signs" []).Value
                    |> Experiment.points (parsed texts)
                    |> List.map (fun p -> p.Settings.Cell.Name, p.Settings.Rule)

                let plastic =
                    [
                        for rule in [ "gradient"; "hebbian"; "none" ] do
                            for cell in [ "RNN"; "LSTM" ] -> cell, rule
                    ]

                Expect.sequenceEqual (cells []) (plastic @ [ "prototypes", "none" ]) "all"

                Expect.sequenceEqual
                    (cells [ "rule", "hebbian" ])
                    [ "RNN", "hebbian"; "LSTM", "hebbian" ]
                    "with one rule"

                // What is asked for on its own is refused with its reason, not left out.
                Expect.sequenceEqual
                    (cells [ "rule", "hebbian"; "cell", "prototypes" ])
                    [ "prototypes", "hebbian" ]
                    "on their own")

            testCase "an experiment over tasks can be narrowed to some of them, and to no others" (fun () ->
                let parsed words =
                    (CommandParser.Parse(Array.ofList ("train" :: words), noFiles)).Command

                let tasks words =
                    match parsed words with
                    | :? TrainRequest as request ->
                        [ for run in request.Plan.Runs -> run.Settings.Task ] |> List.countBy id
                    | _ -> []

                Expect.sequenceEqual (tasks [ "fsc"; "task=fewshot_cifar_fs" ]) [ "fewshot_cifar_fs", 24 ] "one"

                Expect.sequenceEqual (tasks [ "fsc" ]) [ "fewshot_cifar_fs", 24; "fewshot_mini_imagenet", 24 ] "all"

                Expect.isEmpty (tasks [ "fsc"; "task=fewshot_signs" ]) "another"
                Expect.isEmpty (tasks [ "cuereward_demo"; "task=regression" ]) "none to choose from")
        ]
