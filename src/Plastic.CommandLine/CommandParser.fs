namespace Plastic.CommandLine

open System
open System.Globalization
open Argu
open Plastic.Core
open Plastic.Settings

/// Reads the command line. Nothing here prints, exits or raises: what cannot be carried out is a Rejected command.
[<AbstractClass; Sealed>]
type CommandParser =
    static let parser =
        ArgumentParser.Create<Arguments>(programName = "plastic", errorHandler = ExceptionExiter())

    static let commands =
        [
            "train"
            "resume"
            "figures"
            "report"
            "eval"
            "list"
            "show"
            "config"
            "verify"
            "gradcheck"
            "laws"
            "bench"
        ]

    static let train (r: ParseResults<TrainArguments>) =
        let options =
            OptionValues.folder (r.TryGetResult TrainArguments.Out),
            OptionValues.resources (r.TryGetResult TrainArguments.Threads) (r.TryGetResult TrainArguments.History),
            OptionValues.whole "--jobs" 1L 1L 1024L (r.TryGetResult Jobs),
            OptionValues.whole
                "--max-failures"
                (int64 Int32.MaxValue)
                1L
                (int64 Int32.MaxValue)
                (r.TryGetResult Max_Failures),
            OptionValues.checkpoints (r.TryGetResult TrainArguments.Resume) (r.TryGetResult TrainArguments.Checkpoint)

        match options with
        | Error fault, _, _, _, _
        | _, Error fault, _, _, _
        | _, _, Error fault, _, _
        | _, _, _, Error fault, _
        | _, _, _, _, Error fault -> Refusal.usage fault
        | Ok out, Ok resources, Ok jobs, Ok failures, Ok checkpoints ->
            let given = r.GetResults TrainArguments.Name_And_Settings

            PlanReading.plan "train" given (r.TryGetResult TrainArguments.Seed) (fun plan ->
                TrainRequest(
                    plan,
                    out,
                    resources,
                    int jobs,
                    int failures,
                    checkpoints,
                    r.Contains TrainArguments.Dry_Run
                ))

    static let figures (r: ParseResults<FiguresArguments>) =
        match OptionValues.folder (r.TryGetResult FiguresArguments.Out) with
        | Error fault -> Refusal.usage fault
        | Ok out ->
            let given = r.GetResults FiguresArguments.Name_And_Settings
            let seed = r.TryGetResult FiguresArguments.Seed
            let allowMissing = r.Contains FiguresArguments.Allow_Missing

            match List.concat given, seed with
            | [ "all" ], None -> FiguresRequest(Listing.Experiments, out, allowMissing)
            | "all" :: _, _ -> Refusal.usage "figures all takes neither settings nor seeds"
            | _ -> PlanReading.plan "figures" given seed (fun plan -> FiguresRequest([| plan |], out, allowMissing))

    static let report (r: ParseResults<ReportArguments>) =
        match OptionValues.folder (r.TryGetResult ReportArguments.Out) with
        | Error fault -> Refusal.usage fault
        | Ok out ->
            PlanReading.plan
                "report"
                (r.GetResults ReportArguments.Name_And_Settings)
                (r.TryGetResult ReportArguments.Seed)
                (fun plan -> ReportRequest(plan, out))

    static let config (r: ParseResults<ConfigArguments>) =
        PlanReading.plan "config" (r.GetResults ConfigArguments.Name_And_Settings) None (fun plan ->
            ConfigRequest(plan, r.Contains ConfigArguments.Explain))

    static let verify (r: ParseResults<VerifyArguments>) =
        Refusal.words "verify" (r.GetResults VerifyArguments.Files) (fun given ->
            match given with
            | [] -> Refusal.usage "verify needs at least one golden case (a JSON file)"
            | files -> VerifyRequest(Array.ofList files))

    static let gradcheck (r: ParseResults<GradcheckArguments>) : Command =
        let isAnalytic = r.Contains GradcheckArguments.Analytic

        match OptionValues.seed (r.TryGetResult GradcheckArguments.Seed) with
        | Ok seed -> GradcheckRequest(seed, isAnalytic)
        | Error fault -> Refusal.usage fault

    static let laws (r: ParseResults<LawsArguments>) =
        let rules = Registry.rules |> List.map _.Name

        Refusal.words "laws" (r.GetResults LawsArguments.Rule) (fun given ->
            let options =
                OptionValues.seed (r.TryGetResult LawsArguments.Seed),
                OptionValues.whole "--cases" 0L 1L 1_000_000L (r.TryGetResult Cases)

            match given, options with
            | _, (Error fault, _)
            | _, (_, Error fault) -> Refusal.usage fault
            | [ name ], (Ok seed, Ok cases) ->
                match Registry.tryFind name with
                | Some rule ->
                    let replay = r.TryGetResult Replay |> Option.defaultValue ""
                    LawsRequest(rule, seed, int cases, replay)
                | None -> Refusal.unknown "rule" rules name
            | _ -> Refusal.usage "laws needs one rule (plastic list rules)")

    /// The workload that options and further settings describe.
    static let workload (r: ParseResults<WorkloadArguments>) (use': Workload -> Resources -> int -> Command) : Command =
        let sizes =
            OptionValues.whole "--inputs" 16L 1L 100000L (r.TryGetResult Inputs),
            OptionValues.whole "--steps" 20L 1L 100000L (r.TryGetResult Steps),
            OptionValues.whole "--repeat" 20L 1L 100000L (r.TryGetResult Repeat),
            OptionValues.resources (r.TryGetResult WorkloadArguments.Threads) (r.TryGetResult WorkloadArguments.History)

        let named =
            [
                "cell", r.TryGetResult Cell
                "rule", r.TryGetResult WorkloadArguments.Rule
                "hidden", r.TryGetResult Hidden
                "extra", r.TryGetResult Extra
                "batch", r.TryGetResult WorkloadArguments.Batch
            ]
            |> List.choose (fun (key, value) -> value |> Option.map (fun text -> $"{key}={text}"))

        Refusal.words "bench" (r.GetResults Settings) (fun given ->
            match sizes, Configuration.parse (named @ given) with
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
                            Rule = "hebbian"
                        }

                match Configuration.conflicts settings with
                | [] when int64 settings.Batch * steps * inputs > int64 Int32.MaxValue ->
                    Rejected("batch × steps × inputs must be below 2³¹", false)
                | [] -> use' (Workload(settings, int inputs, int steps)) resources (int repeat)
                | conflicts -> Refusal.rejected conflicts)

    static let bench (r: ParseResults<BenchArguments>) : Command =
        match r.TryGetSubCommand() with
        | Some(Step r) -> workload r (fun w resources repeat -> BenchStepRequest(w, resources, repeat))
        | Some(Roofline r) -> workload r (fun w resources repeat -> RooflineRequest(w, resources, repeat))
        | None -> Refusal.usage "bench needs step or roofline (see plastic bench --help)"

    static let command (results: ParseResults<Arguments>) : Command =
        if results.Contains Arguments.Version then
            VersionRequest()
        else
            match results.TryGetSubCommand() with
            | Some(Train r) -> train r
            | Some(Arguments.Resume r) -> RunCommands.resume r
            | Some(Figures r) -> figures r
            | Some(Report r) -> report r
            | Some(Eval r) -> RunCommands.eval r
            | Some(List r) -> RunCommands.list r
            | Some(Show r) -> RunCommands.show r
            | Some(Config r) -> config r
            | Some(Verify r) -> verify r
            | Some(Gradcheck r) -> gradcheck r
            | Some(Laws r) -> laws r
            | Some(Bench r) -> bench r
            | _ -> Refusal.usage $"no command given; choose from {Refusal.join commands} (see plastic --help)"

    /// Argu's message on one line, with the closest known name.
    static let complaint (error: ArguParseException) =
        let line = error.Message.Split('\n') |> Array.head |> _.Trim()

        let line =
            if line.StartsWith("ERROR: ") then
                line.Substring(7)
            else
                line

        match line.Split '\'' with
        | [| start; given; _ |] when start.StartsWith("unrecognized argument") ->
            if given.StartsWith '-' then
                $"unknown option {Quote.text given}{Refusal.meant Refusal.options given} (see plastic --help)"
            else
                $"unknown command {Quote.text given}{Refusal.meant commands given} (see plastic --help)"
        | _ -> $"{line.TrimEnd '.'} (see plastic --help)"

    /// `help` and `help train` as `--help` and `train --help`.
    static let asOption (args: string[]) =
        match List.ofArray args with
        | "help" :: rest -> Array.ofList (rest @ [ "--help" ])
        | _ -> args

    /// The command that the words of the command line request.
    static member Parse(args: string[]) : Invocation =
        let asked =
            try
                command (parser.ParseCommandLine(asOption args, raiseOnUsage = true))
            with :? ArguParseException as error ->
                match error.ErrorCode with
                | ErrorCode.HelpText -> HelpRequest error.Message
                | _ -> Refusal.usage (complaint error)

        let said option = Array.contains option args
        Invocation(asked, said "--json", said "--quiet", said "--no-color", said "--verbose" || said "-v")
